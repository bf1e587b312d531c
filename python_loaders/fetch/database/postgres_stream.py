"""Rows of PostgreSQL as Arrow, by ADBC: one connection, kept for all tables of a database.

ADBC reads the binary COPY protocol. What it does runs in the thread of read_ahead, for in the main
thread it would catch Ctrl-C, and forget about it if its call ends well.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import StatementOptions
from adbc_driver_postgresql import dbapi as adbc

from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.database.address import Address
from python_loaders.fetch.database.ahead import ReadAhead
from python_loaders.fetch.database.reading import LostError

BATCH_BYTES = 8 << 20
# Classes of SQLSTATE: connection, resources, and the server is going down or coming up.
LOST = ("08", "53", "57P")
SQLSTATE = re.compile(r"SQLSTATE: (\w{5})")
# A connection that does not come about has no SQLSTATE.
REFUSED = ("authentication failed", "no pg_hba.conf entry", "no password supplied",
           "does not exist", "certificate", "does not support SSL")  # fmt: skip
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "client_encoding": "UTF8",
    # A policy that hides rows from us is an error, not a smaller table.
    "row_security": "off",
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "0",
}
STREAM_SETTINGS = SETTINGS | {
    # The same rows come in the same order, so that an unchanged table gives the same file.
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
    # Whoever waits too long is told by ReadAhead.
    "statement_timeout": "0",
}


class PostgresStream:
    """The connection, and one query at a time."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: adbc.Connection | None = None
        self._cursor: adbc.Cursor | None = None
        self._stuck: list[object] = []

    def copy(self, snapshot_id: str, select: str) -> Iterator[pa.RecordBatch]:
        """Stream a query in the snapshot of another transaction.

        Raises:
            LostError: the connection ended.
            ContrailError: the query failed, or no row came for too long.
        """
        ahead = ReadAhead(
            lambda: self._begin(snapshot_id, select), self._cancel, self._address.read_seconds
        )
        done = False
        try:
            yield from ahead.batches()
            done = True
        except (AdbcError, OSError, pa.ArrowException) as error:
            # Once rows are on their way the error comes through Arrow, with the state in its text.
            state = SQLSTATE.search(str(error))
            raise failure(self._address.uri, str(error), state and state[1]) from error
        finally:
            self._end(done=done, is_stuck=ahead.is_stuck)

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(AdbcError):
                connection.close()

    def _begin(self, snapshot_id: str, select: str) -> pa.RecordBatchReader:
        """Take over the snapshot and begin the query."""
        if self._connection is not None and not _is_alive(self._connection):
            self.close()
        if self._connection is None:
            self._connection = _connect(self._address)
        self._cursor = self._connection.cursor()
        self._cursor.execute(f"set transaction snapshot '{snapshot_id}'")
        size = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)}
        self._cursor.adbc_statement.set_options(**size)
        self._cursor.execute(select)
        return self._cursor.fetch_record_batch()

    def _cancel(self) -> None:
        """End a wait for the database."""
        if self._cursor is not None:
            with suppress(AdbcError):
                self._cursor.adbc_cancel()

    def _end(self, *, done: bool, is_stuck: bool) -> None:
        """Keep the connection for the next table, unless nobody knows in which state it is."""
        connection, cursor = self._connection, self._cursor
        self._cursor = None
        if is_stuck:
            # Its thread still waits inside of the driver: nothing of it may be closed.
            self._stuck += [connection, cursor]
            self._connection = None
            return
        if cursor is not None:
            with suppress(AdbcError):
                cursor.close()
        if done and connection is not None:
            connection.rollback()
        else:
            self.close()


def _connect(address: Address) -> adbc.Connection:
    connection = adbc.connect(address.for_libpq(), autocommit=False)
    with connection.cursor() as cursor:
        for name, value in STREAM_SETTINGS.items():
            cursor.execute(f"set {name} = '{value}'")
    connection.commit()
    return connection


def _is_alive(connection: adbc.Connection) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchall()
        connection.rollback()
    except AdbcError:
        return False
    return True


def failure(uri: str, message: str, sqlstate: str | None) -> ContrailError:
    """Return our own error for one of the database; a connection that was lost may come back.

    Args:
        uri: of the database.
        message: of the driver.
        sqlstate: if there is one.
    """
    text = " ".join(redact(message).split()).rstrip(".")
    if sqlstate in (None, "", "00000"):
        if any(words in text for words in REFUSED):
            return ContrailError(f"{uri}: {text}. Correct the address, the user or the password.")
        return LostError(f"{uri}: {text}.")
    if sqlstate.startswith(LOST):
        return LostError(f"{uri}: {text}.")
    if "row-level security" in text:
        text += ". Rows would be hidden from this user; let it bypass the policies, or read a view"
    return ContrailError(f"{uri}: {text}. Nothing is in the inbox; correct it and fetch again.")
