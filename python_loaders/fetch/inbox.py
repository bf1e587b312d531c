"""The inbox as a fetch sees it: what was brought before, and how a new file appears in it."""

import datetime as dt
import fcntl
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from python_loaders.contract.file_names import render_name
from python_loaders.durable import sync_directory, sync_file
from python_loaders.errors import ContrailError
from python_loaders.fetch.origin import DIRECTORY, Origin, read_sidecar, write_origin


@dataclass(frozen=True)
class Fetched:
    """One thing that a fetch asked for.

    `fetched`: a file is in the inbox that was not there before; `unchanged`: nothing new.
    """

    outcome: str
    label: str  # for people: a package, a file name
    origin: Origin | None = None


@dataclass(frozen=True)
class LandedFile:
    """What the log tells about a file that was landed.

    Attributes:
        sha256: of its content.
        origin: if it is known and the commit was not taken back.
        number: of the extraction, also if the commit was taken back; 0 for other files.
        undone_at: when the commit was taken back: then the file may be fetched again, even if it
            still lies in the inbox; None if it was not.
    """

    sha256: str
    origin: Origin | None
    number: int = 0
    undone_at: dt.datetime | None = None

    def forgets(self, origin: Origin) -> bool:
        """Return whether a file that waits is this one, and was brought before the undo.

        Rows of a database are asked for again until others come with them: the same bytes would
        be stale.
        """
        return (
            self.undone_at is not None
            and self.sha256 == origin.sha256
            and (origin.number is not None or origin.fetched_at <= self.undone_at)
        )


@dataclass
class Inbox:
    """The directory, and what is known of the files that went through it.

    Args:
        path: the directory.
        landed: what the log holds, in its order.
        say: is told what happens meanwhile, such as a wait before another attempt.
        anew: fetch as if nothing had been fetched before.
        read_log: returns `landed` as it is when the lock was taken: another fetch may have brought
            files while this one waited, and they may be landed.
    """

    path: Path
    landed: Sequence[LandedFile] = ()
    say: Callable[[str], None] = field(default=lambda _: None)
    anew: bool = False
    read_log: Callable[[], Sequence[LandedFile]] | None = None

    def origins(self, target: str) -> list[Origin]:
        """Return what was brought for a source or a table, oldest first.

        These are the origins in the log in its order, then those of files that still wait for
        being landed. A file that is gone or damaged does not count, so it is fetched again.
        """
        if self.anew:
            return []
        committed = [item.origin for item in self.landed if item.origin is not None]
        known = {origin.sha256 for origin in committed}
        waiting = [
            origin
            for place in sorted(self.path.glob(f"{DIRECTORY}/*.json"))
            if (origin := read_sidecar(self.path / place.stem)) is not None
            and origin.target == target
            and origin.sha256 not in known
            and not any(item.forgets(origin) for item in self.landed)
            and self._is_intact(self.path / place.stem, origin)
        ]
        waiting.sort(key=lambda origin: origin.fetched_at)
        return [origin for origin in committed if origin.target == target] + waiting

    def next_number(self) -> int:
        """Return a number above that of every extraction before, whatever became of it."""
        waiting = (read_sidecar(self.path / p.stem) for p in self.path.glob(f"{DIRECTORY}/*.json"))
        numbers = [origin.number or 0 for origin in waiting if origin is not None]
        return 1 + max([*numbers, *(item.number for item in self.landed)], default=0)

    def forget_landed(self, target: str) -> None:
        """Remove files that were brought for a table and are landed, with their origins."""
        for place in self.path.glob(f"{DIRECTORY}/*.json"):
            path = self.path / place.stem
            origin = read_sidecar(path)
            if (
                origin is not None
                and origin.target == target
                and self.has_landed(origin.sha256)
                and self._is_intact(path, origin)
            ):
                path.unlink()
                place.unlink()

    def has_landed(self, sha256: str) -> bool:
        """Return whether a file of this content was landed, whatever its name."""
        return any(item.sha256 == sha256 for item in self.landed)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time fetch; the kernel releases the lock when its holder dies."""
        (self.path / DIRECTORY).mkdir(parents=True, exist_ok=True)
        with (self.path / DIRECTORY / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.say("another contrail fetch is running; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            if self.read_log is not None:
                self.landed = self.read_log()
            yield

    def part(self, name: str) -> Path:
        """Return the hidden path under which a file is written until it is complete."""
        return self.path / f".{name}.part"

    def unused_name(self, pattern: str, moment: dt.datetime, etag: str | None, sha256: str) -> str:
        """Return the name that the contract's pattern leads to.

        A pattern that counts seconds means a new file each time, so a name that is taken, as
        when the clock was set back, is passed over.

        Raises:
            ContrailError: the pattern asks for an ETag that there is not.
        """
        try:
            name = render_name(pattern, moment, etag, sha256)
            while "%S" in pattern and (self.path / name).exists():
                moment += dt.timedelta(seconds=1)
                name = render_name(pattern, moment, etag, sha256)
        except ValueError as error:
            raise ContrailError(f"as: {pattern}: {error}.") from error
        return name

    def publish(self, part: Path, origin: Origin, *, pinned: bool = False) -> Path:
        """Make a complete file durable and let it appear under its name, after its origin.

        Args:
            part: the file as written, in the inbox.
            origin: what is known about it; `origin.file` is the name it gets.
            pinned: the contract names these bytes, so that others under this name are damaged.

        Returns:
            Its path in the inbox.

        Raises:
            ContrailError: a file of this name is there that nobody fetched and nobody landed.
        """
        target = self.path / origin.file
        replaced = None if pinned else self._replaceable(target, origin)
        sync_file(part)
        write_origin(target, origin.model_copy(update={"replaces": replaced}))
        part.rename(target)
        sync_directory(self.path)
        return target

    def _replaceable(self, target: Path, origin: Origin) -> str | None:
        """Return the sha256 of the file that will be replaced, None if there is none."""
        if not target.exists():
            return None
        sha256 = digest(target)
        beside = read_sidecar(target)
        ours = {beside.sha256, beside.replaces} if beside else set()
        if sha256 in ours | {origin.sha256} or self.has_landed(sha256):
            return sha256
        raise ContrailError(
            f"{target}: somebody else put this file there and it is not landed yet. Land it or "
            f"move it away, then fetch {origin.target} again."
        )

    @staticmethod
    def _is_intact(path: Path, origin: Origin) -> bool:
        try:
            return path.stat().st_size == origin.bytes and digest(path) == origin.sha256
        except FileNotFoundError:
            return False


def digest(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def utc_now() -> dt.datetime:
    """Return the moment, in UTC and without a zone, as all times of the landing zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
