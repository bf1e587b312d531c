"""A stream that can only be read, a little ahead, and not without end."""

import errno
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from python_loaders.contract.extract import Limits
from python_loaders.errors import ContrailError

# A bomb packs 1000 to 1 or more; it needs no more room than this before it is noticed.
MIN_BYTES_BEFORE_RATIO = 64 << 20


class Readable(Protocol):
    """All that is needed of a file, of a member of an archive, or of a decompressor."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...


class LimitedStream:
    """Bytes of one layer of a delivery: the file, a member of it, or what either unpacks to.

    Args:
        stream: where the bytes come from.
        path: the file as delivered; its size is what ratios are measured against.
        limits: how much may come out of it.
    """

    closed = False  # Arrow asks, and closes; the file is not ours to close

    def __init__(self, stream: Readable, path: Path, limits: Limits) -> None:
        self._stream = stream
        self._path = path
        self._limits = limits
        self._by_ratio = max(MIN_BYTES_BEFORE_RATIO, path.stat().st_size * limits.max_ratio)
        self._ahead = b""
        self._bytes = 0

    def close(self) -> None:
        """Do nothing: whoever opened the file closes it."""

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end.

        Raises:
            ContrailError: the archive is damaged, or more comes out of it than the limits allow.
        """
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data + self._read(size - len(data)) if len(data) < size else data
        return self._read(size)

    def peek(self, size: int) -> bytes:
        """Return the next `size` bytes without consuming them; fewer only at the end."""
        while len(self._ahead) < size and (more := self._read(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def _read(self, size: int) -> bytes:
        with damage_of(self._path):
            data = self._stream.read(size)
        self._bytes += len(data)
        if self._bytes > self._limits.max_bytes:
            raise ContrailError(
                f"{self._path}: holds more than {self._limits.max_bytes} bytes, the contract's "
                "limits.max_bytes. Raise it if the delivery is meant to be so large."
            )
        if self._bytes > self._by_ratio:
            raise ContrailError(
                f"{self._path}: unpacks to more than {self._limits.max_ratio} times its size, the "
                "contract's limits.max_ratio. It looks like a bomb; raise the limit if it is none."
            )
        return data


@contextmanager
def damage_of(path: Path) -> Iterator[None]:
    """Turn what the standard library raises for bad archives into errors that name the file."""
    try:
        yield
    except RuntimeError as error:  # what zipfile raises for encryption and unknown methods
        raise ContrailError(f"{path}: {error}. Unpack it first and deliver the file.") from error
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise _damaged(path, error) from error
    except OSError as error:
        # A number is the disk's own trouble, but EINVAL is a seek to where a damaged file says.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ContrailError:
    return ContrailError(
        f"{path}: the archive is damaged or cut ({error}). Deliver or fetch it again."
    )
