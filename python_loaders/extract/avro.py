"""Read an Avro delivery once, block by block."""

import io
from collections.abc import Iterator

import fastavro
import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.avro_file import AvroFile
from python_loaders.extract.avro_schema import read_schema
from python_loaders.extract.binding import bind
from python_loaders.extract.cast import cast_rows
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.limited import LimitedStream

BATCH_RECORDS = 50_000
BATCH_BYTES = 4 << 20


class AvroReader:
    """A Reader of Avro object container files (see chunk.py)."""

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._file = AvroFile(stream, extract.limits, label)
        self._schema = read_schema(self._file.schema_json, label)
        self._extract = extract
        self._label = label
        self._binding = bind([name for name, _ in self._schema.kinds], table, label)
        self.delivered = self._binding.delivered
        self.warnings: list[str] = []
        for (name, kind), column in zip(self._schema.kinds, self._binding.columns, strict=True):
            if kind.dtype == pl.Object or (kind.is_nested and column.type.name != "text"):
                raise ContractError(
                    f"{label}: column {name!r} is nested, bytes or a union of types, the contract "
                    f"says {column.data_type}. Lists and records of plain values can be landed as "
                    "text; ask for another type, or change the contract."
                )

    @property
    def byte_count(self) -> int:
        """Bytes of the member read so far."""
        return self._file.byte_count

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._file.sha256()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order."""
        return numbered(self._parts())

    def _parts(self) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        records: list[dict[str, object]] = []
        size = 0
        for count, data in self._file.blocks():
            for record in self._records(count, data):
                records.append(record)
                if len(records) == BATCH_RECORDS:
                    yield self._typed(records)
                    records, size = [], 0
            size += len(data)
            if size >= BATCH_BYTES:
                yield self._typed(records)
                records, size = [], 0
        if records:
            yield self._typed(records)

    def _records(self, count: int, data: bytes) -> Iterator[dict[str, object]]:
        block = io.BytesIO(data)
        try:
            for _ in range(count):
                record = fastavro.schemaless_reader(block, self._schema.parsed, None)
                assert isinstance(record, dict)  # noqa: S101
                yield record
        except (EOFError, ValueError, LookupError, TypeError, OverflowError) as error:
            raise self._file.damaged(f"a record cannot be read: {error}") from error
        if block.tell() != len(data):
            raise self._file.damaged(f"{len(data) - block.tell()} bytes follow a block's records")

    def _typed(self, records: list[dict[str, object]]) -> tuple[pl.DataFrame, list[Reject]]:
        given = []
        for name, kind in self._schema.kinds:
            try:
                values = kind.make([record[name] for record in records])
                given.append(_series(name, values, kind.dtype))
            except (ValueError, TypeError, OverflowError, pl.exceptions.PolarsError) as error:
                raise self._file.damaged(f"column {name!r}: {error}") from error
        return cast_rows(given, self._binding, self._extract, self._label)


def _series(name: str, values: object, dtype: pl.DataType) -> pl.Series:
    """Make a column; moments are numbers in Avro."""
    if isinstance(dtype, pl.Datetime | pl.Time):
        return pl.Series(name, values, dtype=pl.Int64).cast(dtype)
    if dtype == pl.Date:
        return pl.Series(name, values, dtype=pl.Int32).cast(dtype)
    return pl.Series(name, values, dtype=dtype)
