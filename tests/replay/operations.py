"""What can happen to a landing zone and its warehouse, and a sequence of it carried out.

A sequence is a list of Delivery, Again, Undo and Build. Every sequence is possible: what numbers
name is counted modulo what there is, so that a part of a sequence is one, too.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from slices import KINDS, Delivery, write
from warehouse_in_process import (
    Contents,
    ReplayedWarehouse,
    differing,
    first_differences,
    tables,
)

from python_loaders.landing.approval import Consent
from python_loaders.landing.delivery import find_candidates
from python_loaders.landing.log import CommitLog, Operation, live_commits, undone_commits
from python_loaders.landing.run import attempt
from python_loaders.landing.undo import undo


@dataclass(frozen=True)
class Again:
    """Land a file once more that was landed before, with `force` also if it was replaced since."""

    number: int
    force: bool = False


@dataclass(frozen=True)
class Undo:
    """Take back one of the commits that count: a delivery, or an undo."""

    number: int


@dataclass(frozen=True)
class Build:
    """Build what has changed since the last build; all of it with `full`."""

    full: bool = False


Step = Delivery | Again | Undo | Build


@dataclass
class World:
    """A landing zone, and a warehouse that is built from it now and then."""

    warehouse: ReplayedWarehouse
    done: Counter[str] = field(default_factory=Counter)
    _files: list[tuple[str, Path]] = field(default_factory=list)
    _seen: tuple[int, Contents] | None = None

    def __post_init__(self) -> None:
        self.log = CommitLog(self.warehouse.data / "landing")

    def play(self, steps: Sequence[Step]) -> None:
        """Carry out a sequence."""
        for step in steps:
            match step:
                case Delivery(kind):
                    folder = self.warehouse.data / "inbox" / f"{len(self._files):03}"
                    self._files.append((KINDS[kind].table, write(step, folder)))
                    self._land(*self._files[-1])
                case Again(number, force):
                    if self._files:
                        self._land(*self._files[number % len(self._files)], force=force)
                case Undo(number):
                    self._undo(number)
                case Build(full):
                    self._build(full=full)

    def _land(self, table: str, path: Path, *, force: bool = False) -> None:
        (own,) = (t for t in tables() if t.full_name == table)
        ((candidate,), _) = find_candidates([path], [own])
        # Deliveries that shrink are meant to.
        consent = Consent(force=force, accept_change=True)
        result = attempt(candidate, self.log, lambda _: nullcontext(lambda _: None), consent)
        assert result.landed, result.error
        self.done[result.landed.outcome] += 1

    def _undo(self, number: int) -> None:
        commits = self.log.read()
        undone = undone_commits(commits)
        undos = [c for c in commits if c.op is Operation.UNDO and c.seq not in undone]
        if possible := [*live_commits(commits), *undos]:
            undo(str(possible[number % len(possible)].seq), self.log)
            self.done["undone"] += 1

    def _build(self, *, full: bool) -> None:
        commits = self.log.read()
        self.warehouse.build(self.log.landing, commits, *(["--full-refresh"] if full else []))
        self.done["full build" if full else "incremental build"] += 1
        if self._seen is None:
            self._seen = len(commits), self.warehouse.contents()

    def assert_equal_to_a_full_build(self, template: ReplayedWarehouse) -> None:
        """Build what is left to build, and compare every relation with a build from nothing."""
        self._build(full=False)
        anew = template.copied(self.warehouse.data.with_name("anew"))
        anew.build(self.log.landing, self.log.read(), "--full-refresh")
        self.done["compared with a full build"] += 1
        built, wanted = self.warehouse.contents(), anew.contents()
        different = differing(built, wanted)
        assert not different, first_differences(self.warehouse, anew, different)

    def assert_the_past_comes_back(self, template: ReplayedWarehouse) -> None:
        """Build as of the first build, beside the present; every relation is what it was then."""
        assert self._seen, "nothing was built"
        number, seen = self._seen
        past = self.warehouse.as_of(number, template)
        self.done["compared with the past"] += 1
        different = differing(seen, past.contents())
        assert not different, f"as of commit {number}: {different}"


class Replay(Protocol):
    """Carry out a sequence and compare what it ends in."""

    def __call__(self, steps: Sequence[Step], *, past: bool = True) -> World: ...
