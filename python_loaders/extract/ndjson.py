"""Read a delivery with one JSON object per line: fast where possible, line by line where not."""

from collections.abc import Iterator
from json import JSONDecodeError

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.batch import Batch
from python_loaders.extract.blocks import Block, BlockStream
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.json_values import DECODER, fields_of
from python_loaders.extract.keys import BadRecordError, Keys
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.ndjson_fast import parse_fast
from python_loaders.extract.parallel import in_flight
from python_loaders.extract.unknown import UnknownFields


class NdjsonReader:
    """A Reader of NDJSON, also called JSON Lines (see chunk.py)."""

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._blocks = BlockStream(stream, extract, label)
        self._extract = extract
        self._label = label
        self.unknown = UnknownFields(extract)
        take_unknown = self.unknown.add if table.mode == "evolve" else None
        self._keys = Keys(table, label, take_unknown)
        self.warnings: list[str] = []

    @property
    def delivered(self) -> list[str]:
        """The landed names of the columns that any record has held so far."""
        return self._keys.delivered

    @property
    def byte_count(self) -> int:
        """Bytes of the member read so far."""
        return self._blocks.byte_count

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._blocks.sha256()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order, while the following blocks are being parsed."""
        return numbered(in_flight(self._blocks, self._parse))

    def _parse(self, block: Block) -> tuple[pl.DataFrame, list[Reject]]:
        rows = parse_fast(block, self._keys, self._extract)
        if rows is not None:
            return rows, []
        return parse_slow(block, self._keys, self._extract, self._label)


def parse_slow(
    block: Block, keys: Keys, extract: Extract, label: str
) -> tuple[pl.DataFrame, list[Reject]]:
    """Return the typed good rows and the bad records, both with a 0-based record number.

    Raises:
        ContractError: a key is not in the contract, or the file ends inside of a record.
    """
    lines = block.data.decode().removesuffix("\n").split("\n")
    batch = Batch(keys.columns, extract, label)
    for number, text in enumerate(lines):
        line = block.line(number)
        try:
            batch.add(_fields(text, keys, line), line, text)
        except BadRecordError as bad:
            batch.reject(bad.column, bad.reason, line, text)
        except JSONDecodeError as error:
            if number == len(lines) - 1 and not block.data.endswith(b"\n"):
                raise ContractError(
                    f"{label}, line {line}: the file ends inside of a record ({error}). "
                    "Deliver or fetch it again."
                ) from error
            reason = f"the line is not one JSON object ({error.msg}, column {error.colno})"
            batch.reject(None, reason, line, text)
    return batch.finish()


def _fields(text: str, keys: Keys, line: int) -> list[str | None]:
    if not text.strip():
        raise BadRecordError(None, "the line is blank")
    try:
        return fields_of(DECODER.decode(text), keys, line)
    except RecursionError:
        raise BadRecordError(None, "the line is nested too deeply") from None
