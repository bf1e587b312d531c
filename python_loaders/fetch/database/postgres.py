"""PostgreSQL: one pool of connections per database, and rows streamed as Arrow by ADBC.

A pooled connection opens the snapshot, looks at the table and counts. ADBC's own connection then
takes over the same snapshot, so that what is counted is what is read.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError
from adbc_driver_postgresql import StatementOptions
from adbc_driver_postgresql import dbapi as adbc
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from python_loaders.contract.fetch_database import Bound
from python_loaders.contract.model import Column
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContractError, ContrailError
from python_loaders.fetch.database import postgres_types
from python_loaders.fetch.database.address import Address
from python_loaders.fetch.database.ahead import read_ahead
from python_loaders.fetch.database.reading import LiveColumn, LostError, Reading
from python_loaders.fetch.database.types import schema_of
from python_loaders.fetch.database.window import Scale

BATCH_BYTES = 8 << 20
# Classes of SQLSTATE: connection, resources, and the server is going down or coming up.
LOST = ("08", "53", "57P", "")
# A connection that does not come about has no SQLSTATE.
REFUSED = ("authentication failed", "no pg_hba.conf entry", "no password supplied",
           "does not exist", "certificate", "does not support SSL")  # fmt: skip
SQLSTATE = re.compile(r"SQLSTATE: (\w{5})")
READABLE = "rvmfp"
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "client_encoding": "UTF8",
    # A policy that hides rows from us is an error, not a smaller table.
    "row_security": "off",
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    # The same rows come in the same order, so that an unchanged table gives the same file.
    "synchronize_seqscans": "off",
    "max_parallel_workers_per_gather": "0",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "0",
}
COLUMNS = """
with recursive domains as (
    select a.attnum, a.attname, a.atttypid as type_id, a.atttypmod as modifier,
        format_type(a.atttypid, a.atttypmod) as whole_type
    from pg_attribute as a
    where a.attrelid = %s and a.attnum > 0 and not a.attisdropped
    union all
    select d.attnum, d.attname, t.typbasetype, case when t.typtypmod = -1 then d.modifier
        else t.typtypmod end, d.whole_type
    from domains as d join pg_type as t on t.oid = d.type_id
    where t.typtype = 'd'
)
select d.attname, d.whole_type, case when t.typtype = 'e' then 'enum' else t.typname end,
    d.modifier
from domains as d join pg_type as t on t.oid = d.type_id
where t.typtype <> 'd'
order by d.attnum
"""
RELATION = """
select c.oid, c.relkind::text, current_setting('server_encoding')
from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
where n.nspname = %s and c.relname = %s
"""


# What psycopg and its pool have to say about a lost connection is in our own error.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class PostgresDatabase:
    """A Database (see reading.py)."""

    def __init__(self, address: Address) -> None:
        self.uri = address.uri
        self._address = address
        self._pool: ConnectionPool | None = None
        self._stream: adbc.Connection | None = None

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.close()
        self._drop_stream()

    @contextmanager
    def snapshot(self, table: str) -> Iterator["PostgresSnapshot"]:
        """Open a repeatable read, read-only transaction."""
        schema, _, name = table.rpartition(".")
        if not schema:
            raise ContractError(f"table: {table}: write schema.table, such as public.{table}")
        try:
            with self._connection() as control, control.transaction(force_rollback=True):
                yield PostgresSnapshot(self, control, schema, name)
        except psycopg.Error as error:
            raise _failure(self.uri, error, error.sqlstate) from error

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        """Take a connection out of the pool, which tests it and replaces one that is broken."""
        if self._pool is None:
            # A pool tries in the background and would tell a wrong password as a timeout.
            psycopg.connect(self._address.for_libpq()).close()
            self._pool = ConnectionPool(
                self._address.for_libpq(),
                min_size=1,
                max_size=1,  # tables are read one after the other
                open=True,
                timeout=self._address.connect_seconds,
                configure=self._configure,
                check=ConnectionPool.check_connection,
            )
        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolTimeout as error:
            self._pool.close()
            self._pool = None
            seconds = self._address.connect_seconds
            raise LostError(f"{self.uri}: no connection in connect_seconds {seconds}") from error

    def _configure(self, connection: psycopg.Connection) -> None:
        settings = SETTINGS | {"statement_timeout": f"{self._address.read_seconds * 1000:.0f}"}
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, false)", [name, value])
        connection.commit()

    def copy(self, snapshot_id: str, select: str) -> Iterator[pa.RecordBatch]:
        """Stream a query from the snapshot of another transaction."""
        done = False
        stream = _Stream(self, snapshot_id, select)
        try:
            yield from read_ahead(stream.open, stream.cancel, self._address.read_seconds)
            done = True
        except (AdbcError, OSError, pa.ArrowException) as error:
            # Once rows are on their way the error comes through Arrow, with the state in its text.
            state = SQLSTATE.search(str(error))
            raise _failure(self.uri, error, state[1] if state else None) from error
        finally:
            stream.close()
            if done and self._stream is not None:
                self._stream.rollback()
            else:
                # Interrupted or broken: nobody knows in which state it is.
                self._drop_stream()

    def stream(self) -> adbc.Connection:
        """Return ADBC's connection, without an open transaction; it is kept for the next table."""
        if self._stream is not None and not _is_alive(self._stream):
            self._drop_stream()
        if self._stream is None:
            self._stream = adbc.connect(self._address.for_libpq(), autocommit=False)
            with self._stream.cursor() as cursor:
                for name, value in SETTINGS.items():
                    cursor.execute(f"set {name} = '{value}'")
            self._stream.commit()
        return self._stream

    def _drop_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(AdbcError):
                stream.close()


