"""Open a member of an archive as a stream, through nested archives, without trusting names.

Archives are walked by pattern: "*/data/flights.csv.zip/flights.csv" opens the one member of the
outer archive that matches "*/data/flights.csv.zip", and in it the one that matches
"flights.csv". Names inside archives are compared and shown, never used as paths.
"""

import gzip
import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from python_loaders.errors import ContractError, ContrailError

ARCHIVE = re.compile(r"\.(zip|whl|tar|tar\.gz|tgz|gz)$")
# CSV of real flights packs about 10 to 1. A bomb packs 1000 to 1; it needs no more room than
# this before it is noticed.
MAX_RATIO = 200
MIN_BYTES_BEFORE_RATIO = 64 << 20
COPY_BYTES = 1 << 20


class LimitedStream:
    """A stream that can only be read, and not when it unpacks to absurdly more than its file."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._left = max(MIN_BYTES_BEFORE_RATIO, path.stat().st_size * MAX_RATIO)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ContrailError(
                f"{self._path}: unpacks to more than {MAX_RATIO} times its size. It looks like "
                "a zip bomb; unpack it by hand if it is not."
            )
        return data


@contextmanager
def open_member(
    path: Path, pattern: str | None, scratch: Path
) -> Iterator[tuple[LimitedStream, str]]:
    """Open the one member of `path` that matches the pattern, or the file itself.

    Args:
        path: the file as delivered.
        pattern: the member, or None for the file itself (a .gz is unpacked, and an archive must
            then hold exactly one file).
        scratch: a directory for nested archives, which need a file to be read from.

    Yields:
        The stream, and the member's path as found ("" for the file itself). Read the stream to
        its end: only then are checksums of the archive verified.

    Raises:
        ContractError: no member matches, or more than one.
        ContrailError: the archive is damaged, encrypted or unpacks to too much.
    """
    found: list[str] = []
    try:
        with ExitStack() as stack:
            stream: BinaryIO = stack.enter_context(path.open("rb"))
            name = path.name
            for step in _steps(pattern, path.name):
                if found:  # an archive inside an archive: give it a file to seek in
                    stream = stack.enter_context(_spool(stream, scratch))
                stream, member = stack.enter_context(_open_one(stream, name, step))
                name = f"{name}/{member}"
                found.append(member)
            if name.endswith(".gz"):
                stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
            yield LimitedStream(stream, path), "/".join(found)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ContrailError(
            f"{path}: the archive is damaged or cut ({error}). Deliver or fetch it again."
        ) from error
    except RuntimeError as error:  # what zipfile raises for encryption
        raise ContrailError(f"{path}: {error}. Unpack it first and deliver the file.") from error


def _steps(pattern: str | None, name: str) -> list[str]:
    """Split a member pattern after each nested archive; one step per archive to open."""
    if pattern is None:
        is_plain = not ARCHIVE.search(name) or (name.endswith(".gz") and ".tar" not in name)
        return [] if is_plain else ["*"]
    steps: list[str] = []
    parts = pattern.split("/")
    begin = 0
    for end, part in enumerate(parts, 1):
        if end == len(parts) or ARCHIVE.search(part):
            steps.append("/".join(parts[begin:end]))
            begin = end
    return steps


@contextmanager
def _spool(stream: BinaryIO, scratch: Path) -> Iterator[BinaryIO]:
    path = scratch / uuid4().hex
    with path.open("w+b") as file:
        shutil.copyfileobj(stream, file, COPY_BYTES)
        file.seek(0)
        yield file


@contextmanager
def _open_one(archive: BinaryIO, name: str, pattern: str) -> Iterator[tuple[BinaryIO, str]]:
    """Open the only member that matches, and verify the whole archive once it was read."""
    if name.endswith((".tar.gz", ".tgz")):
        with gzip.GzipFile(fileobj=archive) as unpacked, _open_tar(unpacked, name, pattern) as tar:
            yield tar
        return
    if name.endswith(".tar"):
        with _open_tar(archive, name, pattern) as tar:
            yield tar
        return
    with zipfile.ZipFile(archive) as packed:
        names = [info.filename for info in packed.infolist() if not info.is_dir()]
        chosen = _only(names, name, pattern)
        with packed.open(chosen) as stream:
            yield stream, chosen  # type: ignore[misc]  (IO[bytes] is all that zipfile promises)


@contextmanager
def _open_tar(archive: BinaryIO, name: str, pattern: str) -> Iterator[tuple[BinaryIO, str]]:
    with tarfile.open(fileobj=archive, mode="r:") as tar:
        files = {member.name: member for member in tar if member.isfile()}
        while archive.read(COPY_BYTES):
            pass  # a compressed tar carries its checksum behind its last member
        chosen = _only(list(files), name, pattern)
        stream = tar.extractfile(files[chosen])
        if stream is None:
            raise tarfile.ReadError(f"{chosen} cannot be read")
        yield stream, chosen  # type: ignore[misc]  (IO[bytes] is all that zipfile promises)


def _only(names: list[str], archive: str, pattern: str) -> str:
    matches = [name for name in names if fnmatchcase(name, pattern)]
    if len(matches) == 1:
        return matches[0]
    held = ", ".join(sorted(names)[:10]) + (", ..." if len(names) > 10 else "")
    raise ContractError(
        f"{archive}: {len(matches)} members match {pattern!r}, exactly one must. "
        f"It holds: {held or 'nothing'}. Deliver the right archive or correct `member:`."
    )
