"""The commit log: one JSON record per delivery, and what follows from the records.

A record is created by linking a finished file to the next number, which fails if that number
exists: two commits can never share one, and a record is never seen half-written. Each record
holds the digest of its predecessor, and a seal over itself, so that a changed or missing one is
noticed, also the last.
"""

import datetime as dt
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from python_loaders.contract.options import Mode, Period
from python_loaders.durable import sync_directory
from python_loaders.errors import ContrailError

MISSING = "is missing"
UNCHAINED = "does not follow from the record before it"
NO_SEAL = '"seal": ""'


class InputFile(BaseModel):
    """What was delivered: the file, and the member of it that holds the table."""

    model_config = ConfigDict(frozen=True)

    file: str
    file_bytes: int
    file_sha256: str
    member: str
    bytes: int
    sha256: str

    @property
    def source_file(self) -> str:
        """File and member as users see them."""
        return f"{self.file}/{self.member}" if self.member else self.file


class DataFile(BaseModel):
    """A file of the landing zone; the path is relative to it."""

    model_config = ConfigDict(frozen=True)

    path: str
    rows: int
    bytes: int
    sha256: str


class Operation(StrEnum):
    """What a commit does."""

    LAND = "land"
    UNDO = "undo"


class Commit(BaseModel):
    """One landed delivery, or one that is taken back.

    The fields at the end came later than others and have a default, so that older records are
    read as what they were. A commit that takes one back repeats what that one says of the
    delivery, and has no rows and no files.

    Attributes:
        op: what the commit does.
        undoes: the number of the commit that this one takes back.
        forced: whether it was landed although its bytes had been replaced or taken back.
        origin: what `contrail fetch` knew about the file, such as its address and ETag.
        schema_version: the number of the set of columns, from 1, of its table.
        nulls: the number of NULLs in each column that was delivered; None in older records.
        accepted_change: what a person accepted that the guard had held back, in words.
        seal: the sha256 of the record as it is written, with an empty seal in it.
    """

    model_config = ConfigDict(frozen=True)

    seq: int
    prev_sha256: str
    batch_id: str
    source: str
    table: str
    mode: Mode
    period: Period
    key: str
    period_start: dt.date | None
    period_end: dt.date | None
    input: InputFile
    rows_read: int
    rows_landed: int
    rows_rejected: int
    files: list[DataFile]
    quarantine: list[DataFile]
    columns: dict[str, str]
    contract_fingerprint: str
    landed_at: dt.datetime
    code_version: str
    op: Operation = Operation.LAND
    undoes: int | None = None
    forced: bool = False
    origin: dict[str, JsonValue] | None = None
    schema_version: int = 1
    nulls: dict[str, int] | None = None
    accepted_change: list[str] = []
    seal: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What a later commit replaces: the key, or for appends the same input only."""
        own = (self.input.sha256,) if self.mode == "append" else ()
        return (self.source, self.table, self.key, *own)


def live_commits(commits: Sequence[Commit]) -> list[Commit]:
    """Return the commits that count: the last of each identity that was not taken back.

    They come in the order of the log. Where the last one was taken back, the one before it counts
    again.
    """
    undone = undone_commits(commits)
    last = {
        commit.identity: commit
        for commit in commits
        if commit.op is Operation.LAND and commit.seq not in undone
    }
    return sorted(last.values(), key=lambda commit: commit.seq)


def undone_commits(commits: Sequence[Commit]) -> set[int]:
    """Return the numbers of the commits that were taken back; that can be taken back as well."""
    undone: set[int] = set()
    for commit in reversed(commits):
        if commit.undoes is not None and commit.seq not in undone:
            undone.add(commit.undoes)
    return undone


def read_record(path: Path) -> tuple[Commit, str]:
    """Return a commit and the sha256 of its record.

    Raises:
        ValueError: the record is cut, changed or none; the message goes with "this record ...".
    """
    content = path.read_bytes()
    try:
        commit = Commit.model_validate_json(content)
    except ValidationError as error:
        raise ValueError("cannot be read") from error
    blank = content.replace(f'"seal": "{commit.seal}"'.encode(), NO_SEAL.encode())
    if commit.seal and hashlib.sha256(blank).hexdigest() != commit.seal:
        raise ValueError("was changed after it was written")
    return commit, hashlib.sha256(content).hexdigest()


def _sealed(commit: Commit) -> bytes:
    text = commit.model_copy(update={"seal": ""}).model_dump_json(indent=2) + "\n"
    seal = hashlib.sha256(text.encode()).hexdigest()
    return text.replace(NO_SEAL, f'"seal": "{seal}"').encode()


class CommitLog:
    """The records below landing/_log, numbered 1, 2, 3, ... without a gap.

    Records never change, so each is read once, however often the log is asked for.
    """

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self._directory = landing / "_log"
        self._commits: list[Commit] = []
        self._last_digest = ""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one writer at a time land a delivery; waits for the others.

        Rows carry the number of their commit, so it must be known before they are written. A
        lock is the simplest way, and the kernel releases it whatever happens to its holder. The
        log does not rely on it: without it two writers would both be right and one would fail.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Wait until nobody is landing, and keep it so; this needs no right to write."""
        try:
            file = (self._directory / ".lock").open("rb")
        except FileNotFoundError:  # nobody ever has
            yield
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    def read(self) -> list[Commit]:
        """Return all records in order.

        Raises:
            ContrailError: a record is missing, changed or unreadable.
        """
        for number, path in enumerate(self.paths(), 1):
            if path != self.path(number):
                raise self._broken(self.path(number), MISSING)
            if number <= len(self._commits):
                continue
            try:
                commit, digest = read_record(path)
            except ValueError as error:
                raise self._broken(path, str(error)) from error
            if commit.seq != number or commit.prev_sha256 != self._last_digest:
                raise self._broken(path, UNCHAINED)
            self._last_digest = digest
            self._commits.append(commit)
        return list(self._commits)

    def paths(self) -> list[Path]:
        """Return the records that are there, in the order of their numbers."""
        return sorted(self._directory.glob("[0-9]*.json"))

    def strangers(self) -> list[Path]:
        """Return what lies beside the records and does not belong to the log."""
        own = re.compile(r"[0-9]{12}\.json|\.lock")
        return sorted(p for p in self._directory.glob("*") if not own.fullmatch(p.name))

    def path(self, seq: int) -> Path:
        """Return the path of a record."""
        return self._directory / f"{seq:012d}.json"

    @property
    def last_digest(self) -> str:
        """The digest of the last record that was read, "" if there is none."""
        return self._last_digest

    def append(self, commit: Commit, scratch: Path) -> None:
        """Publish a record under its number.

        Raises:
            ContrailError: the number was taken by a writer that holds no lock (a file system
                that does not keep locks across machines).
        """
        draft = scratch / "commit.json"
        with draft.open("wb") as file:
            file.write(_sealed(commit))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self.path(commit.seq))
        except FileExistsError:
            raise ContrailError(
                f"{self.path(commit.seq)}: another writer took this number. Run `contrail land` "
                "again; nothing of this delivery was landed."
            ) from None
        sync_directory(self._directory)

    @staticmethod
    def _broken(path: Path, what: str) -> ContrailError:
        return ContrailError(
            f"{path}: this commit record {what}. Restore landing/_log from a backup, or move the "
            "landing directory away and land again."
        )
