"""MySQL and MariaDB: one connection per database, and rows streamed in batches.

pymysql has no pool, and needs none here: tables are read one after the other, and a stream
occupies its connection to the end. So one connection is kept for all tables of a source.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pyarrow as pa
import pymysql
from pymysql.converters import encoders

from python_loaders.contract.fetch_database import Bound
from python_loaders.contract.model import Column
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContractError, ContrailError
from python_loaders.fetch.database import mysql_types
from python_loaders.fetch.database.address import Address
from python_loaders.fetch.database.mysql_stream import rows_at_once, stream
from python_loaders.fetch.database.reading import LiveColumn, LostError, Reading
from python_loaders.fetch.database.types import schema_of
from python_loaders.fetch.database.window import Scale

MOMENT = "%Y-%m-%d %H:%M:%S.%f"
# Cannot connect, went away, lost during a query, shutdown, killed, too many connections.
LOST = (1040, 1053, 1077, 1152, 1158, 1159, 1160, 1161, 1927, 2002, 2003, 2006, 2013, 2055, 4031)
SETTINGS = (
    "set session time_zone = '+00:00', sql_mode = ''",
    "set session lock_wait_timeout = 10, net_write_timeout = 600",
    "set session transaction isolation level repeatable read",
    "set session transaction read only",
)
COLUMNS = """
select column_name, column_type, data_type, numeric_precision, numeric_scale, datetime_precision,
    coalesce(character_octet_length, 0)
from information_schema.columns
where table_schema = {schema} and table_name = {name}
order by ordinal_position
"""
TABLE = """
select t.table_type, t.engine, e.transactions
from information_schema.tables as t left join information_schema.engines as e
    on e.engine = t.engine
where t.table_schema = {schema} and t.table_name = {name}
"""


class MysqlDatabase:
    """A Database (see reading.py)."""

    def __init__(self, address: Address) -> None:
        self.uri = address.uri
        self._address = address
        self._kept: pymysql.Connection | None = None

    def close(self) -> None:
        """Close the connection."""
        kept, self._kept = self._kept, None
        if kept is not None:
            with suppress(pymysql.Error, OSError):
                kept.close()

    @contextmanager
    def snapshot(self, table: str) -> Iterator["MysqlSnapshot"]:
        """Open a repeatable read, read-only transaction with its snapshot."""
        schema, _, name = table.rpartition(".")
        done = False
        try:
            connection = self._connection()
        except (pymysql.Error, OSError) as error:
            raise _failure(self.uri, error) from error
        except RuntimeError as error:  # what MySQL 8 needs to log in where nothing is encrypted
            raise ContrailError(
                f"{self.uri}: {redact(str(error))}. Encrypt the connection with tls: "
                "{mode: require}, or let the user log in in another way."
            ) from error
        try:
            yield MysqlSnapshot(connection, self._address, schema or self._address.database, name)
            connection.rollback()
            done = True
        except pymysql.Error as error:
            raise _failure(self.uri, error) from error
        finally:
            if not done:
                # Interrupted or broken: rows may still be on their way.
                self.close()

    def _connection(self) -> pymysql.Connection:
        """Return the connection after a test, a new one if there is none or it is broken."""
        if self._kept is not None:
            try:
                self._kept.ping(reconnect=False)
            except (pymysql.Error, OSError):
                self.close()
        if self._kept is None:
            place = self._address
            is_socket = place.host.startswith("/")
            self._kept = pymysql.connect(
                host=None if is_socket else place.host or "127.0.0.1",
                unix_socket=place.host if is_socket else None,
                port=place.port,
                user=place.user,
                password=place.password.get_secret_value().encode(),  # pymysql thinks of latin1
                database=place.database,
                charset="utf8mb4",
                connect_timeout=place.connect_seconds,
                read_timeout=place.read_seconds,
                write_timeout=place.read_seconds,
                ssl=place.for_mysql(),
                ssl_disabled=place.for_mysql() is None,
                conv=dict(encoders),  # every value comes as the server wrote it
                autocommit=True,
                program_name="contrail",
            )
            with self._kept.cursor() as cursor:
                for statement in SETTINGS:
                    cursor.execute(statement)
        return self._kept


def _failure(uri: str, error: Exception) -> ContrailError:
    """Return our own error; a connection that was lost may come back."""
    code = error.args[0] if error.args else None
    text = redact(str(error.args[1] if len(error.args) > 1 else error))
    if "certificate" in text:
        return ContrailError(f"{uri}: {text}. Correct tls of the contract, or the certificate.")
    if code in LOST or isinstance(error, pymysql.err.InterfaceError | OSError):
        return LostError(f"{uri}: {text}")
    return ContrailError(
        f"{uri}: {text} ({code}). Nothing is in the inbox; correct it and fetch again."
    )


class MysqlSnapshot:
    """A Snapshot (see reading.py)."""

    def __init__(
        self, connection: pymysql.Connection, address: Address, schema: str, name: str
    ) -> None:
        self._connection = connection
        self._address = address
        self._names = {"schema": connection.escape(schema), "name": connection.escape(name)}
        self.relation = f"{self.quote(schema)}.{self.quote(name)}"
        # Before the snapshot: a row that is committed in between belongs to the next window.
        [clock] = self.ask("select utc_timestamp(6)")
        self.clock = dt.datetime.strptime(str(clock), MOMENT)  # noqa: DTZ007
        with connection.cursor() as cursor:
            cursor.execute("start transaction with consistent snapshot, read only")
            cursor.execute(TABLE.format(**self._names))
            found = cursor.fetchone()
        if found is None:
            raise ContractError(f"{address.uri}: there is no table or view {schema}.{name}")
        kind, engine, transactions = found
        if kind == "BASE TABLE" and transactions != "YES":
            raise ContractError(
                f"{address.uri}: {schema}.{name} is a table of {engine}, which has no snapshots. "
                "Change it to InnoDB, or export it to a file."
            )

    def columns(self) -> list[LiveColumn]:
        """Return the columns of the table."""
        with self._connection.cursor() as cursor:
            cursor.execute(COLUMNS.format(**self._names))
            return [_live(row) for row in cursor.fetchall()]

    def reading(self, live: LiveColumn, column: Column) -> Reading:
        """Decide how a column is read."""
        return mysql_types.read(live, self.quote(live.name), column)

    def scale(self, live: LiveColumn) -> Scale:
        """Return the scale of a cursor."""
        return mysql_types.scale(live)

    def quote(self, name: str) -> str:
        """Return a name in SQL."""
        return "`" + name.replace("`", "``") + "`"

    def literal(self, value: Bound, _live: LiveColumn) -> str:
        """Return a bound in SQL."""
        return mysql_types.literal(value)

    def ask(self, sql: str) -> Sequence[object]:
        """Return the only row of a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            row = cursor.fetchone()
        assert row is not None  # noqa: S101
        return row

    def batches(
        self, select: str, readings: Sequence[Reading], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Stream a query, so many rows at a time that the longest would fit into BATCH_BYTES."""
        at_once = rows_at_once(self, select, readings) if rows else 1
        return stream(self._connection, select, schema_of(readings), at_once)


def _live(row: Sequence[str | None]) -> LiveColumn:
    name, whole, base, precision, scale, digits, size = row
    base, whole = str(base).lower(), str(whole).lower()
    limit = digits if base in ("datetime", "timestamp") else precision
    return LiveColumn(str(name), whole, base, _number(limit), _number(scale), _number(size) or 0)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
