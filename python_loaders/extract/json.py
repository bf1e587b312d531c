"""Read a delivery that is one JSON document with an array of objects somewhere in it."""

from collections.abc import Iterator

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.batch import Batch
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.json_document import JsonDocument
from python_loaders.extract.json_values import fields_of
from python_loaders.extract.keys import BadRecordError, Keys
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.unknown import UnknownFields


class JsonReader:
    """A Reader of JSON (see chunk.py).

    `records` in the contract is a JSON Pointer (RFC 6901) to the array, through objects only;
    without it the document is the array. What stands around the array is not read as data, but
    checked to be JSON to the end of the document.
    """

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._document = JsonDocument(stream, extract.encoding, label)
        self._extract = extract
        self._label = label
        self.unknown = UnknownFields(extract)
        take_unknown = self.unknown.add if table.mode == "evolve" else None
        self._keys = Keys(table, label, take_unknown)
        pointer = (extract.records or "").split("/")[1:]
        self._path = [part.replace("~1", "/").replace("~0", "~") for part in pointer]
        self.warnings: list[str] = []

    @property
    def delivered(self) -> list[str]:
        """The landed names of the columns that any record has held so far."""
        return self._keys.delivered

    @property
    def byte_count(self) -> int:
        """Bytes of the member read so far."""
        return self._document.bytes.byte_count

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._document.bytes.sha256()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order."""
        return numbered(self._parts())

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the text of each record instead."""
        return ((line, raw) for _, raw, line in self._records(0))

    def _parts(self) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        batch = Batch(self._keys.columns, self._extract, self._label)
        for value, raw, line in self._records(0):
            try:
                batch.add(fields_of(value, self._keys, line), line, raw)
            except RecursionError:
                batch.reject(None, "the record is nested too deeply", line, raw)
            except BadRecordError as bad:
                batch.reject(bad.column, bad.reason, line, raw)
            if batch.is_full:
                yield batch.finish()
        yield batch.finish()
        if rest := self._document.peek():
            raise self._document.error(f"after its end follows {rest!r}")

    def _records(self, depth: int) -> Iterator[tuple[object, str, int]]:
        """Yield the records below the part of the path that `depth` says."""
        document = self._document
        wanted = "{" if depth < len(self._path) else "["
        if document.peek() not in ("", wanted):
            what = {"{": "an object", "[": "an array"}
            place = "/" + "/".join(self._path[:depth])
            raise ContractError(
                f"{self._label}, line {document.line}: expected {what[wanted]} at {place}, found "
                f"{what.get(document.peek(), 'a value')}. Correct `records:` in the contract, "
                "which says where the array of records is, or ask for another delivery."
            )
        if depth == len(self._path):
            for _ in document.elements():
                yield document.value()
            return
        found: list[str] = []
        for key in document.members():
            if key != self._path[depth]:
                document.skip()
            elif key in found:
                raise document.error(f"the key {key!r} is there twice")
            else:
                yield from self._records(depth + 1)
            found.append(key)
        if self._path[depth] not in found:
            raise ContractError(
                f"{self._label}: there is no key {self._path[depth]!r} on the way to "
                f"{self._extract.records}. There is: {', '.join(found[:20]) or 'nothing'}. Correct "
                "`records:` in the contract, or ask for another delivery."
            )
