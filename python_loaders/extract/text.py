"""Read bytes once as text: hashed, decoded to UTF-8, with newline line ends."""

import codecs
import hashlib
from collections.abc import Callable

from python_loaders.errors import ContractError
from python_loaders.extract.limited import LimitedStream

BLOCK_BYTES = 4 << 20
# Also the sequences by which UTF-7, HZ and ISO 2022 write other characters in ASCII.
ALL_ASCII = "".join(map(chr, range(128))) + "+AGE- ~{<:~} \x1b$B%=\x1b(B \\u0041"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TextStream:
    """The text of a delivery, in chunks that end anywhere but not inside a line end.

    Bytes that claim to be UTF-8 are passed on as they are; whoever cuts them into records checks
    them, with the line at hand.

    Args:
        stream: the bytes.
        encoding: the declared encoding.
        label: the file, for messages.
        line: says on which line the next chunk begins, for messages.
    """

    def __init__(
        self, stream: LimitedStream, encoding: str, label: str, line: Callable[[], int]
    ) -> None:
        self._stream = stream
        self._label = label
        self._line = line
        self._encoding = codecs.lookup(encoding).name
        # In these every byte below 128 is ASCII, so that ASCII chunks need no transcoding.
        self._keeps_ascii = ALL_ASCII.encode().decode(encoding, "replace") == ALL_ASCII
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._digest = hashlib.sha256()
        self._ends_in_cr_only = False
        self._begun = False
        self.byte_count = 0

    def sha256(self) -> str:
        """Return the digest of the bytes read so far, as delivered."""
        return self._digest.hexdigest()

    def read(self) -> bytes:
        """Return the next chunk as UTF-8; empty at the end.

        Raises:
            ContractError: the file is empty, or not in the declared encoding.
        """
        if self._begun:
            return self._read()
        self._begun = True
        return self._read_first()

    def refuse_byte(self, byte: int, line: int) -> None:
        """Raise the error for a byte that is not valid in the declared encoding."""
        raise ContractError(
            f"{self._label}, line {line}: byte 0x{byte:02x} is not valid {self._encoding}. "
            "If the file is meant to be so, declare its `encoding:` in the contract "
            "(for example windows-1252)."
        ) from None

    def _read(self) -> bytes:
        while chunk := self._stream.read(BLOCK_BYTES):
            self._digest.update(chunk)
            self.byte_count += len(chunk)
            if text := self._normalise(chunk, final=False):
                return text
        return self._normalise(b"", final=True)

    def _normalise(self, chunk: bytes, *, final: bool) -> bytes:
        if self._encoding != "utf-8" and not self._is_plain(chunk):
            try:
                chunk = self._decoder.decode(chunk, final).encode()
            except UnicodeDecodeError as error:
                before = error.object.count(b"\n", 0, error.start)
                self.refuse_byte(error.object[error.start], self._line() + before)
        return chunk.replace(b"\r", b"\n") if self._ends_in_cr_only else chunk

    def _is_plain(self, chunk: bytes) -> bool:
        """Return whether bytes are ASCII, and none of them the rest of a character."""
        return self._keeps_ascii and chunk.isascii() and not self._decoder.getstate()[0]

    def _read_first(self) -> bytes:
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