class _Stream:
    """One query of ADBC. All of it runs in the thread of read_ahead.

    In the main thread ADBC would catch Ctrl-C, and forget about it if its call ends well.
    """

    def __init__(self, database: PostgresDatabase, snapshot_id: str, select: str) -> None:
        self._database, self._snapshot_id, self._select = database, snapshot_id, select
        self._cursor: adbc.Cursor | None = None

    def open(self) -> pa.RecordBatchReader:
        """Take over the snapshot and begin the query."""
        self._cursor = self._database.stream().cursor()
        self._cursor.execute(f"set transaction snapshot '{self._snapshot_id}'")
        size = {StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)}
        self._cursor.adbc_statement.set_options(**size)
        self._cursor.execute(self._select)
        return self._cursor.fetch_record_batch()

    def cancel(self) -> None:
        """End a wait for the database."""
        if self._cursor is not None:
            with suppress(AdbcError):
                self._cursor.adbc_cancel()

    def close(self) -> None:
        """Let go of the query."""
        if self._cursor is not None:
            with suppress(AdbcError):
                self._cursor.close()


def _is_alive(stream: adbc.Connection) -> bool:
    try:
        with stream.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchall()
        stream.rollback()
    except AdbcError:
        return False
    return True


def _failure(uri: str, error: Exception, sqlstate: str | None) -> ContrailError:
    """Return our own error; a connection that was lost may come back."""
    text = " ".join(redact(str(error)).split())
    state = sqlstate or ""
    if any(word in text for word in REFUSED):
        return ContrailError(f"{uri}: {text}. Look at user, password and database of the address.")
    if state in ("", "00000") or state.startswith(LOST[:-1]):
        return LostError(f"{uri}: {text}")
    if state == "42501" and "row-level security" in text:
        text += ". Rows would be hidden from this user; let it bypass the policies, or read a view"
    return ContrailError(f"{uri}: {text}. Nothing is in the inbox; correct it and fetch again.")


class PostgresSnapshot:
    """A Snapshot (see reading.py)."""

    def __init__(
        self, database: PostgresDatabase, control: psycopg.Connection, schema: str, name: str
    ) -> None:
        self._database, self._control = database, control
        self.relation = sql.Identifier(schema, name).as_string(control)
        # The first statement takes the snapshot; now() is the moment before, when it began.
        [self.clock] = self.ask("select now() at time zone 'UTC'")
        found = control.execute(RELATION, [schema, name]).fetchone()
        if found is None or found[1] not in READABLE:
            raise ContractError(f"{database.uri}: there is no table or view {schema}.{name}")
        self._oid, _, encoding = found
        if encoding == "SQL_ASCII":
            raise ContractError(
                f"{database.uri}: its encoding is SQL_ASCII, so nobody knows what its texts mean"
            )

    def columns(self) -> list[LiveColumn]:
        """Return the columns of the table, with the types below their domains."""
        found = self._control.execute(COLUMNS, [self._oid]).fetchall()
        return [_live(name, whole, base, modifier) for name, whole, base, modifier in found]

    def reading(self, live: LiveColumn, column: Column) -> Reading:
        """Decide how a column is read."""
        return postgres_types.read(live, self.quote(live.name), column)

    def scale(self, live: LiveColumn) -> Scale:
        """Return the scale of a cursor."""
        return postgres_types.scale(live)

    def quote(self, name: str) -> str:
        """Return a name in SQL."""
        return sql.Identifier(name).as_string(self._control)

    def literal(self, value: Bound, live: LiveColumn) -> str:
        """Return a bound in SQL."""
        return postgres_types.literal(value, live)

    def ask(self, sql_text: str) -> Sequence[object]:
        """Return the only row of a query."""
        row = self._control.execute(sql_text.encode()).fetchone()
        assert row is not None  # noqa: S101
        return row

    def batches(
        self, select: str, readings: Sequence[Reading], _rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Stream a query in batches of about BATCH_BYTES."""
        schema = schema_of(readings)
        [identifier] = self.ask("select pg_export_snapshot()")
        for batch in self._database.copy(str(identifier), select):
            arrays = [
                column if column.type == field.type else column.cast(field.type)
                for column, field in zip(batch.columns, schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _live(name: str, whole: str, base: str, modifier: int) -> LiveColumn:
    """Return a column; PostgreSQL packs precision and scale into one number."""
    if base == "numeric" and modifier >= 4:
        packed = modifier - 4
        return LiveColumn(
            name, whole, base, packed >> 16 & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024
        )
    precision = modifier if base in ("bit", "timestamp", "timestamptz") and modifier >= 0 else None
    return LiveColumn(name, whole, base, precision)
