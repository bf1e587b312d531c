"""Publish the DuckDB warehouse: readers open a copy of it, which is replaced as a whole.

DuckDB lets one process write a file or many processes read it, never both. So the build keeps a
file to itself, and readers open a published copy. A new copy takes the name of the old one in one
step: whoever has the old one open keeps it, whoever opens the name later has the new one, and
nobody ever finds half a file.

A plain copy of the file is used: copying the database instead (`copy from database`) makes the
file half as large, but takes fifteen times as long.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from python_loaders.durable import sync_directory
from python_loaders.errors import ContrailError
from python_loaders.stage.duckdb import open_warehouse

READ_ONLY = 0o444


def publish(warehouse: Path, published: Path) -> int:
    """Replace the published file by a copy of the warehouse; return its size in bytes.

    Raises:
        ContrailError: there is no warehouse, something writes it, or it cannot be copied. The
            published file is then the one it was.
    """
    if not warehouse.exists():
        raise ContrailError(f"{warehouse}: does not exist yet. Run `make build`.")
    folder = published.parent
    draft = folder / f".{published.name}.draft"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(folder), _scratch(draft):
            with _at_rest(warehouse):
                shutil.copyfile(warehouse, draft)
            _make_durable(draft)
            # The file is for reading. What somebody who wrote into it nevertheless left beside it
            # must not be taken for the write-ahead log of the new one.
            _log_of(published).unlink(missing_ok=True)
            draft.replace(published)
            sync_directory(folder)
    except OSError as error:
        raise ContrailError(
            f"{published}: cannot be written, and is as it was before: {error}. Publishing needs "
            "room for one more copy of the warehouse; make some and try again."
        ) from error
    return published.stat().st_size


def is_behind(published: Path, warehouse: Path) -> bool:
    """Say whether the warehouse was written after it was published."""
    return warehouse.exists() and warehouse.stat().st_mtime_ns > published.stat().st_mtime_ns


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for other publishers; the kernel releases the lock whatever happens to its holder."""
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _scratch(draft: Path) -> Iterator[None]:
    """Begin without the draft, which a publisher that was killed leaves, and end without it."""
    draft.unlink(missing_ok=True)
    try:
        yield
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _at_rest(warehouse: Path) -> Iterator[None]:
    """Keep writers away while the file is copied, and see that it holds all that was committed.

    A process that closes a file loses its locks on it, also DuckDB's: the lock holds until the
    end of the copying, which is just long enough.
    """
    if _log_of(warehouse).exists():  # a writer was killed: bring the file up to date
        with open_warehouse(warehouse, read_only=False) as connection:
            connection.execute("checkpoint")
    with open_warehouse(warehouse, read_only=True):
        if _log_of(warehouse).exists():
            raise ContrailError(
                f"{warehouse}: something else writes it. Try again when that has ended; the "
                "published file is as it was before."
            )
        yield


def _make_durable(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())
    file.chmod(READ_ONLY)


def _log_of(database: Path) -> Path:
    """Return the write-ahead log that DuckDB keeps beside a file."""
    return database.with_name(f"{database.name}.wal")
