"""Say what a landing would do: everything is read and checked, nothing is written.

Unfinished work (archives inside of archives) goes to the system's temporary directory.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from python_loaders.errors import ContrailError
from python_loaders.landing.delivery import Candidate
from python_loaders.landing.history import Landed
from python_loaders.landing.land import decide, record
from python_loaders.landing.log import Commit, CommitLog, DataFile, live_commits
from python_loaders.landing.run import Attempt
from python_loaders.landing.scratch import explained


class Counter:
    """A Sink (see writer.py) that keeps no row."""

    def __init__(self, _path: Path) -> None:
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        return

    def write(self, table: pa.Table) -> None:
        """Count rows."""
        self.rows += table.num_rows

    def finish(self, directory: Path, name: str, landing: Path) -> DataFile:
        """Never called: what is planned gets no file."""
        raise NotImplementedError(f"{landing}: {directory}/{name}")


class Plan:
    """Deliveries in the order of a landing; each is told as if those before it were landed."""

    def __init__(self, log: CommitLog) -> None:
        self._landing = log.landing
        self._commits: list[Commit] = log.read()
        self._landed = len(self._commits)

    def attempt(
        self,
        candidate: Candidate,
        progress: Callable[[str], AbstractContextManager[Callable[[int], None]]],
    ) -> Attempt:
        """Say what would become of a delivery; errors are part of the answer."""
        begin = time.monotonic()
        try:
            with (
                progress(f"{candidate.table.full_name} {candidate.path.name}") as advance,
                explained(str(candidate.path), self._landing),
                tempfile.TemporaryDirectory(prefix="contrail-plan-") as scratch,
            ):
                landed = self._decide(candidate, Path(scratch), advance)
        except ContrailError as error:
            return Attempt(candidate, time.monotonic() - begin, error=error)
        return Attempt(candidate, time.monotonic() - begin, landed=landed)

    def _decide(
        self, candidate: Candidate, scratch: Path, advance: Callable[[int], None]
    ) -> Landed:
        decided = decide(candidate, self._commits, scratch, advance, Counter)
        if isinstance(decided, Landed):
            return decided
        commit = record(decided, candidate, [], [], "")
        reason = self._reason(commit)
        self._commits = [*self._commits, commit]
        return Landed(
            outcome="would commit with rejects" if commit.rows_rejected else "would commit",
            key=commit.key,
            rows=commit.rows_landed,
            rejects=commit.rows_rejected,
            byte_count=commit.input.bytes,
            warnings=decided.warnings,
            reason=reason,
        )

    def _reason(self, commit: Commit) -> str:
        before = next(
            (c for c in live_commits(self._commits) if c.identity == commit.identity), None
        )
        if before is None and commit.mode == "append":
            return "adds to what is live"
        if before is None:
            return "nothing of this key is live"
        if before.seq > self._landed:
            return f"in place of {before.input.source_file} of the same landing"
        return f"in place of commit {before.seq}"
