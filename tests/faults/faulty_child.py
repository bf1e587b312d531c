"""What happens inside the process that a test lets run into a fault.

Points are calls of functions that a run passes: of the standard library (hash, fsync, rename,
link), of our readers and writers, of the engines. The product knows nothing of them. A fault is
written as `action:point:moment`: `kill:7:before` is kill -9 just before the seventh point that the
process passes, `wait:link:after` stops it after the first point of this name, `pause` until the
test lets it go on.
"""

import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TypedDict

from psycopg.sql import Composable

CRASHED = 70


class Points:
    """Counts the points that this process passes, and acts at one of them."""

    def __init__(self, fault: str, passed: Path, reached: Path) -> None:
        self._action, self._point, self._moment = (fault or "none:0:before").split(":")
        self._passed = passed
        self._reached = reached
        self._names: list[str] = []
        self._lock = threading.Lock()

    def wrap(self, owner: object, attribute: str, name: str | Callable[..., str]) -> None:
        """Make every call of a function a point."""
        original = getattr(owner, attribute)

        def call(*arguments: object, **options: object) -> object:
            label = name if isinstance(name, str) else name(*arguments)
            with self._lock:
                self._names.append(label)
                here = {str(len(self._names)), *({label} - set(self._names[:-1]))}
                self._passed.write_text(json.dumps(self._names))
            self._act(here, "before")
            try:
                return original(*arguments, **options)
            finally:
                self._act(here, "after")

        setattr(owner, attribute, call)

    def _act(self, here: set[str], moment: str) -> None:
        if self._point not in here or moment != self._moment:
            return
        if self._action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._action == "wait":
            self._reached.touch()
            time.sleep(60)
        if self._action == "pause":
            self._reached.touch()
            while self._reached.exists():  # until the test takes it away
                time.sleep(0.01)


def wrap_files(points: Points) -> None:
    points.wrap(hashlib, "file_digest", "hash")
    points.wrap(os, "fsync", "fsync")
    points.wrap(os, "rename", "rename")
    points.wrap(os, "link", "link")
    points.wrap(os, "mkdir", "mkdir")
    points.wrap(shutil, "rmtree", "remove leftovers")
    points.wrap(os, "unlink", "unlink")


def wrap_landing(points: Points) -> None:
    import pyarrow.parquet as pq

    from python_loaders.extract import csv as reader
    from python_loaders.extract.limited import LimitedStream

    points.wrap(LimitedStream, "read", "read")
    points.wrap(reader, "parse_fast", "parse")
    points.wrap(pq.ParquetWriter, "write_table", "write")
    points.wrap(pq.ParquetWriter, "close", "close")


def wrap_duckdb(points: Points) -> None:
    import duckdb

    connect = duckdb.connect

    class Connection:
        """A connection whose statements are points; those of the C++ class cannot be wrapped."""

        def __init__(self, *arguments: object, **options: object) -> None:
            self._real = connect(*arguments, **options)
            for name in ("execute", "executemany"):
                setattr(self, name, getattr(self._real, name))
                points.wrap(self, name, lambda sql, *_: f"duckdb {' '.join(sql.split()[:2])}")

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        def __enter__(self) -> "Connection":
            self._real.__enter__()
            return self

        def __exit__(self, *details: object) -> None:
            self._real.__exit__(*details)

    duckdb.connect = Connection  # type: ignore[misc, assignment]


def wrap_postgres(points: Points) -> None:
    import psycopg

    points.wrap(psycopg.Connection, "execute", lambda _, sql, *__: f"postgres {_words(sql)}")
    points.wrap(psycopg.Copy, "write", "postgres copy")
    points.wrap(psycopg.Transaction, "__exit__", "postgres commit")


def _words(statement: str | Composable) -> str:
    text = statement if isinstance(statement, str) else statement.as_string()
    return " ".join(text.split()[:2])


def wrap_fetch(points: Points) -> None:
    from python_loaders.fetch import inbox, transport

    points.wrap(inbox, "write_origin", "write origin")
    points.wrap(transport.requests.Session, "send", "request")
    points.wrap(transport.requests.Response, "close", "close answer")


WRAPS = {
    "files": wrap_files,
    "landing": wrap_landing,
    "duckdb": wrap_duckdb,
    "postgres": wrap_postgres,
    "fetch": wrap_fetch,
}


def stop_the_clock(moment: dt.datetime) -> None:
    """Let every run land at the same moment, so that its files can be compared to the byte."""
    from python_loaders.landing import draft, undo

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
            return moment.astimezone(tz)

    for module in (draft, undo):
        module.dt = SimpleNamespace(datetime=Clock, UTC=dt.UTC, date=dt.date)  # type: ignore[attr-defined]


class Order(TypedDict):
    """What a child is to do."""

    project: str
    arguments: list[str]
    environment: dict[str, str]
    output: str
    clock: str  # the moment at which it stands still, or nothing
    fault: str
    points: list[str]
    passed: str  # where the names of the points go
    reached: str  # is made when the child waits at its point
    limits: dict[str, int]  # by the names of the module resource


def run(order: Order) -> None:
    """Run the command line as an order says; never returns."""
    signal.alarm(120)  # whatever hangs ends
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.chdir(order["project"])
    os.environ.update(order["environment"])
    if order["clock"]:
        stop_the_clock(dt.datetime.fromisoformat(order["clock"]))
    points = Points(order["fault"], Path(order["passed"]), Path(order["reached"]))
    for name in order["points"]:
        WRAPS[name](points)
    for name, limit in order["limits"].items():
        number = getattr(resource, name)
        resource.setrlimit(number, (limit, resource.getrlimit(number)[1]))
    from python_loaders.cli import app

    code = CRASHED
    try:
        app(order["arguments"], prog_name="contrail")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        if code == CRASHED:
            traceback.print_exc()
        os._exit(code)
