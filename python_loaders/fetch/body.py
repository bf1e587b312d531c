"""Read the body of an answer: bounded, within the deadline, and known to be complete.

Bytes come as soon as the server sends them: a read of a fixed size would wait for all of it, so
that a server which drips could never be stopped.
"""

import hashlib
import zlib
from collections.abc import Iterator

import requests
from urllib3.exceptions import HTTPError

from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.answer import announced_length, is_chunked
from python_loaders.fetch.retry import Deadline, TransientError

READ_BYTES = 1 << 20
GZIP_WINDOW = 31  # zlib reads gzip's own header and checks its CRC


class Body:
    """The content of one answer; iterate over it once, to its end.

    Attributes:
        encoded: whether the content came compressed, so that offsets in it mean nothing.
        length: bytes on the wire that the server announced, None if it did not.
        has_proof: whether something will tell which byte is the last.
        wire_sha256: of what came so far, before it is decoded.
    """

    def __init__(
        self,
        answer: requests.Response,
        deadline: Deadline,
        max_bytes: int,
        limit: str = "max_bytes",
    ) -> None:
        self._limit = limit
        self._answer = answer
        self._deadline = deadline
        self._left = max_bytes
        self.wire_sha256 = hashlib.sha256()
        self._where = redact(str(answer.url))
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "", "gzip", "x-gzip"}:
            raise ContrailError(
                f"{self._where}: the content comes encoded as {encoding!r:.40}, which nobody asked "
                "for. Ask the server for another address of the plain file."
            )
        self.encoded = "gzip" in encoding
        self.length = announced_length(answer)
        self.has_proof = self.encoded or self.length is not None or is_chunked(answer)
        if self.length is not None and self.length > max_bytes:
            raise self._too_long(f"{self.length} bytes")

    def __iter__(self) -> Iterator[bytes]:
        """Yield the content, decoded.

        Raises:
            TransientError: the connection ended too early.
            ContrailError: the content is too long, damaged, or took too long.
        """
        pieces = self._wire()
        for piece in self._decoded(pieces) if self.encoded else pieces:
            self._left -= len(piece)
            if self._left < 0:
                raise self._too_long("more")
            yield piece

    def _wire(self) -> Iterator[bytes]:
        received = 0
        while True:
            self._deadline.check(self._where)
            try:
                piece = self._answer.raw.read1(READ_BYTES, decode_content=False)
            except (HTTPError, OSError) as error:
                raise TransientError(
                    f"{self._where}: the content ends after {received} bytes: "
                    f"{type(error).__name__}."
                ) from error
            if not piece:
                break
            received += len(piece)
            self.wire_sha256.update(piece)
            yield piece
        # urllib3 compares them as well, unless somebody changes that default.
        if self.length is not None and received != self.length:
            raise TransientError(
                f"{self._where}: {received} of {self.length} bytes came, then the connection ended."
            )

    def _decoded(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        decoder = zlib.decompressobj(GZIP_WINDOW)
        for piece in pieces:
            rest = piece
            while rest:
                if decoder.eof:  # one more member follows
                    decoder = zlib.decompressobj(GZIP_WINDOW)
                try:
                    decoded = decoder.decompress(rest, READ_BYTES)
                    while decoded:  # what is still inside does not need more bytes to come out
                        yield decoded
                        rest = decoder.unconsumed_tail
                        decoded = b"" if decoder.eof else decoder.decompress(rest, READ_BYTES)
                except zlib.error as error:
                    raise ContrailError(f"{self._where}: damaged gzip: {error}.") from error
                rest = decoder.unused_data if decoder.eof else b""
        if not decoder.eof:
            raise TransientError(f"{self._where}: the compressed content is cut.")

    def _too_long(self, what: str) -> ContrailError:
        return ContrailError(
            f"{self._where}: {what} than {self._limit} of the contract allows. Raise it if "
            "this is the right file."
        )
