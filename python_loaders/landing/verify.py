"""Verify the landing zone: every record, every file, every byte, and every row that is counted.

Files are read on all cores: hashing is native code that runs beside Python.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.landing.files import named_files, unnamed_files
from python_loaders.landing.log import (
    MISSING,
    UNCHAINED,
    Commit,
    CommitLog,
    DataFile,
    read_record,
)

CHUNK_BYTES = 1 << 20


@dataclass
class Verified:
    """What was looked at, and what is wrong; each problem begins with a path."""

    commits: int = 0
    files: int = 0
    rows: int = 0
    bytes: int = 0
    problems: list[str] = field(default_factory=list)


def verify(log: CommitLog, advance: Callable[[int], None]) -> Verified:
    """Compare every file of the landing zone with the log.

    A landing may run meanwhile; what it commits is not looked at.

    Args:
        log: the log of the landing directory.
        advance: is told the bytes read so far.
    """
    found = Verified()
    commits = list(_records(log, found.problems))
    files = list(named_files(commits))
    for commit in commits:
        found.problems += _counts(commit, log.path(commit.seq))
    found.problems += _unnamed(log, commits)
    found.commits, found.files = len(commits), len(files)
    found.rows = sum(commit.rows_landed for commit in commits)
    progress = _Progress(advance)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [
            pool.submit(_check_file, log.landing / file.path, file, commit, progress)
            for commit, file in files
        ]
        try:
            found.problems += [problem for task in tasks if (problem := task.result())]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    found.bytes = progress.bytes
    return found


class _Progress:
    """Adds up what several threads have read."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance
        self._lock = Lock()
        self.bytes = 0

    def add(self, count: int) -> None:
        with self._lock:
            self.bytes += count
            self._advance(self.bytes)


def _records(log: CommitLog, problems: list[str]) -> Iterator[Commit]:
    """Yield the records that can be read, and tell what is wrong with the chain."""
    strangers = set(log.strangers())
    number, before = 0, ""
    for path in log.paths():
        if path in strangers:
            continue
        number += 1
        if path != log.path(number):
            last = f" to {int(path.stem) - 1}" if int(path.stem) - 1 > number else ""
            problems.append(f"{log.path(number)}: this commit record{last} {MISSING}")
            number, before = int(path.stem), ""
        try:
            commit, digest = read_record(path)
        except (OSError, ValueError) as error:
            problems.append(f"{path}: this commit record {error}")
            before = ""
            continue
        if commit.seq != number or ((before or commit.seq == 1) and commit.prev_sha256 != before):
            problems.append(f"{path}: this commit record {UNCHAINED}: one of them was exchanged")
        before = digest
        yield commit


def _unnamed(log: CommitLog, commits: Sequence[Commit]) -> list[str]:
    """Tell the files that no commit names; a landing may be about to commit some of them."""
    extra = unnamed_files(log.landing, commits)
    if extra:
        with log.at_rest():
            extra = unnamed_files(log.landing, list(_records(log, [])))
    return [
        *(f"{path}: does not belong to the log; move it away" for path in log.strangers()),
        *(f"{path}: no commit names this file; `contrail gc` removes it" for path in extra),
    ]


def _counts(commit: Commit, path: Path) -> list[str]:
    """Tell where the numbers of a record contradict each other."""
    landed = sum(file.rows for file in commit.files)
    rejected = sum(file.rows for file in commit.quarantine)
    problems = []
    if commit.rows_read != commit.rows_landed + commit.rows_rejected:
        problems.append(
            f"{path}: {commit.rows_read} rows were read, but {commit.rows_landed} landed and "
            f"{commit.rows_rejected} were rejected"
        )
    if (landed, rejected) != (commit.rows_landed, commit.rows_rejected):
        problems.append(
            f"{path}: its files hold {landed} rows and {rejected} rejects, but it counts "
            f"{commit.rows_landed} and {commit.rows_rejected}"
        )
    return problems


def _check_file(path: Path, file: DataFile, commit: Commit, progress: _Progress) -> str | None:
    """Read a file to its end; return what is wrong with it."""
    says = f"as commit {commit.seq} says; restore it from a backup"
    try:
        digest = hashlib.sha256()
        with path.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            if size != file.bytes:
                return f"{path}: has {size} bytes and not {file.bytes}, {says}"
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
                progress.add(len(chunk))
        if digest.hexdigest() != file.sha256:
            return f"{path}: its content is not the one that was landed, {says}"
        rows = pq.read_metadata(path).num_rows
    except FileNotFoundError:
        return f"{path}: is missing, commit {commit.seq} names it; restore it from a backup"
    except (OSError, pa.ArrowException) as error:
        return f"{path}: cannot be read: {error}"
    if rows != file.rows:
        return f"{path}: holds {rows} rows and not {file.rows}, {says}"
    return None
