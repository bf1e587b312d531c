"""The same rows in DuckDB and in PostgreSQL are equal to the last bit, and others are not."""

import datetime as dt
import math
import random
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from ferries import Ferries

from python_loaders.compare.compare import Comparison, compare
from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.find import Sides
from python_loaders.compare.marts import Mart
from python_loaders.compare.postgres import PostgresEngine

COLUMNS = """crossing_key bigint, note text, wind double precision, wave real, fare decimal(12, 3),
    passengers smallint, is_late boolean, crossing_date date, left_at timestamp"""
MART = Mart("crossings", ("crossing_key",))
TEXTS = ["", "NULL", "\\N", "\\.", 'a "b", c', "two\nlines", "tab\t", " ", "Ærø", "\U0001f6a2", "'"]
FLOATS = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 0.1 + 0.2]

Rows = list[list[Any]]


def some_rows(count: int) -> Rows:
    chance = random.Random(1)

    def bits() -> float:
        return struct.unpack("<d", chance.randbytes(8))[0]

    return [
        [
            number,
            chance.choice(TEXTS),
            FLOATS[number] if number < len(FLOATS) else bits(),
            struct.unpack("<f", struct.pack("<f", chance.random()))[0],
            Decimal(chance.randrange(-(10**9), 10**9)) / 1000,
            chance.randrange(-(2**15), 2**15),
            chance.random() < 0.5,
            dt.date(1987, 10, 1) + dt.timedelta(days=chance.randrange(20_000)),
            dt.datetime.fromisoformat("2020-01-01")
            + dt.timedelta(microseconds=chance.randrange(10**15)),
        ]
        for number in range(count)
    ]


def with_nulls(rows: Rows) -> Rows:
    """Leave out a value of every second row, each column in turn; the key too."""
    return [
        [None if column == number / 2 % len(row) else value for column, value in enumerate(row)]
        for number, row in enumerate(rows)
    ]


@pytest.fixture(scope="module")
def rows() -> Rows:
    return with_nulls(some_rows(500))


@pytest.fixture
def here(tmp_path: Path, rows: Rows) -> DuckDBEngine:
    path = tmp_path / "here.duckdb"
    with duckdb.connect(path) as warehouse:
        warehouse.execute(f"create table crossings ({COLUMNS})")
        warehouse.executemany(f"insert into crossings values ({', '.join('?' * 9)})", rows)
    return DuckDBEngine(path)


@pytest.fixture
def session(ferries: Ferries, rows: Rows) -> Iterator[psycopg.Connection]:
    """A partitioned table with the same rows, in another order."""
    with psycopg.connect(**ferries.connection.parameters, autocommit=True) as session:
        session.execute(f"""
            create schema contrail;
            create schema contrail_parts;
            set search_path = contrail;
            create table crossings ({COLUMNS}) partition by list (is_late);
            create table contrail_parts.late partition of crossings for values in (true);
            create table contrail_parts.others partition of crossings default""")
        with session.cursor() as cursor:
            marks = ", ".join(["%s"] * 9)
            cursor.executemany(f"insert into crossings values ({marks})", rows[::-1])
        yield session


def compared(here: DuckDBEngine, ferries: Ferries) -> Comparison:
    sides = Sides("duckdb", "postgres")
    return compare(MART, sides, (here, PostgresEngine(ferries.connection)))


def test_the_same_rows_are_equal(
    here: DuckDBEngine, ferries: Ferries, session: psycopg.Connection, rows: Rows
) -> None:
    assert compared(here, ferries) == Comparison("crossings", (len(rows), len(rows)), None)
    session.execute("alter table crossings rename to kept")
    for kind in ("view", "materialized view"):
        session.execute(f"create {kind} crossings as select * from kept")
        assert compared(here, ferries).difference is None
        session.execute(f"drop {kind} crossings")
    assert compared(here, ferries) == Comparison(
        "crossings", (len(rows), None), "is missing in postgres"
    )


@pytest.mark.parametrize("kind", ["numeric", "numeric(30, 9)", "integer"])
def test_exact_numbers_are_equal_whatever_their_type(
    here: DuckDBEngine, ferries: Ferries, session: psycopg.Connection, kind: str
) -> None:
    session.execute(f"alter table crossings alter passengers type {kind}")
    if kind != "integer":
        session.execute(f"alter table crossings alter fare type {kind}")
    assert compared(here, ferries).difference is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            "set wind = 0.3 where crossing_key = 7",
            "crossing_key 7: wind is 0.30000000000000004 in duckdb, 0.3 in postgres",
        ),
        ("set wind = 0 where crossing_key = 1", "wind is -0.0 in duckdb, 0.0 in postgres"),
        (
            "set left_at = left_at + interval '1 microsecond' where crossing_key = 9",
            "crossing_key 9: left_at is",
        ),
        ("set note = null where note = ''", "note is '' in duckdb, NULL in postgres"),
        ("set note = 'two lines' where note like 'two%'", r"note is 'two\nlines' in duckdb"),
        ("set is_late = null where crossing_key = 5", "in duckdb, NULL in postgres"),
        ("set fare = fare + 0.001 where crossing_key = 499", "crossing_key 499: fare is"),
        ("set crossing_key = 1000 where crossing_key = 77", "crossing_key 77 is only in duckdb"),
    ],
)
def test_a_difference_is_found_and_named(
    here: DuckDBEngine, ferries: Ferries, session: psycopg.Connection, change: str, words: str
) -> None:
    session.execute(f"update crossings {change}")
    assert words in (compared(here, ferries).difference or "equal")


def test_rows_come_in_batches(
    here: DuckDBEngine,
    ferries: Ferries,
    session: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("python_loaders.compare.postgres.BATCH_BYTES", 1000)
    assert compared(here, ferries).difference is None
    session.execute("insert into crossings select * from crossings where crossing_key = 3")
    assert "crossing_key 3: the number of its rows is 1 in duckdb, 2 in postgres" in (
        compared(here, ferries).difference or "equal"
    )


def test_what_cannot_be_compared_is_an_error(
    here: DuckDBEngine, ferries: Ferries, session: psycopg.Connection
) -> None:
    session.execute("update crossings set left_at = 'infinity' where crossing_key = 3")
    with pytest.raises(Exception, match="crossings cannot be read"):
        compared(here, ferries)
