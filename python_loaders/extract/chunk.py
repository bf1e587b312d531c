"""What a reader hands over: typed rows, and the rows that do not keep the contract."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import polars as pl

SOURCE_ROW = "_source_row"
REJECT_SCHEMA = {
    SOURCE_ROW: pl.Int64,  # 1-based data record
    "source_line": pl.Int64,  # 1-based line on which the record begins; null in a Parquet file
    "column_name": pl.String,  # null when the record as a whole is wrong
    "reason": pl.String,
    "raw_text": pl.String,  # the record as delivered, at most MAX_RAW_CHARACTERS
}
MAX_RAW_CHARACTERS = 65_536


@dataclass(frozen=True)
class Reject:
    """Why one record was not landed."""

    source_row: int
    source_line: int | None
    column_name: str | None
    reason: str
    raw_text: str


@dataclass(frozen=True)
class Chunk:
    """Some consecutive records of a delivery.

    `rows` holds every contract column in contract order (NULL where the delivery lacks it) and
    `_source_row`. Each record that was read is in exactly one of `rows` and `rejects`.
    """

    rows: pl.DataFrame
    rejects: list[Reject]
    records: int


class Reader(Protocol):
    """Reads one member once, from front to back.

    `byte_count` and `sha256` describe the bytes of the member and are complete after the last
    chunk; `delivered` are the landed names of the columns that the member holds.
    """

    delivered: list[str]
    byte_count: int
    warnings: list[str]

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order."""
        ...

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        ...


def numbered(parts: Iterable[tuple[pl.DataFrame, list[Reject]]]) -> Iterator[Chunk]:
    """Count records through all parts, each of which has numbered its own from 0."""
    records = 0
    for rows, rejects in parts:
        count = rows.height + len(rejects)
        yield Chunk(
            rows=rows.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64) + (records + 1)),
            rejects=[
                replace(reject, source_row=reject.source_row + records + 1) for reject in rejects
            ],
            records=count,
        )
        records += count
