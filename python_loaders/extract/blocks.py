"""Cut a CSV byte stream into blocks of whole records, in UTF-8 and with newline line ends.

Memory is bounded by the block size, whatever the file's size. Everything that would make the
position of record boundaries doubtful (encoding, NUL, quotes) is decided here or in quotes.py.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from python_loaders.errors import ContractError
from python_loaders.extract.archive import LimitedStream
from python_loaders.extract.octets import count_octet

BLOCK_BYTES = 4 << 20
MAX_RECORD_BYTES = 64 << 20
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Block:
    """Whole records as UTF-8; `first_line` is the 1-based line on which they begin."""

    data: bytes
    first_line: int
    lines: int


class BlockStream:
    """Reads a CSV once: first `header`, then iterate for the blocks of data."""

    def __init__(self, stream: LimitedStream, encoding: str, label: str) -> None:
        self._stream = stream
        self._label = label
        self._encoding = codecs.lookup(encoding).name
        # In these every byte below 128 is ASCII, so that ASCII chunks need no transcoding.
        self._keeps_ascii = bytes(range(128)).decode(encoding, "replace") == "".join(
            map(chr, range(128))
        )
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._digest = hashlib.sha256()
        self._ends_in_cr_only = False
        self._line = 1
        self.byte_count = 0
        self.lacks_final_newline = False
        self._rest = self._read_first()
        self.header = self._cut_header()

    def sha256(self) -> str:
        """Return the digest of the bytes read so far, as delivered."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Block]:
        """Yield the records after the header; the last block may end without a newline."""
        at_end = False
        while not at_end:
            cut = _last_boundary(self._rest)
            if not cut:
                chunk = self._read()
                at_end = not chunk
                self._rest += chunk
                cut = len(self._rest) if at_end else 0
            if not cut and len(self._rest) > MAX_RECORD_BYTES:
                raise ContractError(
                    f"{self._label}, line {self._line}: a record is longer than "
                    f"{MAX_RECORD_BYTES >> 20} MiB. A quote that is opened near this line is "
                    "probably never closed; correct the file."
                )
            data, self._rest = self._rest[:cut], self._rest[cut:]
            if data:
                yield self._block(data)

    def _block(self, data: bytes) -> Block:
        if not data.isascii():
            self._check_utf8(data)
        if b"\0" in data:
            line = self._line + data.count(b"\n", 0, data.index(b"\0"))
            raise ContractError(
                f"{self._label}, line {line}: holds a NUL byte. The file is damaged or is not "
                "text in the declared encoding; ask for a correct delivery."
            )
        self.lacks_final_newline = not data.endswith(b"\n")
        lines = count_octet(data, b"\n") + self.lacks_final_newline
        block = Block(data, self._line, lines)
        self._line += lines
        return block

    def _check_utf8(self, data: bytes) -> None:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = self._line + data.count(b"\n", 0, error.start)
            self._refuse_encoding(data[error.start], line)

    def _refuse_encoding(self, byte: int, line: int) -> None:
        raise ContractError(
            f"{self._label}, line {line}: byte 0x{byte:02x} is not valid {self._encoding}. "
            "If the file is meant to be so, declare its `encoding:` in the contract "
            "(for example windows-1252)."
        ) from None

    def _read(self) -> bytes:
        """Read the next bytes as UTF-8 with newline line ends; empty at the end."""
        while chunk := self._stream.read(BLOCK_BYTES):
            self._digest.update(chunk)
            self.byte_count += len(chunk)
            if text := self._normalise(chunk, final=False):
                return text
        return self._normalise(b"", final=True)

    def _normalise(self, chunk: bytes, *, final: bool) -> bytes:
        if self._encoding != "utf-8" and not (self._keeps_ascii and chunk.isascii()):
            try:
                chunk = self._decoder.decode(chunk, final).encode()
            except UnicodeDecodeError as error:
                before = self._rest.count(b"\n") + error.object.count(b"\n", 0, error.start)
                self._refuse_encoding(error.object[error.start], self._line + before)
        return chunk.replace(b"\r", b"\n") if self._ends_in_cr_only else chunk

    def _read_first(self) -> bytes:
        self._rest = b""
        first = self._read()
        # A stream may give little at once; a mark or a line end must not be cut in two.
        while (len(first) < 4 or first.endswith(b"\r")) and (more := self._read()):
            first += more
        if not first:
            raise ContractError(
                f"{self._label}: the file is empty. Ask for a complete delivery; an empty one "
                "would replace what is landed with nothing."
            )
        if self._encoding == "utf-8" and first.startswith(UTF16_MARKS):
            raise ContractError(
                f"{self._label}, line 1: the file is UTF-16. Declare `encoding: utf-16` in the "
                "contract, or ask for UTF-8."
            )
        first = first.removeprefix(codecs.BOM_UTF8)
        carriage, newline = first.find(b"\r"), first.find(b"\n")
        if carriage >= 0 and newline != carriage + 1 and (newline < 0 or carriage < newline):
            self._ends_in_cr_only = True
            first = first.replace(b"\r", b"\n")
        return first

    def _cut_header(self) -> str:
        """Cut off the first record, which may hold quoted newlines."""
        end = -1
        while True:
            end = self._rest.find(b"\n", end + 1)
            if end >= 0 and self._rest.count(b'"', 0, end) % 2 == 0:
                break
            if end < 0 and not (chunk := self._read()):
                end = len(self._rest)
                break
            if end < 0:
                self._rest += chunk
        header, self._rest = self._rest[: end + 1], self._rest[end + 1 :]
        self._check_utf8(header)
        self._line += header.count(b"\n")
        return header.decode().rstrip("\r\n")


def _last_boundary(data: bytes) -> int:
    """Return the offset after the last newline that is outside of quotes; 0 for none."""
    end = data.rfind(b"\n")
    quotes = data.count(b'"', 0, end) if end >= 0 else 0
    while end >= 0 and quotes % 2:
        previous = data.rfind(b"\n", 0, end)
        quotes -= data.count(b'"', max(previous, 0), end)
        end = previous
    return end + 1
