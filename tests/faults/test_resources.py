"""A full disk, a directory that cannot be written, too few files, a clock that steps back."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from fault_project import HEADER, FaultProject, delivery
from forked import REPOSITORY

BIG_ROWS = 100_000


def incompressible(rows: int) -> str:
    chance = random.Random(1)
    return HEADER + "".join(f"2020,{chance.randbytes(20).hex()},1\n" for _ in range(rows))


@pytest.fixture
def landed(project: FaultProject) -> FaultProject:
    """A landed year, staged, and a large correction of it in the inbox."""
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    project.expect("land")
    project.expect("stage")
    project.deliver("crossings.csv", incompressible(BIG_ROWS))
    return project


def assert_unchanged(project: FaultProject, before: dict[str, str], output: str) -> None:
    assert "Traceback" not in output
    assert project.tree() == before
    assert project.ships() == {"Aurora": 3}
    assert list((project.landing / "_tmp").glob("*/*")) == []


@pytest.fixture
def small_disk(landed: FaultProject) -> Iterator[FaultProject]:
    """The landing directory on a file system of 1 MiB."""
    kept = landed.landing.with_name("kept")
    landed.landing.rename(kept)
    landed.landing.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(landed.landing)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount a small file system ({done.stderr.strip()})")
    try:
        shutil.copytree(kept, landed.landing, dirs_exist_ok=True)
        yield landed
    finally:
        subprocess.run(["umount", str(landed.landing)], check=True)


@pytest.mark.fault("disk full", outcome="failed, with path and bytes; landing unchanged")
def test_a_full_disk(small_disk: FaultProject) -> None:
    before = small_disk.tree()
    code, output = small_disk.run("land")
    assert code == 1
    assert f"{small_disk.inbox / 'crossings.csv'}: " in output
    assert "No space left on device" in output
    assert f"MiB are free for {small_disk.landing}, about 5 MiB are needed" in output
    assert "make room on the disk" in output
    assert_unchanged(small_disk, before, output)
    remount = ["mount", "-o", "remount,size=64m", str(small_disk.landing)]
    subprocess.run(remount, check=True)
    small_disk.expect("land")
    assert sum(small_disk.ships().values()) == BIG_ROWS


@pytest.mark.fault("EFBIG", outcome="failed, with path and what to do; landing unchanged")
def test_a_file_that_may_not_grow(landed: FaultProject) -> None:
    before = landed.tree()
    code, output = landed.run("land", limits={"RLIMIT_FSIZE": 300_000})
    assert code == 1
    assert "File too large" in output
    assert "raise the limit for the size of files (ulimit -f)" in output
    assert_unchanged(landed, before, output)


@pytest.mark.fault("EFBIG while staging", outcome="failed; what was staged before stays")
def test_a_warehouse_that_may_not_grow(landed: FaultProject) -> None:
    landed.expect("land")
    codes = []
    for size in (1_000, 4_096, 8_192, 12_288, 1 << 20):
        hit = landed.copy(landed.root.parent / f"size-{size}")
        code, output = hit.run("stage", limits={"RLIMIT_FSIZE": size})
        codes.append(code)
        assert "Traceback" not in output
        if code:
            assert "the warehouse is as it was before" in output
            assert "File too large" in output
        with duckdb.connect(hit.warehouse, read_only=True) as warehouse:
            rows = warehouse.execute("select count(*) from raw_ferries.crossings").fetchall()
        assert rows == [(3 if code else BIG_ROWS,)]
        hit.expect("stage")
    assert (codes[0], codes[-1]) == (1, 0)


def as_mere_owner(project: FaultProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command that has to respect permissions, also as root."""
    command = [sys.executable, "-m", "python_loaders", *arguments]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def read_only(landed: FaultProject) -> Iterator[FaultProject]:
    """A landing directory that nobody may write."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and setpriv is not there to take that away")
    paths = [landed.landing, *landed.landing.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield landed
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.fault(
    "read-only directory", outcome="failed, with the right to give; what only reads works"
)
def test_a_directory_that_cannot_be_written(read_only: FaultProject) -> None:
    before = read_only.tree()
    for command in (("land",), ("undo", "1"), ("gc", "--grace", "0s")):
        done = as_mere_owner(read_only, *command)
        assert done.returncode == 1, done.stderr
        assert "Permission denied" in done.stderr
        assert str(read_only.landing) in done.stderr
        assert "give yourself the right" in done.stderr
        assert "Traceback" not in done.stderr
    for command in (("plan",), ("verify",), ("status",), ("log",), ("rejects",)):
        done = as_mere_owner(read_only, *command)
        assert done.returncode == 0, done.stderr
    assert read_only.tree() == before


@pytest.mark.fault("too few file descriptors", outcome="failed, with the limit to raise")
def test_too_few_open_files(landed: FaultProject) -> None:
    before = landed.tree()
    landed.deliver("crossings.csv", delivery(2020, "Borealis"))
    codes = set()
    for limit in range(4, 40, 2):
        hit = landed.copy(landed.root.parent / f"files-{limit}")
        code, output = hit.run("land", limits={"RLIMIT_NOFILE": limit})
        codes.add(code)
        assert code in (0, 1), f"{limit} files: {code}\n{output}"
        if code:
            assert "Too many open files" in output, f"{limit} files: {output}"
            assert "raise the limit for open files (ulimit -n)" in output
            assert_unchanged(hit, before, output)
        else:
            assert hit.ships() == {"Borealis": 3}
    assert codes == {0, 1}


@pytest.mark.fault("clock steps back", outcome="the number of the commit decides, never the time")
def test_a_clock_that_steps_back(project: FaultProject) -> None:
    for ship, clock in (
        ("Aurora", "2026-03-29T01:30:00+00:00"),
        ("Borealis", "2026-03-28T00:00:00+00:00"),  # a day back
        ("Celeste", "2026-03-29T02:30:00+02:00"),  # an hour that no clock there shows
    ):
        project.deliver("crossings.csv", delivery(2020, ship))
        project.expect("land", clock=clock)
        project.expect("stage")
        assert project.ships() == {ship: 3}
        with duckdb.connect(project.warehouse, read_only=True) as warehouse:
            staged = warehouse.execute("select distinct ship from raw_ferries.crossings")
            assert staged.fetchall() == [(ship,)]
    assert [commit.seq for commit in project.commits()] == [1, 2, 3]
    landed_at = [commit.landed_at for commit in project.commits()]
    assert landed_at != sorted(landed_at)
    project.deliver("crossings.csv", delivery(2020, "Nautilus"))
    project.expect("land", clock="2999-01-01T00:00:00+00:00")
    assert " 2020   0 min ago" in project.expect("status")


@pytest.mark.parametrize("change", ["appended", "cut", "rewritten with its old time", "exchanged"])
@pytest.mark.fault("changed while it is read", outcome="failed; landing unchanged")
def test_a_file_that_changes_while_it_is_read(
    project: FaultProject, change: str, tmp_path: Path
) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    project.expect("land")
    before = project.tree()
    path = project.deliver("crossings.csv", delivery(2020, "Borealis", 50_000))
    child = project.start("land", points=("landing",), fault="pause:read:after")
    child.wait_until_reached()
    time = path.stat().st_mtime_ns
    if change == "appended":
        with path.open("a") as file:
            file.write("2020,Celeste,1\n")
    elif change == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif change == "exchanged":
        other = tmp_path / "other.csv"
        other.write_text(path.read_text().replace("Borealis", "Nautilus"))
        other.rename(path)
    else:
        with path.open("r+b") as file:
            file.seek(-100, os.SEEK_END)
            file.write(b"2020,Nautilus,49")
    os.utime(path, ns=(time, time))
    child.go_on()
    assert child.wait() == 1
    assert "changed while it was read" in child.output
    assert_unchanged(project, before, child.output)
