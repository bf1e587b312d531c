"""A place for unfinished work, and plain words for what a file system may answer."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from python_loaders.errors import ContrailError

REMEDIES = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room within your quota",
    errno.EFBIG: "raise the limit for the size of files (ulimit -f)",
    errno.EMFILE: "raise the limit for open files (ulimit -n)",
    errno.ENFILE: "raise the system's limit for open files",
    errno.EROFS: "mount the file system for writing",
    errno.EACCES: "give yourself the right to read the file and to write the landing directory",
    errno.EPERM: "give yourself the right to read the file and to write the landing directory",
    errno.EIO: "check the disk",
}
MIB = 1 << 20


@contextmanager
def scratch_directory(landing: Path) -> Iterator[Path]:
    """Make a directory for unfinished work, and remove it at the end.

    Call it with the log's lock held: whatever else is in _tmp then belongs to a process that died.
    """
    shutil.rmtree(landing / "_tmp", ignore_errors=True)
    directory = landing / "_tmp" / uuid4().hex
    directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def unwritable(what: str, error: OSError, landing: Path, needed: int = 0) -> ContrailError:
    """Return the error to raise when the file system refuses.

    Args:
        what: what was being landed or taken back.
        error: what the file system said; it names its file.
        landing: the landing directory.
        needed: bytes that it takes, roughly; 0 if that does not matter.
    """
    place = next(path for path in (landing, *landing.parents) if path.exists())
    room = f"{shutil.disk_usage(place).free // MIB} MiB are free for {landing}"
    if needed:
        room += f", about {needed // MIB + 1} MiB are needed"
    remedy = REMEDIES.get(error.errno or 0, "correct the cause")
    return ContrailError(
        f"{what}: {error} ({room}). Nothing of it was landed; {remedy} and run the command again."
    )
