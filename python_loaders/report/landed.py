"""What the landing zone tells: deliveries, rejects, changes of columns."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from python_loaders.contract.model import Table
from python_loaders.errors import ContrailError
from python_loaders.landing.log import Commit, CommitLog, Operation, live_commits, undone_commits
from python_loaders.landing.rejects import read_rejects
from python_loaders.landing.schema import schema_versions


@dataclass(frozen=True)
class Delivery:
    """A commit, and what became of it: live, replaced, taken back, or an undo itself."""

    commit: Commit
    state: str

    @property
    def place(self) -> str:
        """Source and table."""
        return f"{self.commit.source}.{self.commit.table}"


@dataclass(frozen=True)
class LandedTable:
    """The live deliveries of one table of the contracts."""

    source: str
    table: str
    deliveries: int
    rows: int
    rejected: int
    first_key: str
    last_key: str
    landed_at: dt.datetime | None


@dataclass(frozen=True)
class RejectReason:
    """Why records were refused, how often, and one of them."""

    place: str
    column: str
    reason: str
    records: int
    last_seq: int
    example: str


@dataclass(frozen=True)
class SchemaChange:
    """What a delivery changed in the columns of its table."""

    place: str
    version: int
    commit: Commit
    taken_back: bool
    change: str


@dataclass(frozen=True)
class Landed:
    """All of it, deliveries and changes newest first; `problem` says what could not be read."""

    tables: list[LandedTable]
    deliveries: list[Delivery]
    rejects: list[RejectReason]
    changes: list[SchemaChange]
    problem: str = ""

    @property
    def newest(self) -> int:
        """The number of the last commit, 0 if there is none."""
        return self.deliveries[0].commit.seq if self.deliveries else 0


def read_landed(tables: Sequence[Table], log: CommitLog) -> Landed:
    """Read the commit log and the quarantine of the live deliveries.

    Raises:
        ContrailError: the log is damaged. A damaged quarantine is told as the problem.
    """
    commits = log.read()
    live = live_commits(commits)
    try:
        rejects, problem = _reasons(read_rejects(log, live).rows), ""
    except ContrailError as error:
        rejects, problem = [], str(error)
    return Landed(
        tables=[_landed_table(table, live) for table in tables],
        deliveries=_deliveries(commits, live),
        rejects=rejects,
        changes=_changes(tables, commits),
        problem=problem,
    )


def _landed_table(table: Table, live: Sequence[Commit]) -> LandedTable:
    own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
    keys = sorted(commit.key for commit in own)
    return LandedTable(
        source=table.source,
        table=table.name,
        deliveries=len(own),
        rows=sum(commit.rows_landed for commit in own),
        rejected=sum(commit.rows_rejected for commit in own),
        first_key=keys[0] if keys else "",
        last_key=keys[-1] if keys else "",
        landed_at=max((commit.landed_at for commit in own), default=None),
    )


def _deliveries(commits: Sequence[Commit], live: Sequence[Commit]) -> list[Delivery]:
    undone, alive = undone_commits(commits), {commit.seq for commit in live}

    def state(commit: Commit) -> str:
        if commit.op is Operation.UNDO:
            return "undo"
        if commit.seq in undone:
            return "taken back"
        return "live" if commit.seq in alive else "replaced"

    return [Delivery(commit, state(commit)) for commit in reversed(commits)]


def _reasons(rows: Sequence[tuple[object, ...]]) -> list[RejectReason]:
    counted: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], tuple[int, str]] = {}
    for seq, _, source, table, file, _, line, column, reason, raw in rows:
        group = (f"{source}.{table}", str(column or ""), str(reason))
        counted[group] += 1
        place = f"{file}, line {line}" if line else str(file)
        last[group] = (int(str(seq)), f"{place}: {raw}")
    return [
        RejectReason(*group, records=records, last_seq=last[group][0], example=last[group][1])
        for group, records in counted.most_common()
    ]


def _changes(tables: Sequence[Table], commits: Sequence[Commit]) -> list[SchemaChange]:
    """Return the changes after the first version of each table, newest first."""
    undone = undone_commits(commits)
    found = [
        SchemaChange(
            place=table.full_name,
            version=version.number,
            commit=version.since,
            taken_back=version.since.seq in undone,
            change=change,
        )
        for table in tables
        for version in schema_versions(commits, table)[1:]
        for change in version.changes
    ]
    return sorted(found, key=lambda change: change.commit.seq, reverse=True)
