"""Read a CSV delivery once, block by block: fast where possible, record by record where not."""

import csv
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import polars as pl

from python_loaders.contract.model import Table
from python_loaders.contract.options import Extract
from python_loaders.errors import ContractError
from python_loaders.extract.archive import LimitedStream
from python_loaders.extract.binding import bind
from python_loaders.extract.blocks import Block, BlockStream
from python_loaders.extract.chunk import SOURCE_ROW, Chunk, Reject
from python_loaders.extract.csv_fast import parse_fast
from python_loaders.extract.csv_slow import parse_slow
from python_loaders.extract.quotes import misplaced_quote

# Parsing and writing are native code that runs beside Python. More blocks in flight than this
# only cost memory.
PARSERS = 2
BLOCKS_IN_FLIGHT = 3


class CsvReader:
    """A Reader of CSV (see chunk.py)."""

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._blocks = BlockStream(stream, extract.encoding, label)
        self._extract = extract
        self._label = label
        header = next(csv.reader([self._blocks.header], delimiter=extract.delimiter), [])
        self._trailing = (
            bool(header) and not header[-1].strip() and bool(extract.trailing_delimiter)
        )
        if extract.trailing_delimiter is True and not self._trailing:
            raise ContractError(
                f"{label}, line 1: the header does not end in {extract.delimiter!r}, as the "
                "contract says (trailing_delimiter). The file may be cut, or set it to auto."
            )
        names = header[:-1] if self._trailing else header
        self._binding = bind(names, table, f"{label}, line 1")
        self.delivered = self._binding.delivered
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
        records = 0
        for rows, rejects in self._parsed():
            count = rows.height + len(rejects)
            yield Chunk(
                rows=rows.with_columns(pl.col(SOURCE_ROW).cast(pl.Int64) + (records + 1)),
                rejects=[
                    replace(reject, source_row=reject.source_row + records + 1)
                    for reject in rejects
                ],
                records=count,
            )
            records += count
        if self._blocks.lacks_final_newline:
            self.warnings.append(
                f"{self._label}: no newline after the last record; if the file was cut inside "
                "its last field, nothing else shows it"
            )

    def _parsed(self) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        pending: deque[Future[tuple[pl.DataFrame, list[Reject]]]] = deque()
        pool = ThreadPoolExecutor(PARSERS)
        try:
            for block in self._blocks:
                pending.append(pool.submit(self._parse, block))
                if len(pending) == BLOCKS_IN_FLIGHT:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:  # whoever stops early does not wait for blocks that nobody will see
            pool.shutdown(wait=False, cancel_futures=True)

    def _parse(self, block: Block) -> tuple[pl.DataFrame, list[Reject]]:
        offset = misplaced_quote(block.data, self._extract.delimiter)
        if offset is not None:
            line = block.first_line + block.data.count(b"\n", 0, offset)
            raise ContractError(
                f"{self._label}, line {line}: a quote is out of place, so that records cannot "
                "be told apart. Quote the whole field, and double the quotes inside it."
            )
        rows = parse_fast(block, self._binding, self._extract, trailing=self._trailing)
        if rows is not None:
            return rows, []
        return parse_slow(block, self._binding, self._extract, self._label, trailing=self._trailing)
