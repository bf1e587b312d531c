"""Whatever dies while a delivery is staged: the old rows or the new ones, and never a part."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from ferries import ROWS, Ferries, year

from python_loaders.postgres.server import Server
from python_loaders.stage import postgres, postgres_copy

# Stops at one place, says so, and goes on when it is told to.
PAUSE = """
import sys
from python_loaders.stage import postgres, postgres_batches, postgres_copy
from python_loaders.cli import app
module, name, when = sys.argv[1:]
module = {"postgres": postgres, "postgres_copy": postgres_copy}[module]
genuine = getattr(module, name)
def pause():
    print("here", flush=True)
    input()
def pieces(*arguments):
    yield from genuine(*arguments)
    pause()
def paused(*arguments):
    if when == "before":
        pause()
    result = genuine(*arguments)
    if when == "after":
        pause()
    return result
setattr(module, name, pieces if name == "_pieces" else paused)
app(["stage", "--target", "postgres"])
"""
PLACES = [
    ("postgres", "forget", "before"),
    ("postgres", "forget", "after"),
    ("postgres_copy", "_pieces", "after"),
    ("postgres", "remember", "before"),
    ("postgres", "remember", "after"),
]


@pytest.fixture
def corrected(ferries: Ferries) -> Ferries:
    """Three rows are staged, and a correction to one row is landed."""
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    ferries.land("crossings.csv", year(2020, ROWS.splitlines()[0] + "\n"))
    return ferries


def stopped_at(place: tuple[str, str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PAUSE, *place]
    process = subprocess.Popen(
        command, env=os.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "here\n"
    return process


def expect_old_then_new(ferries: Ferries) -> None:
    assert ferries.counts() == {2020: 3}
    assert ferries.rows("select rows_staged from raw_contrail.batches") == [(3,)]
    ferries.stage()
    assert ferries.counts() == {2020: 1}
    assert ferries.rows("select rows_staged from raw_contrail.batches") == [(1,)]


@pytest.mark.fault(
    "kill -9 while staging PostgreSQL", outcome="each delivery as before or all of the new one"
)
@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_kill_9(corrected: Ferries, place: tuple[str, str, str]) -> None:
    process = stopped_at(place)
    process.kill()
    process.wait()
    expect_old_then_new(corrected)


def test_kill_9_between_the_delivery_and_the_log(corrected: Ferries) -> None:
    process = stopped_at(("postgres", "delivery_rows", "before"))
    process.kill()
    process.wait()
    assert corrected.counts() == {2020: 1}
    deliveries = "select seq, is_live from raw_contrail.deliveries order by seq"
    assert corrected.rows(deliveries) == [(1, True)]
    corrected.stage()
    assert corrected.rows(deliveries) == [(1, False), (2, True)]


@pytest.mark.fault(
    "server restarts or ends the connection", outcome="failed; what was staged before stays"
)
def test_a_restart_of_the_server(
    corrected: Ferries, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = postgres_copy._pieces

    def pieces(*arguments: object) -> Iterator[object]:
        yield from genuine(*arguments)
        assert server.control("-m", "immediate", "restart").returncode == 0

    with monkeypatch.context() as patch:
        patch.setattr(postgres_copy, "_pieces", pieces)
        result = corrected.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    assert "run `contrail stage` again" in result.stderr
    expect_old_then_new(corrected)


def test_what_was_staged_outlives_a_crash(ferries: Ferries, server: Server) -> None:
    """Although the server itself does not wait for the disk, and writes every ten seconds here."""
    with psycopg.connect(**server.start().parameters, autocommit=True) as session:
        session.execute("alter system set wal_writer_delay = '10s'")
        session.execute("select pg_reload_conf()")
        time.sleep(0.3)
        ferries.land("crossings.csv", year(2020))
        ferries.stage()
        session.execute("alter system reset wal_writer_delay")
    assert server.control("-m", "immediate", "restart").returncode == 0
    assert ferries.counts() == {2020: 3}


@pytest.mark.fault(
    "server restarts or ends the connection", outcome="failed; what was staged before stays"
)
def test_a_connection_that_the_server_ends(
    corrected: Ferries, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_arguments: object) -> None:
        with psycopg.connect(**server.start().parameters) as session:
            session.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
                [corrected.connection.dbname],
            )

    with monkeypatch.context() as patch:
        patch.setattr(postgres, "remember", end)
        result = corrected.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    expect_old_then_new(corrected)


def test_a_count_that_differs_from_the_log(
    corrected: Ferries, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(postgres, "copy_files", lambda *_: 2)
        result = corrected.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    assert "the server took 2 rows where commit 2 landed 1" in result.stderr
    expect_old_then_new(corrected)


@pytest.mark.fault(
    "file cut, changed or missing", outcome="found and named by verify; never staged"
)
def test_a_missing_file_is_noticed_before_anything_changes(corrected: Ferries) -> None:
    for path in corrected.parquet():
        path.rename(path.with_suffix(".away"))
    result = corrected.run("stage", "--target", "postgres")
    assert result.exit_code == 1
    assert "Restore it from a backup" in result.stderr
    for path in (corrected.root / "data").rglob("*.away"):
        path.rename(path.with_suffix(".parquet"))
    expect_old_then_new(corrected)


@pytest.mark.fault(
    "deadlock or lock that is held", outcome="a second stage waits; readers wait for nobody"
)
def test_a_second_stage_waits_for_the_first(ferries: Ferries) -> None:
    ferries.stage()
    ferries.land("crossings.csv", year(2020))
    first = stopped_at(("postgres", "remember", "before"))
    command = [sys.executable, "-m", "python_loaders", "stage", "--target", "postgres"]
    second = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    while second.poll() is None and not ferries.rows(waiting):
        time.sleep(0.05)
    first.communicate("\n")
    assert (first.returncode, second.wait()) == (0, 0)
    assert ferries.counts() == {2020: 3}


@pytest.mark.fault(
    "deadlock or lock that is held", outcome="a second stage waits; readers wait for nobody"
)
def test_readers_see_whole_deliveries_and_do_not_wait(corrected: Ferries) -> None:
    seen, ended = [], threading.Event()

    def read() -> None:
        with corrected.connection.connect() as session:
            session.execute("begin")
            session.execute("select count(*) from raw_ferries.crossings")
            while not ended.is_set():
                began = time.monotonic()
                with corrected.connection.connect() as other:
                    [count] = other.execute("select count(*) from raw_ferries.crossings").fetchone()
                seen.append((count, time.monotonic() - began))

    reader = threading.Thread(target=read)
    reader.start()
    corrected.stage()
    ended.set()
    reader.join()
    assert {count for count, _ in seen} <= {3, 1}
    assert max(seconds for _, seconds in seen) < 5
