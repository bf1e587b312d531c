"""The commit log: numbers without gaps, races with one winner, and kill -9."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from ferry_project import HEADER, REPOSITORY, ROWS, Project

from python_loaders.errors import ContrailError
from python_loaders.landing.log import CommitLog

LAND = [sys.executable, "-m", "python_loaders", "land"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}


def start(project: Project) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        LAND, cwd=project.root, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_records_are_chained(project: Project) -> None:
    for year in (2020, 2021, 2022):
        project.deliver(f"crossings{year}.csv", (HEADER + ROWS).replace("2020,", f"{year},"))
    project.land()
    log = CommitLog(project.landing)
    commits = log.read()
    assert [commit.seq for commit in commits] == [1, 2, 3]
    assert commits[0].prev_sha256 == ""
    for before, after in pairwise(commits):
        digest = hashlib.sha256(log.path(before.seq).read_bytes()).hexdigest()
        assert after.prev_sha256 == digest


@pytest.mark.fault("record missing, cut or edited", outcome="every command stops and names it")
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda log: log.path(1).unlink(), "000000000001.json: this commit record is missing"),
        (lambda log: log.path(2).unlink(), "000000000002.json: this commit record is missing"),
        (lambda log: log.path(2).write_text("{"), "000000000002.json: this commit record cannot"),
        (
            lambda log: log.path(1).write_text(log.path(1).read_text().replace("2020", "2019")),
            "000000000001.json: this commit record was changed",
        ),
    ],
    ids=["first gone", "middle gone", "cut", "edited"],
)
def test_a_damaged_log_is_not_extended(
    project: Project, damage: Callable[[CommitLog], object], words: str
) -> None:
    for year in (2020, 2021, 2022):
        project.deliver(f"crossings{year}.csv", (HEADER + ROWS).replace("2020,", f"{year},"))
    project.land()
    damage(CommitLog(project.landing))
    for command in ("land", "stage", "status"):
        result = project.run(command)
        assert result.exit_code == 1
        assert words in result.output


RACE = """
import sys
from pathlib import Path
from python_loaders.landing.log import Commit, CommitLog
from python_loaders.errors import ContrailError
landing, scratch = Path(sys.argv[1]), Path(sys.argv[2])
commit = Commit.model_validate_json((landing / "_log" / "000000000001.json").read_bytes())
commit = commit.model_copy(update={"seq": 2, "batch_id": scratch.name})
sys.stdin.readline()
try:
    CommitLog(landing).append(commit, scratch)
    print("won")
except ContrailError as error:
    print("lost", error)
"""


@pytest.mark.fault(
    "concurrent runs, different deliveries",
    outcome="without a lock one gets the number and the others fail",
)
def test_one_of_many_processes_gets_a_number_even_without_the_lock(
    project: Project, tmp_path: Path
) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    project.land()
    runners = []
    for number in range(6):
        scratch = tmp_path / f"scratch{number}"
        scratch.mkdir()
        command = [sys.executable, "-c", RACE, str(project.landing), str(scratch)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        runners.append(subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes))
    time.sleep(1)  # until all of them wait at the line
    for runner in runners:
        runner.stdin.write("go\n")
        runner.stdin.flush()
    answers = [runner.communicate()[0].strip() for runner in runners]
    assert answers.count("won") == 1
    assert sum("another writer took this number" in answer for answer in answers) == 5
    record = json.loads(CommitLog(project.landing).path(2).read_text())
    assert record["batch_id"] == f"scratch{answers.index('won')}"


@pytest.mark.fault("concurrent runs, same delivery", outcome="one committed, the others unchanged")
def test_processes_that_land_the_same_delivery_make_one_commit(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS * 20_000)
    runners = [start(project) for _ in range(3)]
    outputs = [runner.communicate()[0].decode() for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0, 0], outputs
    assert sorted("committed" in output for output in outputs) == [False, False, True]
    assert len(project.commits()) == 1


@pytest.mark.fault(
    "concurrent runs, different deliveries", outcome="each committed once, numbers consecutive"
)
def test_processes_that_land_different_deliveries_both_commit(project: Project) -> None:
    for year in (2020, 2021):
        content = (HEADER + ROWS * 5_000).replace("2020,", f"{year},")
        project.deliver(f"crossings{year}.csv", content)
    runners = [start(project) for _ in range(2)]
    for runner in runners:
        assert runner.wait() == 0
        runner.communicate()
    assert [(commit.seq, commit.key) for commit in project.commits()] == [(1, "2020"), (2, "2021")]


# Runs the command line and kills it, as kill -9 does, before the nth call of a function.
KILLED = """
import importlib, os, signal, sys
from python_loaders.cli import app
module, name, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
owner = importlib.import_module(module)
*path, name = name.split(".")
for part in path:
    owner = getattr(owner, part)
