"""What the log already knows about a delivery."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from python_loaders.errors import ContractError
from python_loaders.fetch.inbox import LandedFile
from python_loaders.fetch.origin import Origin
from python_loaders.landing.delivery import Candidate, Key, key_from_name
from python_loaders.landing.log import Commit, Operation, live_commits, undone_commits


@dataclass(frozen=True)
class Landed:
    """What became of a delivery.

    `committed`, or `committed with rejects`: it is live now. `unchanged`: it was live before.
    `stale`: it was live once and has been replaced by a later delivery or taken back, so landing it
    again would bring back old rows. `reason` names the commits that decided it.
    """

    outcome: str
    key: str
    rows: int = 0
    rejects: int = 0
    byte_count: int = 0
    warnings: tuple[str, ...] = ()
    reason: str = ""


class History:
    """The commits of one table, as seen by one delivery of it."""

    def __init__(self, commits: Sequence[Commit], candidate: Candidate) -> None:
        table = candidate.table
        self._fingerprint = table.fingerprint(candidate.extract)
        own = [c for c in commits if (c.source, c.table) == (table.source, table.name)]
        self._undos = [c for c in own if c.undoes and c.seq not in undone_commits(own)]
        self._commits = [commit for commit in own if commit.op is Operation.LAND]
        self.live = live_commits(own)
        self._live = {commit.seq for commit in self.live}
        # A key that the name gives may belong to bytes that are landed under another key: a
        # snapshot in which nothing changed. A key that the rows give belongs to the bytes.
        self._key: Key | None = key_from_name(candidate)
        self._check_rules(candidate)

    def of_file(self, file_sha256: str) -> Landed | None:
        """Return the answer if this very file was landed under this very contract."""
        answer = self._answer(
            lambda commit: (
                commit.input.file_sha256 == file_sha256
                and commit.contract_fingerprint == self._fingerprint
            )
        )
        if answer and answer.outcome == "stale":
            # Not what replaced it if that is the same file under a contract that was changed back.
            live = self._answer(lambda commit: commit.input.file_sha256 == file_sha256)
            return answer if live and live.outcome == "stale" else None
        return answer

    def of_content(self, sha256: str, key: Key) -> Landed | None:
        """Return the answer if these bytes were landed, from whatever file.

        Bytes that are live under another version of the contract are landed again: the commit
        replaces the earlier one, which stays in the log.
        """
        answer = self._answer(lambda commit: commit.input.sha256 == sha256)
        if answer is None or answer.outcome == "stale":
            return answer
        current = any(
            commit.seq in self._live
            and commit.input.sha256 == sha256
            and (commit.contract_fingerprint == self._fingerprint or commit.key != key.text)
            for commit in self._commits
        )
        return answer if current else None

    def _answer(self, is_same: Callable[[Commit], bool]) -> Landed | None:
        same = [c for c in self._commits if is_same(c) and self._key in {None, self._key_of(c)}]
        if not same:
            return None
        live = [commit for commit in same if commit.seq in self._live]
        commit = (live or same)[-1]
        return Landed(
            outcome="unchanged" if live else "stale",
            key=commit.key,
            rows=commit.rows_landed,
            rejects=commit.rows_rejected,
            reason=f"live as commit {commit.seq}" if live else self._end_of(commit),
        )

    def _end_of(self, commit: Commit) -> str:
        """Say why a commit is not live any more."""
        for later in reversed(self._undos):
            if later.undoes == commit.seq:
                return f"landed as commit {commit.seq}, which commit {later.seq} took back"
        live = (c for c in self._commits if c.seq in self._live)
        heir = next(c for c in live if c.identity == commit.identity)
        return f"landed as commit {commit.seq}, which commit {heir.seq} replaced"

    @staticmethod
    def _key_of(commit: Commit) -> Key:
        return Key(commit.key, commit.period_start, commit.period_end)

    def _check_rules(self, candidate: Candidate) -> None:
        """Keys of different periods overlap, so the rules of a table with live rows are fixed."""
        rules = candidate.rules
        for commit in self._commits:
            if commit.seq in self._live and (commit.mode, commit.period) != (
                rules.mode,
                rules.period,
            ):
                raise ContractError(
                    f"{candidate.table.full_name}: the contract says {rules.mode} by "
                    f"{rules.period}, but commit {commit.seq} landed {commit.mode} by "
                    f"{commit.period}, and keys of both would overlap. Change it back, or give "
                    "the table a new name."
                )


def fetched_files(commits: Sequence[Commit]) -> list[LandedFile]:
    """Return what `contrail fetch` has to know of the log: the files that were landed.

    Where a file came from counts unless its commit was taken back: then it may be fetched again.
    """
    undone = undone_commits(commits)
    undone_at = {c.undoes: c.landed_at for c in commits if c.undoes in undone}
    files = []
    for commit in commits:
        if commit.op is Operation.LAND:
            origin = Origin.model_validate(commit.origin) if commit.origin else None
            number = (origin.number if origin else None) or 0
            at = undone_at.get(commit.seq)
            counts = origin if at is None else None
            files.append(LandedFile(commit.input.file_sha256, counts, number, at))
    return files
