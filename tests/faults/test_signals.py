"""SIGTERM and Ctrl-C end every command within two seconds, and nothing is left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from fault_project import CONTRACT, FaultProject, delivery
from forked import REPOSITORY, Child

SECONDS = 2
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}
BOTH = pytest.mark.parametrize("number", CODES, ids=["SIGTERM", "SIGINT"])


def assert_ends(child: Child, number: int) -> None:
    begin = time.monotonic()
    child.send(number)
    assert child.wait() == CODES[signal.Signals(number)], child.output
    assert time.monotonic() - begin < SECONDS
    assert "Traceback" not in child.output
    assert f"ended by {signal.Signals(number).name}" in child.output


@BOTH
@pytest.mark.fault("SIGTERM and Ctrl-C", outcome="ends within 2 s with 143 or 130, leaves nothing")
def test_a_landing_in_full_swing(project: FaultProject, number: int) -> None:
    """A process of its own, in the middle of several blocks that take long to parse."""
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    project.expect("land")
    before = project.tree()
    slow = '2020,"a ""quoted"" ship, and long",1\n'
    project.deliver("crossings.csv", delivery(2020, "Borealis") + slow * 400_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "python_loaders", "land"],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(lambda: any((project.landing / "_tmp").glob("*/rows.parquet")))
    begin = time.monotonic()
    process.send_signal(number)
    output, _ = process.communicate()
    assert process.returncode == CODES[signal.Signals(number)], output
    assert time.monotonic() - begin < SECONDS
    assert project.tree() == before
    assert list((project.landing / "_tmp").iterdir()) == []


@BOTH
@pytest.mark.parametrize("point", ["hash", "read", "parse", "write", "fsync", "rename", "link"])
def test_a_landing_at_each_step(project: FaultProject, number: int, point: str) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    project.expect("land")
    project.deliver("crossings.csv", delivery(2020, "Borealis"))
    fault = f"wait:{point}:before"
    child = project.start("land", points=("files", "landing"), fault=fault)
    child.wait_until_reached()
    assert_ends(child, number)
    assert project.ships() == {"Aurora": 3}
    assert len(project.commits()) == 1
    assert list((project.landing / "_tmp").iterdir()) == []
    project.expect("land")
    assert project.ships() == {"Borealis": 3}


@BOTH
def test_a_landing_that_waits_for_another(project: FaultProject, number: int) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    first = project.start("land", points=("files",), fault="pause:link:before")
    first.wait_until_reached()
    second = project.start("land", points=("files",))
    time.sleep(0.3)  # it has begun to wait
    assert_ends(second, number)
    first.go_on()
    assert first.wait() == 0
    assert project.ships() == {"Aurora": 3}


@BOTH
def test_staging_duckdb(project: FaultProject, number: int) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    project.expect("land")
    project.expect("stage")
    before = project.tree(".")
    project.deliver("crossings.csv", delivery(2020, "Borealis"))
    project.expect("land")
    fault = "wait:duckdb commit:before"
    child = project.start("stage", points=("duckdb",), fault=fault)
    child.wait_until_reached()
    assert_ends(child, number)
    warehouses = [name for name in project.tree(".") if "warehouse" in name]
    assert warehouses == [name for name in before if "warehouse" in name]
    project.expect("stage")


@BOTH
def test_a_fetch_that_waits_for_its_server(project: FaultProject, number: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/crossings.csv"
        path = next(project.root.glob("models/staging/*/*.yml"))
        fetch = f"fetch: {{kind: http, url: {url}}}"
        path.write_text(CONTRACT.replace("extracts:", f"{fetch}\n            extracts:"))
        child = project.start("fetch")
        connection, _ = silent.accept()
        connection.recv(100)
        assert_ends(child, number)
        connection.close()
    assert [path.name for path in project.inbox.rglob("*") if path.is_file()] in ([], [".lock"])


def test_a_second_signal_ends_at_once(project: FaultProject) -> None:
    project.deliver("crossings.csv", delivery(2020, "Aurora"))
    fault = "wait:remove leftovers:after"
    child = project.start("land", points=("files",), fault=fault)
    child.wait_until_reached()
    child.send(signal.SIGTERM)
    time.sleep(0.2)
    child.send(signal.SIGTERM)
    assert child.wait() in (143, -signal.SIGTERM)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
