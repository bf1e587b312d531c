"""Read an XML delivery once, element by element, without entities and document types."""

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import cast
from xml.etree.ElementTree import ParseError

import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.batch import Batch
from python_loaders.extract.blocks import MAX_RECORD_BYTES
from python_loaders.extract.chunk import Chunk, Reject, numbered
from python_loaders.extract.keys import BadRecordError, Keys
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.unknown import UnknownFields
from python_loaders.extract.xml_records import XmlRecord, XmlRecords

FEED_BYTES = 256 << 10
HEAD_BYTES = 1 << 10
# A tag may hold the sign for its end in an attribute.
TAG = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
DECLARED = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)""")


class XmlReader:
    """A Reader of XML (see chunk.py).

    `records` in the contract is the path of the record elements from the root. What stands around
    them is not read as data, but checked to be well-formed to the end of the document.
    """

    def __init__(self, stream: LimitedStream, table: Table, extract: Extract, label: str) -> None:
        self._stream = stream
        self._extract = extract
        self._label = label
        self.unknown = UnknownFields(extract)
        take_unknown = self.unknown.add if table.mode == "evolve" else None
        self._keys = Keys(table, label, take_unknown)
        self._records = XmlRecords((extract.records or "").split("/")[1:], self._keys, label)
        # What the document says of itself counts, unless the contract knows better.
        given = extract.encoding if "encoding" in extract.model_fields_set else None
        self._parser = DefusedXMLParser(target=self._records, encoding=given, forbid_dtd=True)
        self._records.parser = self._parser.parser
        self._encoding = given or "utf-8"
        self._digest = hashlib.sha256()
        self._buffer = b""  # what may be needed to show a record
        self._buffer_at = 0
        self.byte_count = 0
        self.warnings: list[str] = []

    @property
    def delivered(self) -> list[str]:
        """The landed names of the columns that any record has held so far."""
        return self._keys.delivered

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[Chunk]:
        """Yield the records in order."""
        return numbered(self._parts())

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the line and the text of each record instead."""
        for records in self._fed():
            yield from ((record.line, self._decode(self._raw(record))) for record in records)

    def _parts(self) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        batch = Batch(self._keys.columns, self._extract, self._label, self._decode)
        for records in self._fed():
            for record in records:
                self._add(record, batch)
            if batch.is_full:
                yield batch.finish()
        yield batch.finish()
        for name, count in self._records.beside.items():
            self.warnings.append(
                f"{self._label}: beside the records stand elements <{name}> ({count}), which are "
                "not read"
            )

    def _fed(self) -> Iterator[list[XmlRecord]]:
        """Feed the parser, and yield the records that it has come to the end of."""
        self._find_encoding(self._stream.peek(HEAD_BYTES))
        while chunk := self._stream.read(FEED_BYTES):
            self._feed(chunk)
            yield self._records.done
            self._records.done.clear()
            self._forget()
        self._close()

    def _add(self, record: XmlRecord, batch: Batch) -> None:
        raw = self._raw(record)
        if record.problem:
            batch.reject(None, record.problem, record.line, raw)
            return
        try:
            values = self._keys.place(record.fields, record.line)
        except BadRecordError as bad:
            batch.reject(bad.column, bad.reason, record.line, raw)
        else:
            batch.add(cast("list[str | None]", values), record.line, raw)

    def _feed(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.byte_count += len(chunk)
        self._buffer += chunk
        try:
            self._parser.feed(chunk)
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise self._refusal(error) from error
        if self.byte_count - self._parser.parser.CurrentByteIndex > MAX_RECORD_BYTES:
            raise self._refusal(f"a tag or comment is longer than {MAX_RECORD_BYTES >> 20} MiB")

    def _close(self) -> None:
        if not self.byte_count:
            raise ContractError(
                f"{self._label}: the file is empty. Ask for a complete delivery; an empty one "
                "would replace what is landed with nothing."
            )
        try:
            self._parser.close()
        except (ParseError, DefusedXmlException) as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception | str) -> ContractError:
        if isinstance(error, DefusedXmlException):
            return ContractError(
                f"{self._label}, line {self._parser.parser.CurrentLineNumber}: holds a document "
                "type or entities, which are refused: they can name files and grow without end. "
                "Ask for a delivery without them."
            )
        return ContractError(
            f"{self._label}, line {self._parser.parser.CurrentLineNumber}: not a whole XML "
            f"document ({error}). Deliver or fetch it again; if its encoding is not what it says, "
            "declare `encoding:` in the contract."
        )

    def _find_encoding(self, head: bytes) -> None:
        """Find out the encoding, in which rejected records are shown."""
        marks = [encoding for mark, encoding in UTF16.items() if head.startswith(mark)]
        declared = DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
        if marks:
            self._encoding = marks[0]
        elif declared and "encoding" not in self._extract.model_fields_set:
            self._encoding = declared[1].decode()

    def _raw(self, record: XmlRecord) -> bytes:
        """Return the bytes of a record; expat says where its last tag begins, not where it ends."""
        begin, last = record.begin - self._buffer_at, record.end - self._buffer_at
        raw = self._buffer[begin:last]
        if raw.endswith("/>".encode(self._encoding)) and TAG.fullmatch(self._decode(raw)):
            return raw  # of <record ... /> it says where it ends
        sign = ">".encode(self._encoding)
        return self._buffer[begin : self._buffer.find(sign, last) + len(sign)]

    def _decode(self, raw: bytes) -> str:
        return raw.decode(self._encoding, "backslashreplace")

    def _forget(self) -> None:
        """Drop the bytes before the record that is open, or before what comes next."""
        begin = self._records.begin
        needed = self._parser.parser.CurrentByteIndex if begin is None else begin
        if needed > self._buffer_at:
            self._buffer = self._buffer[needed - self._buffer_at :]
            self._buffer_at = needed
