"""Read a Parquet delivery once, converting types only where no information is lost."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import bind
from python_loaders.extract.cast import cast_rows
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.limited import LimitedStream

BATCH_ROWS = 131_072
COPY_BYTES = 1 << 20


class ParquetReader:
    """A Reader of Parquet (see chunk.py).

    Parquet is read from its end, so the member is first copied to `scratch`, and hashed on the
    way.
    """

    def __init__(
        self, stream: LimitedStream, table: Table, extract: Extract, label: str, scratch: Path
    ) -> None:
        self._extract = extract
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
        except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
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
        return numbered(self._parts())

    def _parts(self) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        records = 0
        try:
            for batch in self._file.iter_batches(BATCH_ROWS):
                given = [
                    pl.Series(name, values)
                    for name, values in zip(batch.schema.names, batch.columns, strict=True)
                ]
                yield cast_rows(given, self._binding, self._extract, self._label)
                records += batch.num_rows
        except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
            raise ContractError(
                f"{self._label}, after row {records}: the file is damaged ({error}). Deliver or "
                "fetch it again."
            ) from error
        promised = self._file.metadata.num_rows
        if records != promised:
            raise ContractError(
                f"{self._label}: holds {records} rows, and says that it holds {promised}. The file "
                "is damaged; deliver or fetch it again."
            )
