"""Cut a text into blocks of whole records: lines, or records of CSV with newlines in quotes.

Memory is bounded by the block size, whatever the file's size. Everything that would make the
position of record boundaries doubtful (encoding, NUL, quotes) is decided here or in quotes.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from python_loaders.contract.extract import Extract
from python_loaders.errors import ContractError
from python_loaders.extract.comments import Comments
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.octets import count_octet
from python_loaders.extract.text import TextStream

MAX_RECORD_BYTES = 64 << 20
MAX_HEADER_BYTES = 1 << 20
PEEK_BYTES = 64 << 10


@dataclass(frozen=True)
class Block:
    """Whole records as UTF-8; `first_line` is the 1-based line on which they begin.

    Where comment lines were taken out, `comments` knows which line of the file a line is.
    """

    data: bytes
    first_line: int
    lines: int
    comments: Comments | None = None

    def line(self, offset: int) -> int:
        """Return the number, in the file, of the line that is `offset` lines below the first."""
        line = self.first_line + offset
        return self.comments.line(line - 1) + 1 if self.comments else line


class BlockStream:
    """Reads a text once: first `header` (on `header_line`), then iterate for the blocks of records.

    Args:
        stream: the bytes.
        extract: encoding, quote, comments and lines to skip.
        label: the file, for messages.
        has_header: whether the first record is the header; `header` is "" without one.
        quote: what hides line ends, or None if each line is a record.
    """

    def __init__(
        self,
        stream: LimitedStream,
        extract: Extract,
        label: str,
        *,
        has_header: bool = False,
        quote: str | None = None,
    ) -> None:
        self._text = TextStream(stream, extract.encoding, label, self._next_line)
        self._label = label
        self._quote = quote.encode() if quote else None
        self._comments: Comments | None = None
        self._line = 1
        self.lacks_final_newline = False
        self._rest = b""
        self._rest = self._text.read()
        self._skip(extract.skip_lines)
        if extract.comment:
            self._comments = Comments(extract.comment, self._quote, self._line - 1)
            self._rest = self._comments.feed(self._rest, MAX_RECORD_BYTES)
        self.header_line = self.line
        self.header = self._cut_header() if has_header else ""

    @property
    def line(self) -> int:
        """The line of the file on which the next record begins."""
        return self._file_line(self._line)

    @property
    def byte_count(self) -> int:
        """Bytes of the delivery read so far."""
        return self._text.byte_count

    def sha256(self) -> str:
        """Return the digest of the bytes read so far, as delivered."""
        return self._text.sha256()

    def peek(self) -> str:
        """Return some lines after the header, without reading on; the last may be cut."""
        return self._rest[:PEEK_BYTES].decode(errors="replace")

    def __iter__(self) -> Iterator[Block]:
        """Yield the records after the header; the last block may end without a newline."""
        data, self._rest = _split(b"", self._rest, self._quote)
        while True:
            if data:
                yield self._block(data)
            else:
                self._check_length()
            chunk = self._read()
            if not chunk:
                break
            data, self._rest = _split(self._rest, chunk, self._quote)
        if self._rest:
            data, self._rest = self._rest, b""
            yield self._block(data)

    def _block(self, data: bytes) -> Block:
        if not data.isascii():
            self._check_utf8(data)
        if b"\0" in data:
            line = self._file_line(self._line + data.count(b"\n", 0, data.index(b"\0")))
            raise ContractError(
                f"{self._label}, line {line}: holds a NUL byte. The file is damaged or is not "
                "text in the declared encoding; ask for a correct delivery."
            )
        self.lacks_final_newline = not data.endswith(b"\n")
        lines = count_octet(data, b"\n") + self.lacks_final_newline
        block = Block(data, self._line, lines, self._comments)
        self._line += lines
        return block

    def _check_utf8(self, data: bytes) -> None:
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = self._line + data.count(b"\n", 0, error.start)
            self._text.refuse_byte(data[error.start], self._file_line(line))

    def _check_length(self) -> None:
        if len(self._rest) > MAX_RECORD_BYTES:
            cause = "A quote that is opened near this line is probably never closed"
            if self._quote is None:
                cause = "Its line ends are missing or are others"
            raise ContractError(
                f"{self._label}, line {self.line}: a record is longer than "
                f"{MAX_RECORD_BYTES >> 20} MiB. {cause}; correct the file."
            )

    def _file_line(self, line: int) -> int:
        return self._comments.line(line - 1) + 1 if self._comments else line

    def _next_line(self) -> int:
        """Return the line on which the next bytes of the stream stand."""
        return self._file_line(self._line + self._rest.count(b"\n"))

    def _read(self) -> bytes:
        """Read on; empty at the end."""
        chunk = self._text.read()
        if self._comments is None:
            return chunk
        while not (kept := self._comments.feed(chunk, MAX_RECORD_BYTES)) and chunk:
            chunk = self._text.read()
        return kept

    def _skip(self, lines: int) -> None:
        """Drop the lines before the header."""
        for number in range(lines):
            while (end := self._rest.find(b"\n")) < 0:
                self._check_length()
                chunk = self._text.read()
                if not chunk:
                    raise ContractError(
                        f"{self._label}: has only {number + 1} line(s), and the contract skips "
                        f"{lines} (skip_lines). Ask for a complete delivery."
                    )
                self._rest += chunk
            self._rest = self._rest[end + 1 :]
            self._line += 1

    def _cut_header(self) -> str:
        """Cut off the first record, which may hold quoted newlines."""
        begin, quotes = 0, 0
        while True:
            end = self._rest.find(b"\n", begin)
            if end >= 0:
                quotes += self._rest.count(self._quote, begin, end) if self._quote else 0
                begin = end + 1
                if quotes % 2 == 0:
                    break
            elif len(self._rest) > MAX_HEADER_BYTES:
                raise ContractError(
                    f"{self._label}, line {self.header_line}: the header is longer than "
                    f"{MAX_HEADER_BYTES >> 20} MiB. A quote in it is probably never closed; "
                    "correct the file."
                )
            elif chunk := self._read():
                self._rest += chunk
            else:
                end = len(self._rest)
                break
        header, self._rest = self._rest[: end + 1], self._rest[end + 1 :]
        self._check_utf8(header)
        self._line += header.count(b"\n")
        return header.decode().rstrip("\r\n")


def _split(rest: bytes, chunk: bytes, quote: bytes | None) -> tuple[bytes, bytes]:
    """Return the whole records of a text in two parts, and what is left of it."""
    cut = chunk.rfind(b"\n") + 1
    if quote is None or (quote not in rest and quote not in chunk):
        # Large copies are worth avoiding: this makes one of the records.
        whole = b"".join((rest, memoryview(chunk)[:cut])) if cut else b""
        return whole, chunk[cut:] if cut else rest + chunk
    text = rest + chunk
    cut = _last_boundary(text, quote)
    return text[:cut], text[cut:]


def _last_boundary(data: bytes, quote: bytes) -> int:
    """Return the offset after the last newline that is outside of quotes; 0 for none."""
    end = data.rfind(b"\n")
    quotes = data.count(quote, 0, end) if end >= 0 else 0
    while end >= 0 and quotes % 2:
        previous = data.rfind(b"\n", 0, end)
        quotes -= data.count(quote, max(previous, 0), end)
        end = previous
    return end + 1
