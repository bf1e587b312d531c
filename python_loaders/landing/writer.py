"""Write the Parquet of one delivery: typed rows with audit columns, and the quarantine."""

import datetime as dt
import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.contract.model import Table
from python_loaders.durable import sync_directory
from python_loaders.extract.chunk import REJECT_SCHEMA, SOURCE_ROW, Chunk, Reject
from python_loaders.landing.log import DataFile

# Enough rows for good compression and for engines to skip by statistics, few enough to hold.
ROW_GROUP_ROWS = 131_072
BATCH_ROWS = 65_536  # are encoded at once; Arrow's own 1,024 cost a tenth of the time more


@dataclass(frozen=True)
class Stamp:
    """The audit values that all rows of a delivery share."""

    batch_id: str
    seq: int
    delivery_key: str
    source_file: str
    landed_at: dt.datetime  # UTC, without a zone

    def columns(self, rows: int) -> dict[str, pa.Array]:
        """Return the constant columns, as dictionaries: those Parquet takes as they are."""
        values = {
            "_batch_id": pa.array([self.batch_id]),
            "_seq": pa.array([self.seq], pa.int64()),
            "_delivery_key": pa.array([self.delivery_key]),
            "_source_file": pa.array([self.source_file]),
            "_landed_at": pa.array([self.landed_at], pa.timestamp("us")),
        }
        first = pa.repeat(pa.scalar(0, pa.int32()), rows)
        return {
            name: pa.DictionaryArray.from_arrays(first, value, safe=False)
            for name, value in values.items()
        }


class Sink(Protocol):
    """Takes the rows of one file, between `with` and its end, and counts them."""

    rows: int

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        ...

    def finish(self, directory: Path, name: str, landing: Path) -> DataFile:
        """Give the file its final name."""
        ...


class ParquetSink:
    """One Parquet file, written in row groups of ROW_GROUP_ROWS and renamed once it is whole.

    A row group is compressed by a thread of its own while the next one is read; never more than
    one at a time, so that memory stays bounded and an error shows with the next row group.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._thread = ThreadPoolExecutor(1)
        self._being_written: Future[None] | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        hurried = kind is not None and issubclass(kind, KeyboardInterrupt)
        try:
            if kind is None:
                self._finish_writing()
        except KeyboardInterrupt:
            hurried = True
            raise
        finally:
            # Whoever ends the process does not wait for a disk that may be slow.
            self._thread.shutdown(wait=not hurried, cancel_futures=hurried)
            if self._writer is not None and not hurried:
                self._writer.close()

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self._path,
                table.schema,
                compression="zstd",
                write_page_checksum=True,
                write_batch_size=BATCH_ROWS,
                store_schema=False,  # the plain Parquet types are the contract, not Arrow's
                # A counter has no repetition for a dictionary, but constant differences.
                use_dictionary=[name for name in table.column_names if name != SOURCE_ROW],
                column_encoding={SOURCE_ROW: "DELTA_BINARY_PACKED"},
            )
        self._waiting.append(table)
        self.rows += table.num_rows
        while sum(table.num_rows for table in self._waiting) >= ROW_GROUP_ROWS:
            self._flush(ROW_GROUP_ROWS)

    def finish(self, directory: Path, name: str, landing: Path) -> DataFile:
        """After the `with`: make the file durable and rename it to a name of its content.

        Args:
            directory: where the file goes.
            name: with `{}` for the first eight digits of the file's sha256.
            landing: the landing directory, to which the returned path is relative.
        """
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        size = self._path.stat().st_size
        directory.mkdir(parents=True, exist_ok=True)
        target = directory / name.format(digest[:8])
        self._path.rename(target)
        for parent in (directory, *directory.parents):
            sync_directory(parent)
            if parent == landing:
                break
        return DataFile(
            path=target.relative_to(landing).as_posix(), rows=self.rows, bytes=size, sha256=digest
        )

    def _finish_writing(self) -> None:
        if self._waiting:
            self._flush(ROW_GROUP_ROWS)
        if self._being_written is not None:
            self._being_written.result()

    def _flush(self, rows: int) -> None:
        table = pa.concat_tables(self._waiting)
        assert self._writer is not None  # noqa: S101
        if self._being_written is not None:
            self._being_written.result()
        group = table.slice(0, rows)
        self._being_written = self._thread.submit(self._writer.write_table, group, rows)
        self._waiting = [table.slice(rows)] if table.num_rows > rows else []


def stamp_rows(chunk: Chunk, table: Table, stamp: Stamp) -> pa.Table:
    """Return all contract columns in contract order, then the audit columns."""
    delivered = set(chunk.rows.columns)
    columns = [
        pl.col(column.landed_name)
        if column.landed_name in delivered
        else pl.lit(None, column.type.polars).alias(column.landed_name)
        for column in table.landed_columns
    ]
    # Not to_arrow(): this way texts stay the views that they are, which saves a copy.
    rows = pa.table(chunk.rows.select(*columns, SOURCE_ROW))
    for name, values in stamp.columns(rows.num_rows).items():
        rows = rows.append_column(name, values)
    return rows


def stamp_rejects(rejects: list[Reject], table: Table, stamp: Stamp) -> pa.Table:
    """Return the quarantine's rows, in the layout of raw_contrail.rejects."""
    rows = [(r.source_row, r.source_line, r.column_name, r.reason, r.raw_text) for r in rejects]
    frame = pl.DataFrame(rows, schema=REJECT_SCHEMA, orient="row").select(
        pl.lit(stamp.seq, pl.Int64).alias("seq"),
        pl.lit(stamp.batch_id).alias("batch_id"),
        pl.lit(table.source).alias("source_name"),
        pl.lit(table.name).alias("table_name"),
        pl.lit(stamp.source_file).alias("source_file"),
        pl.col(SOURCE_ROW).alias("source_row"),
        pl.exclude(SOURCE_ROW),
    )
    return pa.table(frame)
