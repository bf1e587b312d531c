"""A place for unfinished work, and plain words for what a file system may answer."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from polars.exceptions import PanicException

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


@contextmanager
def explained(
    what: str,
    landing: Path,
    needed: int = 0,
    state: str = "Nothing of it was landed",
) -> Iterator[None]:
    """Put what the system refuses into words.

    Args:
        what: what is being done, such as the file that is being landed.
        landing: the landing directory.
        needed: bytes that it takes, roughly; 0 if that does not matter.
        state: how the landing zone is afterwards.

    Raises:
        ContrailError: instead of an error of the operating system.
    """
    try:
        yield
    except OSError as error:
        cause = error
    except PanicException as error:  # Polars has no other answer to an error of the system
        number = re.search(r"code: (\d+)", str(error))
        code = int(number[1]) if number else errno.EIO
        cause = OSError(code, os.strerror(code) if number else str(error))
    else:
        return
    place = next(path for path in (landing, *landing.parents) if path.exists())
    room = f"{shutil.disk_usage(place).free // MIB} MiB are free for {landing}"
    if needed:
        room += f", about {needed // MIB + 1} MiB are needed"
    remedy = REMEDIES.get(cause.errno or 0, "correct the cause")
    raise ContrailError(
        f"{what}: {cause} ({room}). {state}; {remedy} and run the command again."
    ) from cause
