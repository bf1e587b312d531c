"""Publishing: readers have the old copy or the new one, whatever happens to the publisher."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from ferry_project import REPOSITORY, Project

from python_loaders import publish as publishing

ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}
PUBLISH = [sys.executable, "-m", "python_loaders", "publish"]
ROWS = 20_000
READ = "select min(version), max(version), count(*) from facts"


def build(project: Project, version: int) -> Path:
    """Write the warehouse: every row says which version it is of."""
    path = project.root / "data" / "warehouse.duckdb"
    with duckdb.connect(path) as warehouse:
        warehouse.execute(
            f"create or replace table facts as select {version} as version, * from range({ROWS})"
        )
    return path


def published(project: Project) -> Path:
    return project.root / "data" / "published" / "warehouse.duckdb"


def version(project: Project) -> int:
    with duckdb.connect(published(project), read_only=True) as warehouse:
        first, last, rows = warehouse.execute(READ).fetchone()
    assert (first, rows) == (last, ROWS)
    return first


def leftovers(project: Project) -> set[str]:
    return {path.name for path in published(project).parent.iterdir()} - {
        ".lock",
        "warehouse.duckdb",
    }


def test_publish_before_anything_is_built(project: Project) -> None:
    result = project.run("publish")
    assert result.exit_code == 1
    assert "warehouse.duckdb: does not exist yet. Run `make build`" in result.output


def test_query_reads_what_is_published(project: Project) -> None:
    sql = "select min(version) as version from facts"
    build(project, 1)
    assert project.queried(sql) == [{"version": 1}]
    result = project.run("publish")
    assert result.exit_code == 0
    assert str(published(project)) in result.output
    assert "warning" not in project.run("query", sql).output
    build(project, 2)
    assert project.queried(sql) == [{"version": 1}]
    assert "warehouse.duckdb is newer than what is published" in project.run("query", sql).output
    newer = project.run("query", sql, "--unpublished", "--format", "csv")
    assert newer.output == "version\n2\n"
    project.run("publish")
    assert project.queried(sql) == [{"version": 2}]


def test_the_published_file_is_alone_and_for_reading(project: Project) -> None:
    build(project, 1)
    project.run("publish")
    path = published(project)
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    stray = path.with_name("warehouse.duckdb.wal")
    stray.write_bytes(b"of somebody who wrote into it")
    build(project, 2)
    assert project.run("publish").exit_code == 0
    assert leftovers(project) == set()
    assert version(project) == 2


def test_what_a_killed_writer_committed_is_published(project: Project) -> None:
    path = build(project, 1)
    script = f"""
import duckdb, os
warehouse = duckdb.connect({str(path)!r})
warehouse.execute("set checkpoint_threshold = '1TB'")
warehouse.execute("update facts set version = 2")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert path.with_name("warehouse.duckdb.wal").exists()
    assert project.run("publish").exit_code == 0
    assert version(project) == 2


def test_a_warehouse_that_is_written_is_not_published(project: Project) -> None:
    path = build(project, 1)
    project.run("publish")
    before = published(project).stat().st_ino
    hold = f"import duckdb; c = duckdb.connect({str(path)!r}); print('x', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold], text=True, **pipes) as writer:
        writer.stdout.readline()
        result = project.run("publish")
        writer.communicate("\n")
    assert result.exit_code == 1
    assert "warehouse.duckdb: cannot be opened. End the process that holds it" in result.output
    assert published(project).stat().st_ino == before
    assert project.run("publish").exit_code == 0


KILLED = """
import os, shutil
from pathlib import Path
from python_loaders import publish
from python_loaders.cli import app

def die(*arguments): os.kill(os.getpid(), 9)
def half(source, target):
    data = Path(source).read_bytes()
    Path(target).write_bytes(data[: len(data) // 2])
    die()

{step}
app(["publish"])
"""
STEPS = {
    "copying": ("shutil.copyfile = half", 1),
    "copied": ("publish._make_durable = die", 1),
    "made durable": ("Path.replace = die", 1),
    "replaced": ("publish.sync_directory = die", 2),
}


@pytest.mark.fault("kill -9 while publishing", outcome="readers have the old file or the new one")
@pytest.mark.parametrize("step", STEPS)
def test_kill_9_leaves_a_whole_file(project: Project, step: str) -> None:
    build(project, 1)
    project.run("publish")
    build(project, 2)
    patch, seen = STEPS[step]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED.format(step=patch)],
        cwd=project.root,
        env=ENVIRONMENT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert version(project) == seen
    assert project.run("publish").exit_code == 0
    assert version(project) == 2
    assert leftovers(project) == set()


@pytest.mark.fault("disk full while publishing", outcome="failed; readers keep the old file")
def test_a_full_disk_leaves_the_old_file(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    build(project, 1)
    project.run("publish")
    build(project, 2)

    def full(_: Path, target: Path) -> None:
        target.write_bytes(b"a part")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.shutil, "copyfile", full)
    result = project.run("publish")
    assert result.exit_code == 1
    assert "is as it was before: [Errno 28] No space left on device" in result.output
    assert leftovers(project) == set()
    assert version(project) == 1


READER = f"""
import duckdb, sys, pathlib, time
path, stop, keep = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "keep"
seen, reads = set(), 0
reader = duckdb.connect(path, read_only=True)
while not stop.exists():
    if not keep:
        reader.close()
        reader = duckdb.connect(path, read_only=True)
    first, last, rows = reader.execute({READ!r}).fetchone()
    if first != last or rows != {ROWS}:
        sys.exit(f"saw a part: {{first}} {{last}} {{rows}}")
    seen.add(first)
    reads += 1
    time.sleep(0.005)
    if reads == 1:
        print("reading", flush=True)
print(reads, *sorted(seen))
"""


def test_readers_never_fail_while_publishing(project: Project, tmp_path: Path) -> None:
    build(project, 1)
    project.run("publish")
    stop = tmp_path / "stop"
    arguments = [sys.executable, "-c", READER, str(published(project)), str(stop)]
    readers = [
        subprocess.Popen(
            [*arguments, how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for how in ("keep", "reopen", "reopen")
    ]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    for number in range(2, 12):
        build(project, number)
        assert project.run("publish").exit_code == 0
    stop.touch()
    seen = []
    for reader in readers:
        printed, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors
        seen.append([int(word) for word in printed.split()[1:]])
    assert seen[0] == [1]
    assert all(len(versions) > 3 for versions in seen[1:])


def test_publishers_take_turns(project: Project) -> None:
    build(project, 1)
    publishers = [
        subprocess.Popen(PUBLISH, cwd=project.root, env=ENVIRONMENT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for publisher in publishers:
        _, errors = publisher.communicate(timeout=60)
        assert publisher.returncode == 0, errors
    assert version(project) == 1
    assert leftovers(project) == set()
