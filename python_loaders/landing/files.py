"""Which files of the landing zone commits name, and which nobody does."""

import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from python_loaders.landing.log import Commit, DataFile

UNFINISHED = "_tmp"
LOG = "_log"


def named_files(commits: Iterable[Commit]) -> Iterator[tuple[Commit, DataFile]]:
    """Yield each file that a commit names, live or not, with the first commit that names it."""
    seen: set[str] = set()
    for commit in commits:
        for file in chain(commit.files, commit.quarantine):
            if file.path not in seen:
                seen.add(file.path)
                yield commit, file


def unnamed_files(landing: Path, commits: Iterable[Commit]) -> list[Path]:
    """Return the files that no commit names, beside the log and unfinished work."""
    named = {file.path for _, file in named_files(commits)}
    return sorted(
        path
        for path in landing.rglob("*")
        if not path.is_dir()
        and path.relative_to(landing).parts[0] not in (LOG, UNFINISHED)
        and path.relative_to(landing).as_posix() not in named
    )


def age(path: Path) -> float:
    """Return for how many seconds a file or a directory has not been changed.

    A directory counts as changed when something anywhere below it was.
    """
    newest = path.lstat().st_mtime
    if path.is_dir() and not path.is_symlink():
        newest = max([newest, *(below.lstat().st_mtime for below in path.rglob("*"))])
    return time.time() - newest
