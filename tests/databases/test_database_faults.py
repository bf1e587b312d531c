"""Whatever dies while a table is read: nothing is in the inbox, and the next fetch reads it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from shop import MysqlShop, PostgresShop, Shop

from python_loaders.fetch.database import extract, mysql_stream, postgres_stream
from python_loaders.fetch.database.part import Part
from python_loaders.fetch.retry import SystemClock

ROWS = 40_000
# Stops at one place, says so, and goes on when it is told to.
PAUSE = """
import sys
from python_loaders.fetch import inbox
from python_loaders.fetch.database import part, postgres_stream, mysql_stream
from python_loaders.cli import app
postgres_stream.BATCH_BYTES = mysql_stream.BATCH_BYTES = 256 << 10
part.GROUP_ROWS = 1000
def pause(name):
    if name == sys.argv[1]:
        print("here", flush=True)
        input()
def before(place, attribute, name):
    genuine = getattr(place, attribute)
    def paused(*arguments, **more):
        pause(name)
        return genuine(*arguments, **more)
    setattr(place, attribute, paused)
written = part.pq.ParquetWriter.write_table
def write(self, table, rows):
    written(self, table, rows)
    pause("written")
part.pq.ParquetWriter.write_table = write
before(part.pq.ParquetWriter, "add_key_value_metadata", "ending")
before(inbox, "sync_file", "complete")
before(inbox, "write_origin", "durable")
before(inbox.Path, "rename", "described")
app(["fetch"])
"""


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """More rows than all buffers on the way take."""
    shop.create()
    remark = "repeat('remark ', 60)"
    if shop.kind == "postgres":
        numbers = f"generate_series(1, {ROWS}) as s(n)"
    else:
        numbers = f"(select seq as n from seq_1_to_{ROWS}) as s"
    shop.run(f"insert into orders select n, {remark}, null from {numbers}")
    shop.describe({"order_id": "bigint", "status": "text"})
    return shop


def expect_nothing_then_all(shop: Shop) -> None:
    assert shop.files() == []
    shop.fetch()
    shop.land()
    assert shop.staged("select count(*), count(distinct order_id) from raw_shop.orders") == [
        (ROWS, ROWS)
    ]
    assert list(shop.inbox.glob(".*.part")) == []


@pytest.mark.fault("kill -9 while fetching", outcome="no file in the inbox or the whole one")
@pytest.mark.parametrize("place", ["written", "ending", "complete", "durable", "described"])
def test_kill_9(postgres: PostgresShop, place: str) -> None:
    postgres.create()
    postgres.run(f"insert into orders select n, 'x', null from generate_series(1, {ROWS}) as s(n)")
    postgres.describe({"order_id": "bigint", "status": "text"})
    killed_at(postgres, place)
    expect_nothing_then_all(postgres)


@pytest.mark.fault("kill -9 while fetching", outcome="no file in the inbox or the whole one")
def test_kill_9_while_mysql_sends(mysql: MysqlShop) -> None:
    mysql.create()
    mysql.run(f"insert into orders select seq, 'x', null from seq_1_to_{ROWS}")
    mysql.describe({"order_id": "bigint", "status": "text"})
    killed_at(mysql, "written")
    expect_nothing_then_all(mysql)


def killed_at(shop: Shop, place: str) -> None:
    command = [sys.executable, "-c", PAUSE, place]
    process = subprocess.Popen(
        command, cwd=shop.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.wait()
    assert list(shop.inbox.glob(".*.part")) != []


def break_after_the_first_batch(
    monkeypatch: pytest.MonkeyPatch, breaking: Callable[[], None]
) -> None:
    """Let something happen when the first rows have come."""
    for reader in (postgres_stream, mysql_stream):
        monkeypatch.setattr(reader, "BATCH_BYTES", 256 << 10)
    genuine = Part.write

    def write(self: Part, batches: Iterator[pa.RecordBatch]) -> None:
        def broken() -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(batches):
                if number == 1:
                    breaking()
                yield batch

        genuine(self, broken())

    monkeypatch.setattr(Part, "write", write)


@pytest.mark.fault(
    "server restarts or ends the connection",
    outcome="a fetch: failed, nothing is in the inbox",
)
def test_a_restart_of_the_server_while_it_sends(
    filled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        break_after_the_first_batch(patch, filled.revive)
        result = filled.contrail("fetch")
    assert result.exit_code == 1
    assert "the connection was lost after" in result.stderr
    assert "fetch again" in result.stderr
    assert list(filled.inbox.glob(".*.part")) == []
    expect_nothing_then_all(filled)


@pytest.mark.fault(
    "server restarts or ends the connection",
    outcome="a fetch: failed, nothing is in the inbox",
)
def test_a_connection_that_the_server_ends(filled: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def end() -> None:
        if filled.kind == "postgres":
            filled.run(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where application_name = 'contrail' and query ilike 'copy%%'"
            )
        else:
            for [number] in filled.run(
                "select id from information_schema.processlist where state <> '' "
                "and info like '%status%' and id <> connection_id()"
            ):
                filled.run(f"kill {number}")

    with monkeypatch.context() as patch:
        break_after_the_first_batch(patch, end)
        result = filled.contrail("fetch")
    assert result.exit_code == 1
    assert "the connection was lost after" in result.stderr
    expect_nothing_then_all(filled)


def test_a_restart_between_two_fetches_is_not_noticed(filled: Shop) -> None:
    """The connections are tested before they are used again."""
    filled.fetch()
    filled.files()[0].unlink()
    filled.revive()
    expect_nothing_then_all(filled)


@pytest.mark.fault(
    "server that cannot be reached",
    outcome="tried again before the first row, then failed",
)
def test_a_server_that_comes_back_before_the_first_row(
    filled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = []

    def sleep(_clock: SystemClock, seconds: float) -> None:
        waits.append(seconds)
        filled.revive()

    filled.stop()
    monkeypatch.setattr(SystemClock, "sleep", sleep)
    result = filled.fetch()
    assert len(waits) == 1
    assert "Attempt 1 of 3" in result.output
    expect_count(filled)


def expect_count(shop: Shop) -> None:
    shop.land()
    assert shop.staged("select count(*) from raw_shop.orders") == [(ROWS,)]


@pytest.mark.fault(
    "server that cannot be reached",
    outcome="tried again before the first row, then failed",
)
def test_a_server_that_does_not_come_back(filled: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.stop()
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: None)
    try:
        result = filled.contrail("fetch")
    finally:
        filled.revive()
    assert result.exit_code == 1
    assert "Tried 3 times" in result.stderr
    expect_nothing_then_all(filled)


def test_rows_that_are_not_as_many_as_were_counted(
    filled: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(extract, "count_rows", lambda *_: ROWS + 1)
        result = filled.contrail("fetch")
    assert result.exit_code == 1
    assert "40,001 rows were counted" in result.stderr
    expect_nothing_then_all(filled)


LIMITED = """
import resource
from python_loaders.cli import app
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
app(["fetch"])
"""


@pytest.mark.fault("disk full while fetching", outcome="failed; nothing is in the inbox")
def test_a_file_that_cannot_be_written(filled: Shop) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], cwd=filled.root, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"File too large" in done.stderr
    assert b"lost" not in done.stderr
    assert list(filled.inbox.glob(".*.part")) == []
    expect_nothing_then_all(filled)


@pytest.fixture
def slow(shop: Shop) -> Shop:
    """A view that is counted at once and then lets us wait a minute for its first row."""
    shop.create()
    shop.order(1, 1)
    if shop.kind == "postgres":
        shop.run(
            "create function slowly() returns text stable language plpgsql as "
            "$$ begin perform pg_sleep(60); return 'x'; end $$"
        )
        value = "slowly()"
    else:
        value = "cast(sleep(60) as char)"
    shop.run(f"create view slow as select order_id, {value} as status from orders")
    shop.describe(
        {"order_id": "bigint", "status": "text"}, table=shop.table.replace("orders", "slow")
    )
    return shop


@pytest.mark.fault("SIGTERM and Ctrl-C", outcome="ends within 2 s with 143 or 130, leaves nothing")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_signals_end_it_within_two_seconds(slow: Shop, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "python_loaders", "fetch"]
    process = subprocess.Popen(command, cwd=slow.root, stderr=subprocess.PIPE, env=os.environ)
    deadline = time.monotonic() + 60
    while not list(slow.inbox.glob(".*.part")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)  # until it waits for the database
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(30) == 128 + number
    assert time.monotonic() - began < 2
    assert slow.files() == []
    assert list(slow.inbox.glob(".*.part")) == []
    if slow.kind == "postgres":
        active = "select query from pg_stat_activity where state = 'active' and query ilike 'copy%'"
        assert slow.run(active) == []  # the server does not go on for nobody


@pytest.mark.fault("database that keeps silent", outcome="failed after read_seconds")
def test_a_database_that_keeps_silent(slow: Shop) -> None:
    table = slow.table.replace("orders", "slow")
    slow.describe({"order_id": "bigint", "status": "text"}, table=table, read_seconds=1, attempts=1)
    began = time.monotonic()
    result = slow.contrail("fetch")
    assert result.exit_code == 1
    assert time.monotonic() - began < 15
    assert slow.files() == []


@pytest.mark.fault("deadlock or lock that is held", outcome="a fetch fails after ten seconds")
def test_a_table_that_is_locked(postgres: PostgresShop, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres.create()
    postgres.order(1, 1)
    postgres.describe()
    monkeypatch.setitem(postgres_stream.SETTINGS, "lock_timeout", "200ms")
    holder = postgres.connect()
    holder.execute("lock table orders in access exclusive mode")
    result = postgres.contrail("fetch")
    holder.close()
    assert result.exit_code == 1
    assert "lock timeout" in result.stderr
    postgres.fetch()
