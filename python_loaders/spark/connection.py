"""Statements for Spark, in this process or on a Thrift server; times are UTC, bad casts errors."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

from python_loaders.errors import ContrailError
from python_loaders.spark.java import find_java
from python_loaders.spark.profile import Profile
from python_loaders.stage.base import Result

# dbt-spark turns it off wherever it connects; macros/spark/strictly.sql turns it on again.
STRICT = "spark.sql.ansi.enabled"
LOOPBACK = "127.0.0.1"
ABSENT = (
    "is not installed here. Spark has an environment of its own: `make spark` makes .venv-spark "
    "and builds there; `.venv-spark/bin/contrail` and `.venv-spark/bin/dbt` go on from there."
)


class SparkError(ContrailError):
    """Spark refused a statement, or could not carry it out."""


class Spark(Protocol):
    """What takes statements."""

    def run(self, sql: str) -> Result:
        """Run one statement and return all of its rows.

        Raises:
            SparkError: what Spark has to say.
        """
        ...


class SessionSpark:
    """Spark in this process, or on the Spark Connect server that SPARK_REMOTE names."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401 - pyspark is optional
        self._session = session

    def run(self, sql: str) -> Result:
        """Run one statement."""
        from pyspark.errors import PySparkException

        try:
            frame = self._session.sql(sql)
            return Result(list(frame.columns), [tuple(row) for row in frame.collect()])
        except PySparkException as error:
            raise SparkError(_first_lines(str(error))) from error


class ThriftSpark:
    """Spark on a Thrift server."""

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401 - PyHive is optional
        self._cursor = cursor

    def run(self, sql: str) -> Result:
        """Run one statement."""
        from pyhive.exc import Error

        try:
            self._cursor.execute(sql)
            names = [name for name, *_ in self._cursor.description or ()]
            return Result(names, list(self._cursor.fetchall()) if names else [])
        except Error as error:
            raise SparkError(_first_lines(str(error))) from error


@contextmanager
def connect(profile: Profile) -> Iterator[Spark]:
    """Give what takes statements for a profile.

    Raises:
        ContrailError: Spark is not installed, has no Java, or cannot be reached.
    """
    if profile.method == "thrift":
        with _thrift(profile) as spark:
            yield spark
    else:
        yield _session(profile.name, tuple(profile.parameters.items()))


@cache
def _session(name: str, parameters: tuple[tuple[str, str], ...]) -> Spark:
    """Start Spark, which takes seconds, once for all that this process does."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ContrailError(f"{name}: the package pyspark {ABSENT}") from None
    if not os.environ.get("SPARK_REMOTE"):
        os.environ["JAVA_HOME"] = str(find_java())
        os.environ.setdefault("SPARK_LOCAL_IP", LOOPBACK)
    # It repeats each error, with the stack of the JVM, that we are about to give in few words.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    builder = SparkSession.builder.enableHiveSupport()
    for key, value in (*parameters, (STRICT, "true")):
        builder = builder.config(key, value)
    try:
        return SessionSpark(builder.getOrCreate())
    except Exception as error:  # whatever the JVM throws
        raise ContrailError(f"{name}: Spark could not start. {_first_lines(str(error))}") from error


@contextmanager
def _thrift(profile: Profile) -> Iterator[Spark]:
    try:
        from pyhive import hive
        from thrift.transport.TTransport import TTransportException
    except ImportError:
        raise ContrailError(f"{profile.name}: the package PyHive {ABSENT}") from None
    try:
        opened = hive.connect(
            host=profile.host,
            port=profile.port,
            username=profile.user,
            configuration={**profile.parameters, STRICT: "true"},
        )
    except TTransportException as error:
        raise ContrailError(
            f"{profile}: cannot connect. Set CONTRAIL_SPARK_HOST and CONTRAIL_SPARK_PORT. {error}"
        ) from error
    with opened, opened.cursor() as cursor:
        yield ThriftSpark(cursor)


def _first_lines(text: str) -> str:
    """Return what an error says before the stack and the plan that follow it."""
    return text.split("JVM stacktrace:")[0].split("== SQL")[0].strip()
