"""Take a delivery back: a new commit says that an earlier one does not count any more.

Nothing is deleted. The delivery of the same key before it is live again; if there is none, the key
is empty. The same bytes delivered again are stale, so that the next run does not bring them back.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from python_loaders import __version__
from python_loaders.errors import UsageError
from python_loaders.landing.log import Commit, CommitLog, Operation, live_commits, undone_commits
from python_loaders.landing.scratch import explained, scratch_directory


@dataclass(frozen=True)
class Undone:
    """What became of a request to take a commit back.

    Attributes:
        outcome: `committed`, or `unchanged` if it was taken back before.
        commit: the commit that does not count any more.
        successor: the commit of its key that is live now, None if the key is empty.
    """

    outcome: str
    commit: Commit
    successor: Commit | None


def undo(name: str, log: CommitLog) -> Undone:
    """Take back a commit, by its number or by its batch.

    Args:
        name: the number of a commit, or a batch id: then the last commit of this batch is meant.
        log: the log of the landing directory.

    Raises:
        UsageError: there is no such commit, or readers do not see it.
        ContrailError: the log cannot be read or written; it is then as it was before.
    """
    commit = _find(name, log.read())  # before a directory is made for a log that is not there
    what, state = f"undo of commit {commit.seq}", "The log is as it was before"
    with (
        explained(what, log.landing, state=state),
        log.lock(),
        scratch_directory(log.landing) as scratch,
    ):
        commits = log.read()
        commit = _find(name, commits)
        if commit.seq in undone_commits(commits):
            return Undone("unchanged", commit, _live_instead(commit, commits))
        _check_live(commit, commits)
        taken_back = _record(commit, len(commits) + 1, log.last_digest)
        log.append(taken_back, scratch)
        return Undone("committed", commit, _live_instead(commit, [*commits, taken_back]))


def _find(name: str, commits: Sequence[Commit]) -> Commit:
    by_batch = [c for c in commits if c.batch_id == name and c.op is Operation.LAND]
    by_number = [commit for commit in commits if str(commit.seq) == name]
    found = by_batch or by_number
    if not found:
        raise UsageError(
            f"{name}: there is no such commit or batch. `contrail log` lists the commits, numbered "
            f"1 to {len(commits)}."
        )
    return found[-1]


def _check_live(commit: Commit, commits: Sequence[Commit]) -> None:
    """Refuse what would change nothing that readers see; an undo itself can be taken back."""
    heir = _live_instead(commit, commits)
    if commit.op is Operation.LAND and heir != commit and heir is not None:
        raise UsageError(
            f"commit {commit.seq} is not live: commit {heir.seq} replaced it. Take that one back "
            "first, if it is the wrong one."
        )


def _live_instead(commit: Commit, commits: Sequence[Commit]) -> Commit | None:
    live = (other for other in live_commits(commits) if other.identity == commit.identity)
    return next(live, None)


def _record(commit: Commit, seq: int, prev_sha256: str) -> Commit:
    """Return the commit that takes another one back."""
    identity = ("undo", commit.batch_id, str(commit.seq))
    return commit.model_copy(
        update={
            "seq": seq,
            "prev_sha256": prev_sha256,
            "batch_id": hashlib.sha256("\n".join(identity).encode()).hexdigest()[:16],
            "rows_read": 0,
            "rows_landed": 0,
            "rows_rejected": 0,
            "files": [],
            "quarantine": [],
            "landed_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
            "code_version": __version__,
            "op": Operation.UNDO,
            "undoes": commit.seq,
            "forced": False,
            "origin": None,
        }
    )
