"""Make files and names outlive a crash of the machine, not only of the process."""

import os
from pathlib import Path


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of a file durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write_file(path: Path, content: bytes) -> None:
    """Write or replace a file as a whole: a reader sees the old content or the new one.

    Args:
        path: the file; its directory must exist. The draft lies beside it, under a hidden name.
        content: all of it.
    """
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    sync_file(draft)
    draft.rename(path)
    sync_directory(path.parent)
