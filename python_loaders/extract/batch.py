"""Gather records until there are enough to be typed together."""

from collections.abc import Callable, Sequence

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.contract.extract import Extract
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, Reject
from python_loaders.extract.typed import type_records

BATCH_LENGTH = 4 << 20
BATCH_RECORDS = 50_000


class Batch:
    """Records as texts, and records that are bad already, both in their order.

    Args:
        columns: the contract.
        extract: null markers, number marks and limits.
        label: the file, for messages.
        decode: makes a text of what is kept of a record; it is asked only for bad ones.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        extract: Extract,
        label: str,
        decode: Callable[[bytes], str] = bytes.decode,
    ) -> None:
        self._columns = columns
        self._extract = extract
        self._label = label
        self._decode = decode
        self._begin()

    def _begin(self) -> None:
        self._fields: list[list[str | None]] = []
        self._numbers: list[int] = []
        self._places: list[tuple[int | None, str | bytes]] = []
        self._rejects: list[Reject] = []
        self._length = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to finish."""
        return self._length >= BATCH_LENGTH or self._records >= BATCH_RECORDS

    @property
    def _records(self) -> int:
        return len(self._numbers) + len(self._rejects)

    def add(self, fields: list[str | None], line: int | None, raw: str | bytes) -> None:
        """Add a record with a text, or None, for each column."""
        self._numbers.append(self._records)
        self._fields.append(fields)
        self._places.append((line, raw))
        self._length += len(raw)

    def reject(self, column: str | None, reason: str, line: int | None, raw: str | bytes) -> None:
        """Add a record that is bad already."""
        self._rejects.append(Reject(self._records, line, column, reason, self._text(raw)))
        self._length += len(raw)

    def finish(self) -> tuple[pl.DataFrame, list[Reject]]:
        """Return typed rows and rejects, numbered from 0, and begin anew.

        Raises:
            ContractError: a field is longer than the limit.
        """

        def place(index: int) -> tuple[int | None, str]:
            line, raw = self._places[index]
            return line, self._text(raw)

        rows, rejects = type_records(
            self._fields, self._numbers, self._columns, self._extract, self._label, place
        )
        rejects = sorted(self._rejects + rejects, key=lambda reject: reject.source_row)
        self._begin()
        return rows, rejects

    def _text(self, raw: str | bytes) -> str:
        text = raw if isinstance(raw, str) else self._decode(raw)
        return text[:MAX_RAW_CHARACTERS]
