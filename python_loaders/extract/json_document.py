"""Walk through a JSON document of any size, one value of an array at a time."""

import codecs
import re
from collections.abc import Iterator
from json import JSONDecodeError

from python_loaders.errors import ContractError
from python_loaders.extract.blocks import MAX_RECORD_BYTES
from python_loaders.extract.json_values import DECODER
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.text import TextStream

BLANKS = re.compile(r"[ \t\n\r]*")
# An error so near to the end of what is read may be nothing but the end: a long escape is half
# read, or "nul" is not yet "null".
NEAR_THE_END = 16


class JsonDocument:
    """A position in a document. Only the value at hand is held in memory.

    Raises:
        ContractError: the document is not valid or not whole; any method.
    """

    def __init__(self, stream: LimitedStream, encoding: str, label: str) -> None:
        self.bytes = TextStream(stream, encoding, label, self._next_line)
        self.line = 1
        self._label = label
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """Return the next character that is not blank; "" at the end."""
        while True:
            blanks = BLANKS.match(self._text, self._at)
            self._move(blanks.end() if blanks else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def take(self, wanted: str) -> str:
        """Pass the next character, which must be one of those wanted."""
        found = self.peek()
        if not found or found not in wanted:
            what = repr(found) if found else "its end"
            raise self.error(f"expected {' or '.join(wanted)}, found {what}")
        self._at += 1
        return found

    def value(self) -> tuple[object, str, int]:
        """Pass one value; return it, its text, and the line on which it begins."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError as error:
                if self._may_be_cut(error) and self._read():
                    continue
                self._move(min(error.pos, len(self._text)))
                raise self.error(error.msg) from error
            except RecursionError as error:
                raise self.error("it is nested too deeply") from error
            is_open = self._text[end - 1] not in '"]}'  # a number, of which 1 may be read of 1e+5
            if is_open and end > len(self._text) - NEAR_THE_END and self._read():
                continue
            raw, line = self._text[self._at : end], self.line
            self._move(end)
            return value, raw, line

    def elements(self) -> Iterator[None]:
        """Pass an array; stops before each element, which the caller has to pass."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        yield
        while self.take(",]") == ",":
            yield

    def members(self) -> Iterator[str]:
        """Pass an object; yields each key, and the caller has to pass its value."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            if self.peek() != '"':
                raise self.error("expected a key in quotes")
            key, _, _ = self.value()
            self.take(":")
            yield str(key)
            if self.take(",}") == "}":
                return

    def skip(self, depth: int = 0) -> None:
        """Pass a value of whatever size."""
        if depth > 100:
            raise self.error("it is nested too deeply")
        kind = self.peek()
        if kind == "{":
            for _ in self.members():
                self.skip(depth + 1)
        elif kind == "[":
            for _ in self.elements():
                self.skip(depth + 1)
        else:
            self.value()

    def error(self, problem: str) -> ContractError:
        """Return the error for what stands here."""
        return ContractError(
            f"{self._label}, line {self.line}: not a whole JSON document ({problem}). Deliver or "
            "fetch it again; if each line is a document of its own, say `format: ndjson`."
        )

    def _may_be_cut(self, error: JSONDecodeError) -> bool:
        is_near = error.pos > len(self._text) - NEAR_THE_END
        return is_near or error.msg.startswith("Unterminated string")

    def _move(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _next_line(self) -> int:
        return self.line + self._text.count("\n", self._at)

    def _read(self) -> bool:
        """Read on; false at the end."""
        if len(self._text) - self._at > MAX_RECORD_BYTES:
            raise ContractError(
                f"{self._label}, line {self.line}: a value is longer than "
                f"{MAX_RECORD_BYTES >> 20} MiB. Say in the contract where the array of records is "
                "(`records:`), or ask for smaller ones."
            )
        chunk = self.bytes.read()
        try:
            text = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line = self._next_line() + error.object.count(b"\n", 0, error.start)
            self.bytes.refuse_byte(error.object[error.start], line)
        if chunk:
            self._text = self._text[self._at :] + text
            self._at = 0
        return bool(chunk)
