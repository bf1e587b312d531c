"""Read a delivery whose fields stand at fixed positions of a line."""

from collections.abc import Iterator

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.extract.blocks import Block, BlockStream
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, Chunk, Reject, numbered
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.parallel import in_flight
from python_loaders.extract.typed import type_texts

BLANK = " "


class FixedReader:
    """A Reader of fixed-width text (see chunk.py). Positions count characters, not bytes."""

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._blocks = BlockStream(stream, extract, label)
        self._extract = extract
        self._label = label
        self._columns = [column for column in table.landed_columns if column.at]
        self._spans = [(column.at[0] - 1, column.at[1]) for column in self._columns if column.at]
        end = max(begin + width for begin, width in self._spans)
        self._length = extract.line_length or end
        self._gaps = _gaps(self._spans, self._length)
        self.delivered = [column.landed_name for column in self._columns]
        self.warnings: list[str] = []

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
        if self._extract.short_lines and self._blocks.lacks_final_newline:
            self.warnings.append(
                f"{self._label}: no newline after the last record; if the file was cut inside "
                "it, nothing else shows it"
            )

    def _parse(self, block: Block) -> tuple[pl.DataFrame, list[Reject]]:
        text = block.data.decode().removesuffix("\n")
        lines = pl.Series(text.split("\n"), dtype=pl.String).str.strip_suffix("\r")
        full = lines.str.pad_end(self._length) if self._extract.short_lines else lines
        bad = self._wrong_shapes(lines, full)
        numbers = [number for number in range(len(lines)) if number not in bad]
        whole = full.gather(numbers) if bad else full

        def place(index: int) -> tuple[int, str]:
            return block.line(numbers[index]), lines[numbers[index]]

        texts = [self._trim(whole.str.slice(begin, width)) for begin, width in self._spans]
        rows, rejects = type_texts(texts, numbers, self._columns, self._extract, self._label, place)
        for number, reason in bad.items():
            raw = lines[number][:MAX_RAW_CHARACTERS]
            rejects.append(Reject(number, block.line(number), None, reason, raw))
        return rows, sorted(rejects, key=lambda reject: reject.source_row)

    def _wrong_shapes(self, lines: pl.Series, full: pl.Series) -> dict[int, str]:
        """Return the reason for each line that cannot be cut into fields without a loss."""
        bad: dict[int, str] = {}
        for number in (full.str.len_chars() != self._length).arg_true():
            length = len(lines[number])
            bad[number] = f"the line has {length} characters, the contract {self._length}"
        for number in (lines.str.strip_chars(BLANK) == "").arg_true():
            bad[number] = "the line is blank"
        for begin, width in self._gaps:
            gap = full.str.slice(begin, width).str.strip_chars(BLANK)
            for number in (gap != "").arg_true():
                place = f"{begin + 1} to {begin + width}"
                bad.setdefault(
                    number, f"at {place} stands {gap[number]!r}, where the contract has no column"
                )
        return bad

    def _trim(self, field: pl.Series) -> pl.Series:
        match self._extract.trim:
            case "right":
                return field.str.strip_chars_end(BLANK)
            case "left":
                return field.str.strip_chars_start(BLANK)
            case "both":
                return field.str.strip_chars(BLANK)
            case _:
                return field


def _gaps(spans: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """Return the stretches of a line that no column covers."""
    gaps, end = [], 0
    for begin, width in sorted([*spans, (length, 0)]):
        if begin > end:
            gaps.append((end, begin - end))
        end = max(end, begin + width)
    return gaps