original, count = getattr(owner, name), 0
def killing(*arguments, **options):
    global count
    count += 1
    if count == calls:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **options)
setattr(owner, name, killing)
sys.argv = ["contrail", "land"]
app()
"""


@pytest.mark.fault("kill -9 while landing", outcome="the old delivery or the new one, never a part")
@pytest.mark.parametrize(
    ("module", "function", "call", "committed"),
    [
        ("python_loaders.landing.land", "digest_file", 1, 1),
        ("python_loaders.landing.opened", "open_member", 1, 1),
        ("python_loaders.landing.draft", "stamp_rows", 1, 1),
        ("python_loaders.landing.writer", "ParquetSink._flush", 1, 1),
        ("os", "fsync", 1, 1),  # the Parquet file is written
        ("os", "fsync", 2, 1),  # it has its final name
        ("os", "fsync", 7, 1),  # its directories are durable, the record is written
        ("os", "link", 1, 1),
        ("os", "fsync", 8, 2),  # the record has its number
        ("shutil", "rmtree", 2, 2),  # everything but tidying up is done
    ],
)
def test_kill_9_leaves_the_old_or_the_new_delivery(
    project: Project, module: str, function: str, call: int, committed: int
) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    assert project.land().exit_code == 0
    project.deliver("crossings.csv", (HEADER + ROWS).replace("Aurora", "Aurora II"))
    command = [sys.executable, "-c", KILLED, module, function, str(call)]
    done = subprocess.run(
        command, cwd=project.root, env=ENVIRONMENT, capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr

    ship = "select ship from raw_ferries.crossings where _source_row = 1"
    assert len(project.commits()) == committed
    assert project.staged(ship) == [("Aurora",) if committed == 1 else ("Aurora II",)]
    assert project.land().exit_code == 0
    assert [commit.seq for commit in project.commits()] == [1, 2]
    assert project.staged(ship) == [("Aurora II",)]
    assert project.staged("select count(*) from raw_ferries.crossings") == [(3,)]
    assert list((project.landing / "_tmp").iterdir()) == []
    assert "unchanged" in project.land().stdout


def test_an_unreadable_directory_is_an_error_with_its_path(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    project.landing.write_text("a file where the directory belongs")
    result = project.land()
    assert result.exit_code == 1
    assert str(project.landing) in result.output


def test_missing_numbers_are_reported_by_the_reader(tmp_path: Path) -> None:
    log = tmp_path / "_log"
    log.mkdir()
    (log / "000000000002.json").write_text("{}")
    with pytest.raises(ContrailError, match=r"000000000001.json: this commit record is missing"):
        CommitLog(tmp_path).read()


def test_each_record_is_read_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # Landing asks for the log before every delivery: its cost must not grow with the square.
    project.deliver("crossings2020.csv", HEADER + ROWS)
    project.land()
    log = CommitLog(project.landing)
    commits = log.read()
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} is read again"))
    assert log.read() == commits != []
