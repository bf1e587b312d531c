"""`contrail undo`: a delivery is taken back, the one before it counts again, history stays."""

import pytest
from ferry_project import HEADER, ROWS, Project

COUNT = "select count(*) from raw_ferries.crossings"
SHIP = "select ship from raw_ferries.crossings where _source_row = 1"


def correct(project: Project, ship: str = "Aurora II", seconds: int = 0) -> None:
    project.deliver("crossings.csv", (HEADER + ROWS).replace("Aurora", ship), seconds)
    assert project.land().exit_code == 0


def test_the_delivery_before_is_live_again(project: Project) -> None:
    correct(project, "Aurora")
    correct(project)
    files = project.parquet()
    result = project.run("undo", "2")
    assert result.exit_code == 0
    assert "commit 2 (crossings.csv) is taken back, commit 1 is live" in result.output
    assert project.staged(SHIP) == [("Aurora",)]
    assert project.parquet() == files  # history stays
    taken_back = project.commits()[2]
    assert (taken_back.op, taken_back.undoes, taken_back.files) == ("undo", 2, [])


def test_a_key_without_another_delivery_is_empty(project: Project) -> None:
    correct(project, "Aurora")
    batch = project.commits()[0].batch_id
    result = project.run("undo", batch)
    assert "nothing of this key is live now" in result.output
    assert project.staged(COUNT) == [(0,)]
    assert project.staged(
        "select seq, operation, undoes_seq, is_live, rows_landed from raw_contrail.deliveries"
    ) == [(1, "land", None, False, 3), (2, "undo", 1, False, 0)]
    assert "never" in project.run("status").stdout


@pytest.mark.fault("older bytes again", outcome="stale, unless forced")
def test_undone_bytes_are_stale(project: Project) -> None:
    correct(project, "Aurora")
    project.run("undo", "1")
    result = project.land()
    assert result.exit_code == 0
    assert "stale (landed as commit 1, which commit 2 took back)" in result.output
    assert project.staged(COUNT) == [(0,)]


def test_other_bytes_of_an_undone_key_are_landed(project: Project) -> None:
    correct(project, "Aurora")
    project.run("undo", "1")
    correct(project)
    assert project.staged(SHIP) == [("Aurora II",)]


def test_undo_twice_changes_nothing(project: Project) -> None:
    correct(project, "Aurora")
    correct(project)
    project.run("undo", "2")
    result = project.run("undo", "2")
    assert result.exit_code == 0
    assert "unchanged" in result.output
    assert len(project.commits()) == 3


def test_an_undo_is_taken_back(project: Project) -> None:
    correct(project, "Aurora")
    correct(project)
    project.run("undo", "2")
    result = project.run("undo", "3")
    assert "the undo in commit 3 is taken back, commit 2 is live" in result.output
    assert project.staged(SHIP) == [("Aurora II",)]
    assert "unchanged (live as commit 2)" in project.land().output


def test_what_was_replaced_cannot_be_taken_back(project: Project) -> None:
    correct(project, "Aurora")
    correct(project)
    result = project.run("undo", "1")
    assert result.exit_code == 2
    assert "commit 1 is not live: commit 2 replaced it" in result.output
    project.run("undo", "2")
    assert project.run("undo", "1").exit_code == 0
    assert project.staged(COUNT) == [(0,)]


@pytest.mark.parametrize("name", ["0", "9", "-1", "feedfeedfeedfeed", "' or 1=1"])
def test_an_unknown_name_is_an_error(project: Project, name: str) -> None:
    correct(project, "Aurora")
    result = project.run("undo", "--", name)
    assert result.exit_code == 2
    assert "there is no such commit or batch" in result.output
    assert len(project.commits()) == 1


def test_undo_of_nothing_makes_no_directory(project: Project) -> None:
    assert project.run("undo", "1").exit_code == 2
    assert not project.landing.exists()


def test_the_log_says_what_became_of_each_commit(project: Project) -> None:
    correct(project, "Aurora")
    correct(project)
    correct(project, "Aurora III")
    project.run("undo", "3")
    lines = project.run("log").stdout.rstrip().splitlines()[-4:]
    assert [line.strip().rsplit("  ", 1)[-1].strip() for line in lines] == [
        "replaced",
        "live",
        "taken back",
        "takes 3 back",
    ]
    assert "ferries.crossings" in project.run("log", "ferries").stdout
    assert project.run("log", "nobody").exit_code == 2
