"""Open the one member of a zip or tar that matches a pattern."""

import stat
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import BinaryIO, TypeVar

from python_loaders.contract.extract import Limits
from python_loaders.errors import ContractError, ContrailError
from python_loaders.extract.limited import Readable
from python_loaders.printable import printable

SHOWN_MEMBERS = 10
# The directory of a zip is read as a whole. An entry needs 46 bytes, its name and some extras.
MAX_ENTRY_BYTES = 1024
# Longer headers of a tar (paths of 100 MB) are made to fill the memory.
MAX_HEADER_BYTES = 16 << 20
END_RECORD, END_RECORD_64 = b"PK\x05\x06", b"PK\x06\x06"
END_BYTES = (1 << 16) + 200  # the longest comment, and the records before it
M = TypeVar("M")


@contextmanager
def open_zip(
    archive: BinaryIO, name: str, pattern: str, limits: Limits
) -> Iterator[tuple[Readable, str]]:
    """Open the one file of a zip that matches; links are no files.

    Raises:
        ContractError: no member matches, or more than one.
        ContrailError: it holds more members than allowed.
    """
    if _directory_bytes(archive) > limits.max_members * MAX_ENTRY_BYTES:
        raise _too_many(name, limits)
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        if len(members) > limits.max_members:
            raise _too_many(name, limits)
        files = [
            (member.filename, member)
            for member in members
            if not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
        ]
        chosen = _only(files, name, pattern)
        with packed.open(chosen) as stream:
            yield stream, chosen.filename


@contextmanager
def open_tar(
    archive: BinaryIO, name: str, pattern: str, limits: Limits
) -> Iterator[tuple[Readable, str]]:
    """Open the one file of an unpacked tar that matches; links are no files.

    Raises:
        ContractError: no member matches, or more than one.
        ContrailError: it holds more members than allowed.
    """
    with tarfile.open(fileobj=_ShortReads(archive), mode="r:") as tar:  # type: ignore[arg-type]
        files: list[tuple[str, tarfile.TarInfo]] = []
        for count, member in enumerate(tar, 1):
            if count > limits.max_members:
                raise _too_many(name, limits)
            if member.isfile():
                files.append((member.name, member))
        stream = tar.extractfile(_only(files, name, pattern))
        if stream is None:
            raise tarfile.ReadError("the member cannot be read")
        yield stream, _only(files, name, pattern).name


class _ShortReads:
    """A file of which tarfile does not read a header into memory that claims to be huge."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell
        self.seekable, self.readable = file.seekable, file.readable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header claims to have {size} bytes")
        return self._file.read(size)


def _directory_bytes(archive: BinaryIO) -> int:
    """Return the size of a zip's directory as its end record states it; 0 without one."""
    end = archive.seek(0, 2)
    archive.seek(max(0, end - END_BYTES))
    tail = archive.read()
    archive.seek(0)
    at = tail.rfind(END_RECORD)
    if at < 0:
        return 0
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    at_64 = tail.rfind(END_RECORD_64, 0, at)
    if at_64 < 0:
        return size
    return max(size % 0xFFFFFFFF, int.from_bytes(tail[at_64 + 40 : at_64 + 48], "little"))


def _only(members: list[tuple[str, M]], archive: str, pattern: str) -> M:
    matches = [member for name, member in members if fnmatchcase(name, pattern)]
    if len(matches) == 1:
        return matches[0]
    names = sorted(printable(name) for name, _ in members)
    held = ", ".join(names[:SHOWN_MEMBERS]) + (", ..." if len(names) > SHOWN_MEMBERS else "")
    raise ContractError(
        f"{archive}: {len(matches)} members match {pattern!r}, exactly one must. "
        f"It holds: {held or 'nothing'}. Deliver the right archive or correct `member:`."
    )


def _too_many(name: str, limits: Limits) -> ContrailError:
    return ContrailError(
        f"{name}: holds more than {limits.max_members} members, the contract's "
        "limits.max_members. Raise it if the archive is meant to be so."
    )
