"""Cut an Avro object container file into its blocks, without trusting any length in it.

fastavro decodes the values. Its own reader takes lengths as they are claimed and unpacks blocks
whole, so that a small file can fill the memory.
"""

import bz2
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import fastavro
import pyarrow as pa

from python_loaders.contract.extract import Limits
from python_loaders.errors import ContractError, ContrailError
from python_loaders.extract.limited import MIN_BYTES_BEFORE_RATIO, LimitedStream

MAGIC = b"Obj\x01"
SYNC_BYTES = 16
READ_BYTES = 1 << 20
MAX_HEADER_BYTES = 16 << 20
MAX_BLOCK_BYTES = 64 << 20
MAX_VARINT_BYTES = 10
META = fastavro.parse_schema({"type": "map", "values": "bytes"})


class AvroFile:
    """The schema of a file, and its blocks.

    Raises:
        ContractError: the file is not a whole Avro file; any method.
        ContrailError: it unpacks to more than the limits allow.
    """

    def __init__(self, stream: LimitedStream, limits: Limits, label: str) -> None:
        self._stream = stream
        self._limits = limits
        self._label = label
        self._digest = hashlib.sha256()
        self._ahead = b""
        self._at = 0  # what is before it in `_ahead` is done with
        self._unpacked = 0
        self.byte_count = 0
        meta = self._read_header()
        self.schema_json = meta.get("avro.schema", b"")
        codec = meta.get("avro.codec", b"null").decode("ascii", "replace")
        if codec not in CODECS:
            raise ContractError(
                f"{label}: is packed with {codec!r}; known are {', '.join(CODECS)}. Ask for a "
                "delivery in one of them."
            )
        self._unpack = CODECS[codec]

    def sha256(self) -> str:
        """Return the digest of the bytes read."""
        return self._digest.hexdigest()

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of records of each block, and their bytes."""
        while self._fill(1):
            count, size = self._long(), self._long()
            if not 0 <= size <= MAX_BLOCK_BYTES:
                raise self.damaged(f"a block claims to have {size} bytes")
            packed = self._take(size)
            if self._take(SYNC_BYTES) != self._sync:
                raise self.damaged("a block does not end with the file's marker")
            data = self._unpacked_block(packed)
            if not 0 <= count <= len(data):
                raise self.damaged(f"a block of {len(data)} bytes claims to hold {count} records")
            yield count, data

    def damaged(self, problem: str) -> ContractError:
        """Return the error for a file that cannot be read on."""
        return ContractError(
            f"{self._label}, byte {self.byte_count - self._left}: not a whole Avro "
            f"file ({problem}). Deliver or fetch it again."
        )

    def _read_header(self) -> dict[str, Any]:
        if not self._fill(1):
            raise ContractError(
                f"{self._label}: the file is empty. Ask for a complete delivery; an empty one "
                "would replace what is landed with nothing."
            )
        if self._take(len(MAGIC)) != MAGIC:
            raise self.damaged("it does not begin like one")
        wanted = READ_BYTES
        while True:
            is_whole = not self._fill(wanted)
            head = io.BytesIO(self._ahead[self._at :])
            try:
                meta = fastavro.schemaless_reader(head, META, None)
                break
            except (EOFError, ValueError, LookupError, TypeError, OverflowError) as error:
                if is_whole or wanted >= MAX_HEADER_BYTES:
                    raise self.damaged(f"its header cannot be read: {error}") from error
                wanted = MAX_HEADER_BYTES
        self._at += head.tell()
        self._sync = self._take(SYNC_BYTES)
        return meta if isinstance(meta, dict) else {}

    @property
    def _left(self) -> int:
        return len(self._ahead) - self._at

    def _fill(self, size: int) -> bool:
        """Read ahead until there are so many bytes; false when there are no more."""
        while self._left < size:
            chunk = self._stream.read(READ_BYTES)
            if not chunk:
                return False
            self._digest.update(chunk)
            self.byte_count += len(chunk)
            self._ahead = self._ahead[self._at :] + chunk
            self._at = 0
        return True

    def _take(self, size: int) -> bytes:
        if not self._fill(size):
            raise self.damaged("it is cut")
        data = self._ahead[self._at : self._at + size]
        self._at += size
        return data

    def _long(self) -> int:
        """Read a number in Avro's variable-length, zig-zag notation."""
        value = 0
        for shift in range(0, 7 * MAX_VARINT_BYTES, 7):
            (octet,) = self._take(1)
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                return (value >> 1) ^ -(value & 1)
        raise self.damaged("a number in it has no end")

    def _unpacked_block(self, packed: bytes) -> bytes:
        try:
            data = self._unpack(packed)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
            raise self.damaged(f"a block cannot be unpacked: {error}") from error
        if len(data) > MAX_BLOCK_BYTES:
            raise self.damaged(f"a block unpacks to more than {MAX_BLOCK_BYTES >> 20} MiB")
        self._unpacked += len(data)
        by_ratio = max(MIN_BYTES_BEFORE_RATIO, self._limits.max_ratio * self.byte_count)
        if self._unpacked > min(by_ratio, self._limits.max_bytes):
            raise ContrailError(
                f"{self._label}: unpacks to more than the contract's limits.max_ratio or "
                "limits.max_bytes allow. It looks like a bomb; raise them if it is none."
            )
        return data


def _whole(decompressor: Any, packed: bytes) -> bytes:  # noqa: ANN401  (zlib, bz2 or lzma)
    data = decompressor.decompress(packed, MAX_BLOCK_BYTES + 1)
    if not decompressor.eof and len(data) <= MAX_BLOCK_BYTES:
        raise EOFError("it is cut")
    return data


def _snappy(packed: bytes) -> bytes:
    """Unpack a raw snappy block, which Avro lets follow by the checksum of its content."""
    body, checksum = packed[:-4], packed[-4:]
    size = sum((octet & 0x7F) << 7 * place for place, octet in enumerate(_varint(body)))
    if size > MAX_BLOCK_BYTES:
        raise ValueError(f"it claims to unpack to {size} bytes")
    data = pa.Codec("snappy").decompress(body, size, asbytes=True)
    if zlib.crc32(data).to_bytes(4, "big") != checksum:
        raise ValueError("its checksum is wrong")
    return data


def _varint(data: bytes) -> bytes:
    end = next((at for at, octet in enumerate(data[:5]) if octet < 0x80), 4)
    return data[: end + 1]


def _zstandard(packed: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
        return stream.read(MAX_BLOCK_BYTES + 1)


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "null": bytes,
    "deflate": lambda packed: _whole(zlib.decompressobj(-zlib.MAX_WBITS), packed),
    "bzip2": lambda packed: _whole(bz2.BZ2Decompressor(), packed),
    "xz": lambda packed: _whole(lzma.LZMADecompressor(), packed),
    "snappy": _snappy,
    "zstandard": _zstandard,
}
