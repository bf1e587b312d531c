"""`contrail gc` takes what nobody needs and nothing else."""

import os
import time
from pathlib import Path

import pytest
from ferry_project import HEADER, ROWS, Project

HOUR = 3600


@pytest.fixture
def landed(project: Project) -> Project:
    """Two commits of one key, and an undo: all three have files that stay."""
    project.deliver("crossings.csv", HEADER + ROWS)
    project.land()
    project.deliver("crossings.csv", (HEADER + ROWS).replace("Aurora", "Aurora II"))
    project.land()
    project.run("undo", "2")
    return project


def leave(path: Path, hours: float) -> Path:
    """Leave a file behind, as a run that was killed so many hours ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"part of a file")
    for aged in (path, path.parent):
        os.utime(aged, (time.time() - hours * HOUR,) * 2)
    return path


def leftovers(project: Project, hours: float) -> list[Path]:
    table = project.landing / "ferries" / "crossings"
    return [
        leave(project.landing / "_tmp" / "dead" / "rows.parquet", hours),
        leave(table / "data" / "feedfeedfeedfeed" / "0-deadbeef.parquet", hours),
        leave(table / "quarantine" / "feedfeedfeedfeed-deadbeef.parquet", hours),
        leave(project.inbox / ".crossings2021.csv.part", hours),
        leave(project.inbox / ".crossings2021.csv.part.json", hours),
        leave(project.inbox / ".origin" / "gone.csv.json", hours),
        leave(project.inbox / ".fetch-dead" / "package.whl", hours),
        leave(project.inbox / ".origin" / ".crossings2021.csv.json.draft", hours),
    ]


def kept(project: Project) -> set[Path]:
    return {*project.landing.rglob("*.parquet"), *project.landing.rglob("*.json")}


@pytest.mark.fault(
    "file that no commit names", outcome="read by nobody, named by verify, removed by gc"
)
def test_what_no_commit_names_goes(landed: Project) -> None:
    before = kept(landed)
    left = leftovers(landed, hours=25)
    origin = leave(landed.inbox / ".origin" / "crossings.csv.json", hours=25)
    result = landed.run("gc")
    assert result.exit_code == 0
    assert origin.exists()
    assert "removed 8 leftovers" in result.output
    assert not any(path.exists() for path in left)
    assert not left[1].parent.exists()
    assert kept(landed) == before
    assert landed.run("verify").exit_code == 0
    assert (landed.inbox / "crossings.csv").exists()


def test_what_is_young_stays(landed: Project) -> None:
    left = leftovers(landed, hours=23)
    assert "removed 0 leftovers" in landed.run("gc").output
    assert all(path.exists() for path in left)
    assert "removed 8 leftovers" in landed.run("gc", "--grace", "22h").output
    assert not any(path.exists() for path in left)


def test_one_young_file_keeps_its_directory(landed: Project) -> None:
    leftovers(landed, hours=25)
    young = landed.landing / "_tmp" / "dead" / "spool"
    young.touch()
    landed.run("gc")
    assert young.exists()


def test_a_dry_run_only_tells(landed: Project) -> None:
    left = leftovers(landed, hours=25)
    result = landed.run("gc", "--dry-run")
    assert "would remove 8 leftovers" in result.output
    assert all(str(path.parent if "dead" in path.parts[-2] else path) for path in left)
    assert all(path.exists() for path in left)


def test_an_empty_directory_of_a_killed_run_goes(landed: Project) -> None:
    path = landed.landing / "ferries" / "crossings" / "data" / "feedfeedfeedfeed"
    path.mkdir()
    landed.run("gc")
    assert path.exists()
    os.utime(path, (time.time() - 25 * HOUR,) * 2)
    landed.run("gc")
    assert not path.exists()


def test_without_a_readable_log_nothing_goes(landed: Project) -> None:
    left = leftovers(landed, hours=25)
    (landed.landing / "_log" / "000000000001.json").unlink()
    result = landed.run("gc")
    assert result.exit_code == 1
    assert "000000000001.json: this commit record is missing" in result.output
    assert all(path.exists() for path in left)


@pytest.mark.parametrize("grace", ["", "24", "h", "-1h", "1w", "1.5h"])
def test_a_grace_that_is_none_is_an_error(landed: Project, grace: str) -> None:
    result = landed.run("gc", f"--grace={grace}")
    assert result.exit_code == 2
    assert "give a number and s, m, h or d" in result.output


def test_nothing_landed_leaves_nothing_to_do(project: Project) -> None:
    assert "removed 0 leftovers" in project.run("gc").output
    assert not project.landing.exists()
