"""Write batches of Arrow into one Parquet file that nobody sees until it is complete."""

import hashlib
from collections.abc import Iterable
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

# A row group is what has to be held: as many rows as landing reads at a time, or fewer wide ones.
GROUP_ROWS = 131_072
GROUP_BYTES = 64 << 20


class _Hashed(RawIOBase):
    """A file that hashes what is written to it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.digest = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write and hash."""
        self.digest.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def tell(self) -> int:
        """Return how much was written."""
        return self.bytes

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Part:
    """A Parquet file in the making; it is removed when the `with` ends in an error.

    Attributes:
        content: digest of the rows and their types: two files of the same rows share it, although
            each also says what it is.
        sha256: digest of the whole file.
    """

    def __init__(self, path: Path, title: str, schema: pa.Schema) -> None:
        self.path = path
        self.title = title
        self.rows = 0
        self.bytes = 0
        self.content = ""
        self.sha256 = ""
        self._schema = schema
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> Self:
        self._file = _Hashed(self.path)
        self._writer = pq.ParquetWriter(
            self._file,
            self._schema,
            compression="zstd",
            write_page_checksum=True,
            store_schema=False,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._flush(everything=True)
                # Until here the file holds rows only; what tells it from others comes last.
                described = self._file.digest.copy()
                described.update(str(self._schema).encode())
                self.content = described.hexdigest()
                self._writer.add_key_value_metadata({"contrail.extract": self.title})
            self._writer.close()
        finally:
            self._file.close()
            if kind is not None:
                self.path.unlink(missing_ok=True)
        self.sha256, self.bytes = self._file.digest.hexdigest(), self._file.bytes

    def write(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows as they come."""
        for batch in batches:
            self._waiting.append(batch)
            self.rows += batch.num_rows
            self._flush(everything=False)

    def _flush(self, *, everything: bool) -> None:
        """Write what makes a row group. Where one ends depends on the rows alone."""
        while self._waiting:
            rows = sum(batch.num_rows for batch in self._waiting)
            size = sum(batch.nbytes for batch in self._waiting)
            if not everything and rows < GROUP_ROWS and size < GROUP_BYTES:
                return
            table = pa.Table.from_batches(self._waiting)
            self._writer.write_table(table.slice(0, GROUP_ROWS), GROUP_ROWS)
            self._waiting = table.slice(GROUP_ROWS).to_batches() if rows > GROUP_ROWS else []
