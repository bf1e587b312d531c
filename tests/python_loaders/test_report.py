"""What the report reads from a landing zone: deliveries, rejects, changes of columns."""

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.landing.log import CommitLog
from python_loaders.report.landed import Landed, read_landed

QUARANTINE = CONTRACT.replace("delivery:", "rejects: {max_rows: 9}\n            delivery:")


def read(project: Project) -> Landed:
    tables = loadable_tables(load_sources(project.root / "models" / "staging"))
    return read_landed(tables, CommitLog(project.landing))


@pytest.fixture
def landed(project: Project) -> Project:
    """A delivery with two rejects, its correction with one, one that was taken back."""
    project.describe(QUARANTINE)
    for seconds, bad in enumerate(
        ("2020\n2020,Celeste,many,NA,NA,NA\n", "2020,Ann,few,NA,NA,NA\n")
    ):
        project.deliver("crossings.csv", HEADER + ROWS + bad, seconds)
        assert project.land().exit_code == 0
    project.deliver("crossings21.csv", (HEADER + ROWS).replace("2020,", "2021,"))
    assert project.land().exit_code == 0
    assert project.run("undo", "3").exit_code == 0
    return project


def test_each_delivery_has_its_state_and_only_live_ones_count(landed: Project) -> None:
    found = read(landed)
    assert [(delivery.commit.seq, delivery.state) for delivery in found.deliveries] == [
        (4, "undo"),
        (3, "taken back"),
        (2, "live"),
        (1, "replaced"),
    ]
    [table] = found.tables
    assert (table.deliveries, table.rows, table.rejected, found.newest) == (1, 3, 1, 4)
    [reject] = found.rejects
    assert (reject.column, reject.records, reject.last_seq) == ("passengers", 1, 2)
    assert reject.reason == "'few' is not an integer"
    assert reject.example == "crossings.csv, line 5: 2020,Ann,few,NA,NA,NA"


def test_a_damaged_quarantine_is_told(landed: Project) -> None:
    (landed.landing / landed.commits()[1].quarantine[0].path).write_bytes(b"")
    found = read(landed)
    assert "cannot be read" in found.problem
    assert found.rejects == []
    assert len(found.deliveries) == 4


def test_a_new_column_is_a_change(landed: Project) -> None:
    assert read(landed).changes == []
    for path in landed.inbox.iterdir():
        path.unlink()
    landed.describe(QUARANTINE + "          - {name: crew, data_type: smallint}\n")
    landed.deliver("crossings22.csv", HEADER.strip() + ",crew\n2022,Ann,1,1,1,NA,9\n")
    assert landed.land().exit_code == 0
    [change] = read(landed).changes
    assert (change.version, change.commit.seq, change.taken_back) == (2, 5, False)
    assert "crew" in change.change
