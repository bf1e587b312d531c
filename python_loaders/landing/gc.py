"""Remove what runs that were killed have left behind: files that no commit names.

Two things keep this from taking a file that is still needed. It holds the lock of the log, so that
nobody is between writing a file and naming it; and it takes only what is older than a grace period,
should the lock not hold (a network file system).
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from python_loaders.fetch.inbox import Inbox
from python_loaders.fetch.origin import orphaned_sidecars
from python_loaders.landing.files import UNFINISHED, age, unnamed_files
from python_loaders.landing.log import CommitLog
from python_loaders.landing.scratch import explained

# What fetches leave in the inbox: unfinished files with notes, directories, drafts.
UNFETCHED = (".*.part", ".*.part.json", ".fetch-*", ".*.draft", ".origin/.*.draft")


@dataclass(frozen=True)
class Leftover:
    """Something that nobody needs.

    Attributes:
        path: a file or a directory.
        bytes: what it takes, with everything below it.
        kept: whether it is too young to be removed.
    """

    path: Path
    bytes: int
    kept: bool


def collect(log: CommitLog, inbox: Path, grace_seconds: float, *, dry_run: bool) -> list[Leftover]:
    """Remove leftovers, and return them with those that are still too young.

    Raises:
        ContrailError: the log cannot be read, so nobody can say what is needed; or something
            cannot be removed.
    """
    with explained("gc", log.landing, state="Nothing that is needed was removed"):
        return [
            *_collect_landing(log, grace_seconds, dry_run=dry_run),
            *_collect_inbox(inbox, grace_seconds, dry_run=dry_run),
        ]


def _collect_landing(log: CommitLog, grace: float, *, dry_run: bool) -> list[Leftover]:
    if not log.landing.exists():
        return []
    with log.at_rest() if dry_run else log.lock():
        # Looked at before anything goes: a directory that loses a file looks young.
        old = _old_directories(log.landing, grace)
        found = _remove(_unneeded(log), grace, dry_run=dry_run)
        if not dry_run:
            _remove_empty(old)
        return found


def _collect_inbox(inbox: Path, grace: float, *, dry_run: bool) -> list[Leftover]:
    if not _unfetched(inbox):  # a look is free, the lock makes a file
        return []
    with Inbox(inbox).lock():
        return _remove(_unfetched(inbox), grace, dry_run=dry_run)


def _unfetched(inbox: Path) -> list[Path]:
    paths = [path for pattern in UNFETCHED for path in sorted(inbox.glob(pattern))]
    return paths + orphaned_sidecars(inbox)


def _unneeded(log: CommitLog) -> Iterator[Path]:
    commits = log.read()
    yield from sorted((log.landing / UNFINISHED).glob("*"))
    yield from unnamed_files(log.landing, commits)


def _remove(paths: Iterator[Path] | list[Path], grace: float, *, dry_run: bool) -> list[Leftover]:
    found = []
    for path in paths:
        kept = age(path) < grace
        found.append(Leftover(path, _size(path), kept))
        if kept or dry_run:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return found


def _old_directories(landing: Path, grace: float) -> list[Path]:
    """Return the directories of tables in which nothing is young, the deepest first."""
    old = [path for path in landing.glob("[!_]*/**/") if age(path) >= grace]
    return sorted(old, key=lambda path: -len(path.parts))


def _remove_empty(directories: list[Path]) -> None:
    for path in directories:
        with suppress(OSError):  # it is not empty
            path.rmdir()


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(below.lstat().st_size for below in path.rglob("*") if not below.is_dir())
    return path.lstat().st_size
