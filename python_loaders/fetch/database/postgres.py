"""PostgreSQL: one pool of connections per database, and rows streamed as Arrow by ADBC.

A pooled connection opens the snapshot, looks at the table and counts. ADBC's own connection then
takes over the same snapshot, so that what is counted is what is read.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from python_loaders.contract.fetch_database import Bound
from python_loaders.contract.model import Column
from python_loaders.errors import ContractError
from python_loaders.fetch.database import postgres_types
from python_loaders.fetch.database.address import Address
from python_loaders.fetch.database.postgres_stream import (
    SETTINGS,
    PostgresStream,
    failure,
)
from python_loaders.fetch.database.reading import LiveColumn, LostError, Reading
from python_loaders.fetch.database.types import schema_of
from python_loaders.fetch.database.window import Scale

READABLE = "rvmfp"
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
        self.stream = PostgresStream(address)

    def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            self._pool.close()
        self.stream.close()

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
            raise failure(self.uri, str(error), error.sqlstate) from error

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
        timeout = {"statement_timeout": f"{self._address.read_seconds * 1000:.0f}"}
        for name, value in (SETTINGS | timeout).items():
            connection.execute("select set_config(%s, %s, false)", [name, value])
        connection.commit()


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
        for batch in self._database.stream.copy(str(identifier), select):
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
