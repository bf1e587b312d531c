"""Copy Parquet into PostgreSQL in its binary format, a piece at a time."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import polars as pl
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql

from python_loaders.contract.types import parse_type
from python_loaders.errors import ContrailError
from python_loaders.landing.log import DataFile

# Some megabytes at a time, whatever the size of the file and of its row groups.
PIECE_ROWS = 16_384


def copy_files(
    session: psycopg.Connection,
    relation: sql.Identifier,
    columns: Mapping[str, str],
    files: Sequence[DataFile],
    landing: Path,
    landed: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Copy files into a relation and return the number of rows that the server took.

    Args:
        session: in a transaction, which is the caller's to commit.
        relation: where the rows go.
        columns: names and neutral types. A file that lacks one holds NULL in it, and one that
            was landed with another type is converted.
        files: what the log names.
        landing: what the paths of the files are relative to.
        landed: the names in the files of columns that were renamed since.

    Raises:
        ContrailError: a file cannot be read, or its values do not fit the types of today.
    """
    schema = pa.schema([(name, _arrow_type(kind)) for name, kind in columns.items()])
    encoder = ArrowToPostgresBinaryEncoder(schema)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(relation, names)
    with session.cursor() as cursor:
        with cursor.copy(statement) as copy:
            copy.write(encoder.write_header())
            for file in files:
                for piece in _pieces(landing / file.path, schema, landed):
                    copy.write(encoder.write_batch(piece))
            copy.write(encoder.finish())
        return cursor.rowcount


def _pieces(path: Path, schema: pa.Schema, landed: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Read a file with the columns and types of the schema; damaged pages are noticed."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            names = [landed.get(name, name) for name in schema.names]
            known = [name for name in names if name in file.schema_arrow.names]
            for piece in file.iter_batches(PIECE_ROWS, columns=known):
                yield _shaped(piece, schema, names)
    except (OSError, pa.ArrowException) as error:
        raise ContrailError(
            f"{path}: cannot be staged. If the file is damaged, restore it from a backup; if the "
            f"contract changed, deliver the file again. {error}"
        ) from error


def _shaped(piece: pa.RecordBatch, schema: pa.Schema, names: Sequence[str]) -> pa.RecordBatch:
    arrays = [
        piece.column(name).cast(field.type)
        if name in piece.schema.names
        else pa.nulls(piece.num_rows, field.type)
        for name, field in zip(names, schema, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)


def _arrow_type(kind: str) -> pa.DataType:
    empty = pl.Series(dtype=parse_type(kind).polars)
    return empty.to_arrow(compat_level=pl.CompatLevel.oldest()).type
