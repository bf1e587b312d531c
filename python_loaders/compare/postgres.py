"""PostgreSQL as an Engine (see engine.py): rows stream out of COPY as text and become Arrow.

PostgreSQL writes a float with as many digits as it takes to read the same bits back.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import psycopg
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from python_loaders.compare.engine import Column, Kind, arrow_schema
from python_loaders.errors import ContrailError
from python_loaders.postgres.connection import Connection

BATCH_BYTES = 16 << 20
KINDS = {
    "bool": Kind.BOOLEAN,
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "numeric": Kind.DECIMAL,
    "float4": Kind.FLOAT,
    "float8": Kind.FLOAT,
    "date": Kind.DATE,
    "timestamp": Kind.TIMESTAMP,
    "timestamptz": Kind.INSTANT,
}
CASTS = {
    Kind.BOOLEAN: "{}",
    Kind.INTEGER: "{}",
    Kind.FLOAT: "cast({} as double precision)",
    Kind.DATE: "{}",
    Kind.TIMESTAMP: "{}",
    Kind.INSTANT: "timezone('UTC', {})",
    Kind.DECIMAL: "cast({} as numeric)",
    Kind.TEXT: "cast({} as text)",
}
# Tables, partitioned ones, views and materialized views.
COLUMNS = """
    select attname, typname
    from pg_attribute
    inner join pg_class on pg_class.oid = attrelid
    inner join pg_type on pg_type.oid = atttypid
    where relnamespace = to_regnamespace(%s) and relname = %s and relkind in ('r', 'p', 'v', 'm')
        and attnum > 0 and not attisdropped
    order by attnum
"""


@dataclass(frozen=True)
class PostgresRelation:
    """A relation, read in one transaction."""

    session: psycopg.Connection
    name: sql.Identifier
    columns: Sequence[Column]

    def batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """Stream the rows."""
        selected = [
            sql.SQL(CASTS[column.kind]).format(sql.Identifier(column.name)) for column in columns
        ]
        copying = sql.SQL(
            "copy (select {} from {}) to stdout (format csv, encoding 'UTF8')"
        ).format(sql.SQL(", ").join(selected), self.name)
        with self.session.cursor() as cursor, cursor.copy(copying) as copy:
            for text in _whole_rows(copy):
                yield from _parsed(text, arrow_schema(columns))


@dataclass(frozen=True)
class PostgresEngine:
    """The warehouse in one schema of a PostgreSQL database."""

    connection: Connection

    @contextmanager
    def open(self, relation: str) -> Iterator[PostgresRelation | None]:
        """See the relation as it is now, whatever is swapped in meanwhile."""
        schema = self.connection.schema
        with self.connection.connect() as session:
            session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            session.read_only = True
            session.execute("set extra_float_digits = 1; set datestyle = 'ISO, YMD'")
            described = session.execute(COLUMNS, [schema, relation]).fetchall()
            columns = [Column(name, KINDS.get(kind, Kind.TEXT)) for name, kind in described]
            name = sql.Identifier(schema, relation)
            try:
                yield PostgresRelation(session, name, columns) if columns else None
            except (psycopg.Error, pa.ArrowInvalid) as error:
                raise ContrailError(
                    f"{self.connection}: {relation} cannot be read. {error}"
                ) from error


def _whole_rows(copy: psycopg.Copy) -> Iterator[bytes]:
    """Join what the server sends, which is a row at a time, to larger pieces of whole rows."""
    pieces, size = [], 0
    for piece in copy:
        pieces.append(piece)
        size += len(piece)
        if size >= BATCH_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)


def _parsed(text: bytes, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Read CSV as PostgreSQL writes it: an empty field is NULL, a quoted one is empty text."""
    table = csv.read_csv(
        BytesIO(text),
        read_options=csv.ReadOptions(column_names=schema.names, block_size=len(text) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    yield from table.to_batches()
