"""Read a Parquet delivery once, converting types only where no information is lost."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.contract.column import Column
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import bind
from python_loaders.extract.chunk import SOURCE_ROW, Chunk, Reject
from python_loaders.extract.convert import expectation
from python_loaders.extract.limited import LimitedStream

BATCH_ROWS = 131_072
COPY_BYTES = 1 << 20


class ParquetReader:
    """A Reader of Parquet (see chunk.py).

    Parquet is read from its end, so the member is first copied to `scratch`, and hashed on the
    way.
    """

    def __init__(self, stream: LimitedStream, table: Table, label: str, scratch: Path) -> None:
        self._label = label
        self._digest = hashlib.sha256()
        self.byte_count = 0
        path = scratch / "input.parquet"
        with path.open("wb") as copy:
            while chunk := stream.read(COPY_BYTES):
                self._digest.update(chunk)
                self.byte_count += len(chunk)
                copy.write(chunk)
        try:
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
        except pa.ArrowInvalid as error:
            raise ContractError(
                f"{label}: not a whole Parquet file ({error}). Deliver or fetch it again."
            ) from error
        self._binding = bind(self._file.schema_arrow.names, table, label)
        self.delivered = self._binding.delivered
        self.warnings: list[str] = []

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows in order."""
        records = 0
        try:
            for batch in self._file.iter_batches(BATCH_ROWS):
                yield self._chunk(batch, records)
                records += batch.num_rows
        except (OSError, pa.ArrowException) as error:
            raise ContractError(
                f"{self._label}, after row {records}: the file is damaged ({error}). Deliver or "
                "fetch it again."
            ) from error

    def _chunk(self, batch: pa.RecordBatch, before: int) -> Chunk:
        frame = pl.from_arrow(pa.table(batch))
        assert isinstance(frame, pl.DataFrame)  # noqa: S101
        numbers = pl.int_range(before + 1, before + frame.height + 1, eager=True, dtype=pl.Int64)
        columns: list[pl.Series] = [numbers.alias(SOURCE_ROW)]
        reasons: dict[int, tuple[str, str]] = {}
        for given, column in zip(frame.get_columns(), self._binding.columns, strict=True):
            values, bad = self._cast(given, column)
            columns.append(values.alias(column.landed_name))
            for index, reason in bad.items():
                reasons.setdefault(index, (column.name, reason))
        rejects = [
            Reject(before + 1 + index, None, name, reason, repr(frame.row(index, named=True)))
            for index, (name, reason) in sorted(reasons.items())
        ]
        good = pl.Series([True]).new_from_index(0, frame.height)
        if reasons:
            good = good.scatter(list(reasons), False)
        return Chunk(pl.DataFrame(columns).filter(good), rejects, frame.height)

    def _cast(self, given: pl.Series, column: Column) -> tuple[pl.Series, dict[int, str]]:
        """Return values of the contract's type, and for each bad one its index and reason."""
        if not _is_lossless(given.dtype, column.type.polars):
            raise ContractError(
                f"{self._label}: column {given.name!r} is {given.dtype}, the contract says "
                f"{column.data_type}, and that would lose information. Correct one of them."
            )
        values = given
        if isinstance(given.dtype, pl.Datetime) and given.dtype.time_zone:
            values = given.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        values = values.cast(column.type.polars, strict=False)
        lost = values.is_null() & given.is_not_null()
        if given.dtype != values.dtype and given.dtype.is_numeric():
            lost |= (values.cast(given.dtype, strict=False) != given).fill_null(value=False)
        bad = {i: f"{given[i]!r} does not fit {expectation(column)}" for i in lost.arg_true()}
        if column.type.name == "double" and column.non_finite != "keep":
            infinite = ~values.is_finite().fill_null(value=True)
            if column.non_finite == "reject":
                bad |= {i: f"{given[i]!r} is not a finite number" for i in infinite.arg_true()}
            values = values.set(infinite, None)
        if column.required:
            missing = given.is_null().arg_true()
            bad |= dict.fromkeys(missing, "null, and the column is required (not_null)")
        return values, bad


def _is_lossless(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Return whether every value that fits can be converted; single values are checked later."""
    if given == wanted or given == pl.Null:
        return True
    if wanted == pl.String:
        return isinstance(given, pl.Categorical | pl.Enum)
    if wanted.is_numeric():
        return given.is_numeric() and not (given.is_float() and wanted.is_decimal())
    if isinstance(wanted, pl.Datetime):
        return isinstance(given, pl.Datetime | pl.Date)
    return False
