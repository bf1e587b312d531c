"""Read a CSV delivery once, block by block: fast where possible, record by record where not."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import bind
from python_loaders.extract.blocks import Block, BlockStream
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.csv_fast import parse_fast
from python_loaders.extract.csv_slow import dialect, parse_slow
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.parallel import in_flight
from python_loaders.extract.quotes import misplaced_quote

SAMPLE_RECORDS = 100  # are enough to see what a column holds


class CsvReader:
    """A Reader of CSV (see chunk.py)."""

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._blocks = BlockStream(
            stream,
            extract,
            label,
            has_header=extract.header is True,
            quote=extract.quote_mark,
        )
        self._extract = extract
        self._label = label
        self._trailing = bool(extract.trailing_delimiter)
        if extract.header is True:
            names = self._read_header()
            place = f"{label}, line {self._blocks.header_line}"
        else:
            names = extract.header or [column.name for column in table.landed_columns]
            place = f"{label}, as the contract says (header)"
        self._binding = bind(names, table, place, lambda: self._sample(names))
        self.delivered = self._binding.delivered
        self.warnings: list[str] = []

    def _read_header(self) -> list[str]:
        """Return the names; whether a delimiter follows the last decides about all lines."""
        extract = self._extract
        reader = csv.reader([self._blocks.header], **dialect(extract))
        names = next(reader, [])
        self._trailing = bool(names) and not names[-1].strip() and self._trailing
        if extract.trailing_delimiter is True and not self._trailing:
            raise ContractError(
                f"{self._label}, line {self._blocks.header_line}: the header does not end in "
                f"{extract.delimiter!r}, as the contract says (trailing_delimiter). The file may "
                "be cut, or set it to auto."
            )
        return names[:-1] if self._trailing else names

    def _sample(self, names: list[str]) -> dict[str, list[str]]:
        """Return the first values of each column, without what means null."""
        values: dict[str, list[str]] = {name: [] for name in names}
        lines = self._blocks.peek().splitlines(keepends=True)
        with suppress(csv.Error):
            for fields in islice(csv.reader(lines, **dialect(self._extract)), SAMPLE_RECORDS):
                if len(fields) == len(names) + self._trailing:
                    for name, value in zip(names, fields, strict=False):
                        values[name].append(value)
        markers = self._extract.markers
        return {name: [v for v in found if v not in markers] for name, found in values.items()}

    @property
    def byte_count(self) -> int:
        """Bytes of the member read so far."""
        return self._blocks.byte_count

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._blocks.sha256()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order, while the following blocks are being parsed."""
        yield from numbered(in_flight(self._blocks, self._parse))
        if self._blocks.lacks_final_newline:
            self.warnings.append(
                f"{self._label}: no newline after the last record; if the file was cut inside "
                "its last field, nothing else shows it"
            )

    def _parse(self, block: Block) -> tuple[pl.DataFrame, list[Reject]]:
        extract = self._extract
        offset = misplaced_quote(block.data, extract.delimiter, extract.quote_mark)
        if offset is not None:
            line = block.line(block.data.count(b"\n", 0, offset))
            raise ContractError(
                f"{self._label}, line {line}: a quote is out of place, so that records cannot "
                "be told apart. Quote the whole field, and double the quotes inside it."
            )
        rows = parse_fast(block, self._binding, extract, trailing=self._trailing)
        if rows is not None:
            return rows, []
        return parse_slow(block, self._binding, extract, self._label, trailing=self._trailing)
