"""Earlier states: which there are, what is staged for them, and what is said of wrong numbers."""

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt_common.exceptions import DbtRuntimeError
from ferry_project import HEADER, ROWS, Project

from python_loaders.states.plugin import Plugin

WRONG = {
    "0": "there is no commit 0. The log has the commits 1 to 3",
    "4": "there is no commit 4. The log has the commits 1 to 3",
    "-1": "'-1' is not the number of a commit",
    "last": "'last' is not the number of a commit",
}


@pytest.fixture
def corrected(project: Project) -> Project:
    """A year that was delivered, corrected, and delivered by a mistake."""
    for ship in ("Aurora", "Aurora II", "Titanic"):
        project.deliver("crossings.csv", (HEADER + ROWS).replace("Aurora", ship))
        assert project.land().exit_code == 0
    return project


def stage_with_dbt(number: object) -> None:
    """What dbt-duckdb does with the plugin before it opens the file."""
    plugin = Plugin("states", {"as_of": number}, credentials=None)
    plugin.update_connection_config(DuckDBCredentials(), {})


def ships(project: Project, seq: int) -> list[str]:
    path = project.root / "data" / "states" / f"as_of_{seq}" / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            s
            for (s,) in connection.execute(
                "from raw_ferries.crossings select ship limit 1"
            ).fetchall()
        ]


def test_what_counted_then_is_staged_beside_the_present(corrected: Project) -> None:
    corrected.run("undo", "3")
    corrected.run("stage")
    for seq, ship in enumerate(("Aurora", "Aurora II", "Titanic", "Aurora II"), start=1):
        stage_with_dbt(seq)
        assert ships(corrected, seq) == [ship]
    assert corrected.staged("select ship from raw_ferries.crossings limit 1") == [("Aurora II",)]


@pytest.mark.parametrize("number", WRONG)
def test_wrong_numbers_are_named(corrected: Project, number: str) -> None:
    with pytest.raises(DbtRuntimeError, match=WRONG[number].split(".")[0]) as refused:
        stage_with_dbt(number)
    assert "as_of_seq: " in str(refused.value)
    result = corrected.run("diff", "--from", number)
    assert result.exit_code == 2
    assert WRONG[number] in result.output
    assert "`contrail log` lists them" in result.output
    assert not (corrected.root / "data" / "states").exists()


def test_a_log_without_commits_has_no_states(project: Project) -> None:
    result = project.run("stage", "--as-of", "1")
    assert result.exit_code == 2
    assert "there is no commit 1. The log is empty" in result.output


def test_a_file_that_is_missing_is_named(corrected: Project) -> None:
    (corrected.landing / corrected.commits()[0].files[0].path).unlink()
    with pytest.raises(DbtRuntimeError, match="as commit 1 says"):
        stage_with_dbt(1)


def test_states_that_are_not_built_are_neither_read_nor_dropped(corrected: Project) -> None:
    for command in (["query", "select 1", "--as-of", "2"], ["states", "drop", "2"]):
        result = corrected.run(*command)
        assert result.exit_code == 2, result.output
        assert "commit 2" in result.output
    stage_with_dbt(2)
    assert "land ferries.crossings 2020" in corrected.run("states").output
    assert corrected.run("states", "drop").exit_code == 2
    assert corrected.run("states", "drop", "2", "--all").exit_code == 2
    assert corrected.run("states", "drop", "--all").exit_code == 0
    assert list((corrected.root / "data" / "states").iterdir()) == []


def test_two_different_states_are_compared(corrected: Project) -> None:
    result = corrected.run("diff", "--from", "2", "--to", "2")
    assert result.exit_code == 2
    assert "--from 2 --to 2: name two different states" in result.output
