"""Collect the fields of record elements while expat goes through a document."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from python_loaders.errors import ContractError
from python_loaders.extract.blocks import MAX_RECORD_BYTES
from python_loaders.extract.keys import Keys

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
OWN_TEXT = "."
MAX_DEPTH = 100
SHOWN_PATHS = 10


@dataclass(slots=True)
class Element:
    """An element that is open inside of a record."""

    path: str
    is_nil: bool = False
    has_attributes: bool = False
    has_elements: bool = False
    pieces: list[str] | None = None  # of its text


@dataclass(slots=True)
class XmlRecord:
    """A record element: what it holds, and where it stands."""

    begin: int  # offset of its first byte in the document
    line: int
    end: int = 0  # offset of the byte at which its last tag begins
    fields: list[tuple[str, str | None]] = field(default_factory=list)
    problem: str | None = None
    length: int = 0


class XmlRecords:
    """A target of an XML parser: it is told of each element, and keeps whole records.

    A field is an element without elements, named by its path below the record ("position/lat"),
    or an attribute ("@id", "position/@lat"). Namespaces are left out of names.

    Args:
        path: the names of the elements from the root to the record.
        keys: the contract's names.
        label: the file, for messages.
    """

    def __init__(self, path: list[str], keys: Keys, label: str) -> None:
        self.parser: Any = None  # the expat parser, which knows where it is
        self.done: list[XmlRecord] = []
        self.beside: Counter[str] = Counter()
        self.begin: int | None = None  # of the record that is open
        self._path = path
        self._keys = keys
        self._label = label
        self._outer: list[str] = []
        self._inner: list[Element] = []
        self._record: XmlRecord | None = None
        self._seen: dict[str, None] = {}
        self._has_parent = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        name = tag.rpartition("}")[2]
        if self._record is None:
            self._start_outside(name, attributes)
            return
        parent = self._inner[-1]
        parent.has_elements = True
        self._open(f"{parent.path}/{name}" if parent.path else name, attributes, self._record)

    def _start_outside(self, name: str, attributes: Mapping[str, str]) -> None:
        self._outer.append(name)
        self._check_depth(len(self._outer))
        if len(self._seen) < SHOWN_PATHS:
            self._seen["/" + "/".join(self._outer)] = None
        if self._outer == self._path:
            self._record = XmlRecord(self.parser.CurrentByteIndex, self.parser.CurrentLineNumber)
            self.begin = self._record.begin
            self._open("", attributes, self._record)
        elif self._outer[:-1] == self._path[:-1]:
            self.beside[name] += 1
        self._has_parent |= self._outer == self._path[:-1] or len(self._path) == 1

    def _open(self, path: str, attributes: Mapping[str, str], record: XmlRecord) -> None:
        self._check_depth(len(self._inner))
        element = Element(path)
        if attributes:
            self._add_attributes(element, attributes, record)
        self._inner.append(element)

    def _add_attributes(
        self, element: Element, attributes: Mapping[str, str], record: XmlRecord
    ) -> None:
        names = set()
        for tag, value in attributes.items():
            name = tag.rpartition("}")[2]
            if tag == NIL:
                element.is_nil = value.strip() in ("true", "1")
                continue
            if name in names:
                record.problem = f"two attributes {name!r} differ only in their namespace"
            names.add(name)
            record.fields.append((f"{element.path}/@{name}" if element.path else f"@{name}", value))
            self._count(record, len(value))
        element.has_attributes = bool(names)

    def data(self, text: str) -> None:
        """Add text to the open element."""
        if self._record is not None:
            element = self._inner[-1]
            if element.pieces is None:
                element.pieces = [text]
            else:
                element.pieces.append(text)
            self._count(self._record, len(text))

    def end(self, _tag: str) -> None:
        """Close the open element."""
        record = self._record
        if record is None:
            self._outer.pop()
            return
        element = self._inner.pop()
        self._add(element, record)
        if not self._inner:
            record.end = self.parser.CurrentByteIndex
            self.done.append(record)
            self._outer.pop()
            self._record, self.begin = None, None

    def _add(self, element: Element, record: XmlRecord) -> None:
        text = "".join(element.pieces) if element.pieces else ""
        is_blank = not text.strip(" \t\r\n")
        if element.is_nil and (element.has_elements or not is_blank):
            record.problem = f"<{element.path}> is nil, and not empty"
        elif element.has_elements and not is_blank:
            record.problem = f"text stands beside elements in <{element.path or self._path[-1]}>"
        elif element.has_elements or (not element.path and is_blank):
            return
        elif element.has_attributes and is_blank and self._keys.find(element.path) is None:
            return  # its attributes are what it has to say
        else:
            name = element.path or OWN_TEXT
            record.fields.append((name, None if element.is_nil else text))

    def close(self) -> None:
        """End the document.

        Raises:
            ContractError: the elements around the records were not there.
        """
        if not self._has_parent:
            raise ContractError(
                f"{self._label}: there is no element for /{'/'.join(self._path)}. There is: "
                f"{', '.join(self._seen)}. Correct `records:` in the contract, or ask for another "
                "delivery."
            )

    def _count(self, record: XmlRecord, length: int) -> None:
        record.length += length
        if record.length > MAX_RECORD_BYTES:
            raise ContractError(
                f"{self._label}, line {record.line}: a record is longer than "
                f"{MAX_RECORD_BYTES >> 20} MiB. Correct `records:` in the contract, or ask for "
                "another delivery."
            )

    def _check_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ContractError(
                f"{self._label}, line {self.parser.CurrentLineNumber}: elements are nested more "
                f"than {MAX_DEPTH} deep. Ask for another delivery."
            )
