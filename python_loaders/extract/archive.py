"""Open the file or member that holds the rows, through whatever it is packed in.

Layers are recognised by their first bytes, not by names, and unpacked until something plain is
left. Names inside archives are compared and shown, never used as paths: the pattern
"*/data/flights.csv.zip/flights.csv" opens the one member of the outer archive that matches
"*/data/flights.csv.zip", and in it the one that matches "flights.csv".
"""

import gzip
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import pyarrow as pa

from python_loaders.contract.extract import Limits
from python_loaders.errors import ContractError, ContrailError
from python_loaders.extract.containers import open_tar, open_zip
from python_loaders.extract.limited import LimitedStream, Readable, damage_of

ARCHIVE = re.compile(r"\.(zip|whl|tar|tar\.gz|tgz|gz|tar\.zst|tzst|zst)$")
MAGIC = {
    b"\x1f\x8b": "gz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # without members
    b"\x28\xb5\x2f\xfd": "zst",
    **{bytes([low]) + b"\x2a\x4d\x18": "zst" for low in range(0x50, 0x60)},  # a skippable frame
}
NAMED = {".gz": "gz", ".tgz": "gz", ".zst": "zst", ".tzst": "zst", ".tar": "tar"}
NAMED |= {".zip": "zip", ".whl": "zip"}
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
# No honest delivery is packed deeper; an archive may hold itself.
MAX_LAYERS = 8
COPY_BYTES = 1 << 20


@contextmanager
def open_member(
    path: Path, pattern: str | None, scratch: Path, limits: Limits | None = None
) -> Iterator[tuple[LimitedStream, str]]:
    """Open the one member of `path` that matches the pattern, or what the file itself holds.

    Args:
        path: the file as delivered.
        pattern: the member, or None; archives must then hold exactly one file.
        scratch: a directory for archives inside of others, which need a file to be read from.
        limits: how much may be unpacked.

    Yields:
        The stream, and the member's path as found ("" for the file itself). Read the stream to
        its end: only then are checksums of the archive verified.

    Raises:
        ContractError: no member matches, or more than one.
        ContrailError: the archive is damaged, encrypted or goes beyond the limits.
    """
    with ExitStack() as stack:
        yield _Walk(stack, path, scratch, limits or Limits()).open(pattern)


class _Walk:
    """Goes from the delivered file to the plain bytes, one layer at a time."""

    def __init__(self, stack: ExitStack, path: Path, scratch: Path, limits: Limits) -> None:
        self._stack = stack
        self._path = path
        self._scratch = scratch
        self._limits = limits

    def open(self, pattern: str | None) -> tuple[LimitedStream, str]:
        steps = _steps(pattern)
        found: list[str] = []
        name = self._path.name
        file: BinaryIO | None = self._stack.enter_context(self._path.open("rb"))
        stream = self._limited(file)
        for _ in range(MAX_LAYERS):
            kind = self._kind(stream, name)
            if kind is None:
                break
            if kind in ("gz", "zst"):
                stream, name = self._unpack(stream, kind), _unpacked_name(name)
                file = None
                continue
            file = file or self._spool(stream)
            file.seek(0)
            open_one = open_zip if kind == "zip" else open_tar
            with damage_of(self._path):
                content, member = self._stack.enter_context(
                    open_one(file, name, steps.pop(0) if steps else "*", self._limits)
                )
            stream, file = self._limited(content), None
            name = f"{name}/{member}"
            found.append(member)
        else:
            raise ContrailError(
                f"{self._path}: is packed in more than {MAX_LAYERS} layers. Unpack it first and "
                "deliver the file."
            )
        if steps:
            raise ContractError(
                f"{name}: is no archive, but the contract names a member of it "
                f"({'/'.join(steps)!r}). Deliver the archive or correct `member:`."
            )
        return stream, "/".join(found)

    def _kind(self, stream: LimitedStream, name: str) -> str | None:
        """Say what a stream is packed in, by its first bytes; a name must not promise another."""
        head = stream.peek(TAR_MAGIC_AT + len(TAR_MAGIC))
        for magic, kind in MAGIC.items():
            if head.startswith(magic):
                return kind
        promised = NAMED.get(Path(name).suffix)
        if head[TAR_MAGIC_AT:] == TAR_MAGIC:
            return "tar"
        if promised in ("tar", "zip"):  # very old tars and self-extracting zips have no mark
            return promised
        if promised:
            raise ContrailError(
                f"{self._path}: the archive is damaged or cut: {name} does not begin like "
                f"{promised}. Deliver or fetch it again; if it is not packed, correct its name."
            )
        return None

    def _limited(self, stream: Readable) -> LimitedStream:
        return LimitedStream(stream, self._path, self._limits)

    def _unpack(self, stream: LimitedStream, kind: str) -> LimitedStream:
        unpacked: Readable
        if kind == "gz":
            unpacked = self._stack.enter_context(gzip.GzipFile(fileobj=stream))  # type: ignore[arg-type]
        else:  # Arrow notices a cut file; the zstandard package takes it for the end
            unpacked = self._stack.enter_context(
                pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")
            )
        return self._limited(unpacked)

    def _spool(self, stream: LimitedStream) -> BinaryIO:
        """Copy a stream into a file to seek in; to its end, so that its checksum is verified."""
        file = self._stack.enter_context((self._scratch / uuid4().hex).open("w+b"))
        shutil.copyfileobj(stream, file, COPY_BYTES)  # type: ignore[misc]  (only reads)
        return file


def _steps(pattern: str | None) -> list[str]:
    """Split a member pattern after each nested archive; one step per archive to open."""
    steps: list[str] = []
    parts = pattern.split("/") if pattern else []
    begin = 0
    for end, part in enumerate(parts, 1):
        if end == len(parts) or ARCHIVE.search(part):
            steps.append("/".join(parts[begin:end]))
            begin = end
    return steps


def _unpacked_name(name: str) -> str:
    stem, suffix = Path(name).stem, Path(name).suffix
    if suffix in (".tgz", ".tzst"):
        return f"{stem}.tar"
    return stem if suffix in NAMED else name
