"""Two and eight runs at the same time, and a collector beside writers."""

import pytest
from fault_project import FaultProject, delivery
from forked import Child

from python_loaders.landing.log import CommitLog
from python_loaders.landing.verify import verify

ROWS = 20_000


def assert_sound(project: FaultProject, keys: list[str]) -> None:
    """One commit for each key, numbered without a gap, and nothing wrong or left over."""
    commits = project.commits()
    assert [commit.seq for commit in commits] == list(range(1, len(keys) + 1))
    assert sorted(commit.key for commit in commits) == keys
    found = verify(CommitLog(project.landing), lambda _: None)
    assert found.problems == []
    assert found.rows == len(keys) * ROWS


def ends(children: list[Child]) -> list[str]:
    """Wait for all, and return what each said of its deliveries."""
    codes = [child.wait() for child in children]
    assert codes == [0] * len(children), [child.output for child in children]
    return [child.output for child in children]


@pytest.mark.parametrize("runs", [2, 8])
@pytest.mark.fault("concurrent runs, same delivery", outcome="one committed, the others unchanged")
def test_runs_that_land_the_same_make_one_commit(project: FaultProject, runs: int) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora", ROWS))
    said = ends([project.start("land") for _ in range(runs)])
    assert sum(": committed" in text for text in said) == 1
    assert sum(": unchanged (live as commit 1)" in text for text in said) == runs - 1
    assert_sound(project, ["2020"])


@pytest.mark.parametrize("runs", [2, 8])
@pytest.mark.fault(
    "concurrent runs, different deliveries", outcome="each committed once, numbers consecutive"
)
def test_runs_that_land_different_deliveries_commit_each_once(
    project: FaultProject, runs: int
) -> None:
    years = range(2020, 2020 + runs)
    for year in years:
        project.deliver(f"crossings{year}.csv", delivery(year, "Aurora", ROWS))
    paths = [str(project.inbox / f"crossings{year}.csv") for year in years]
    said = ends([project.start("land", "--file", path) for path in paths])
    assert all(": committed" in text for text in said)
    assert_sound(project, [str(year) for year in years])


def test_runs_that_land_all_deliveries_share_them(project: FaultProject) -> None:
    for year in range(2020, 2028):
        project.deliver(f"crossings{year}.csv", delivery(year, "Aurora", ROWS))
    ends([project.start("land") for _ in range(4)])
    assert_sound(project, [str(year) for year in range(2020, 2028)])


@pytest.mark.fault(
    "gc beside a writer", outcome="nothing goes that a commit or a running landing names"
)
def test_a_collector_takes_nothing_from_a_writer(project: FaultProject) -> None:
    years = range(2020, 2028)
    for year in years:
        project.deliver(f"crossings{year}.csv", delivery(year, "Aurora", ROWS))
    left = project.landing / "ferries" / "crossings" / "data" / "dead" / "0-dead.parquet"
    collected = 0
    writers = [project.start("land"), project.start("land")]
    while len(CommitLog(project.landing).paths()) < len(years):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.touch()
        said = ends([project.start("gc", "--grace", "0s") for _ in range(2)])
        collected += sum("removed 1 leftovers" in text for text in said)
    ends(writers)
    assert collected
    assert not left.exists()
    assert_sound(project, [str(year) for year in years])


def test_a_collector_keeps_what_is_young_even_without_the_lock(project: FaultProject) -> None:
    """On a file system that keeps no locks the grace period alone protects a running landing."""
    project.deliver("crossings.csv", delivery(2020, "Aurora", ROWS))
    writer = project.start("land", points=("files",), fault="wait:link:before")
    writer.wait_until_reached()
    (project.landing / "_log" / ".lock").unlink()  # whoever opens the next one gets it
    unfinished = project.tree()
    assert unfinished
    said = project.expect("gc")
    assert "kept, younger than 24h" in said
    assert "removed 0 leftovers" in said
    assert project.tree() == unfinished
    writer.send(9)
    writer.wait()
