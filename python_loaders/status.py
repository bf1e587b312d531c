"""Sum up the commit log: what is landed, how fresh it is, what was rejected."""

import datetime as dt
from collections.abc import Sequence

from python_loaders.contract.model import Table
from python_loaders.landing.log import Commit, live_commits, undone_commits
from python_loaders.landing.schema import schema_versions

STATUS_HEADERS = (
    "source",
    "table",
    "live deliveries",
    "rows",
    "rejects",
    "first key",
    "last key",
    "landed",
)
SCHEMA_HEADERS = ("source", "table", "version", "since commit", "landed", "change")


def status_rows(
    tables: Sequence[Table], commits: Sequence[Commit], now: dt.datetime
) -> list[list[str]]:
    """Return one row per table of the contracts, in the order of STATUS_HEADERS.

    Args:
        tables: the tables of the contracts.
        commits: the whole log.
        now: the time in UTC, without a zone.
    """
    live = live_commits(commits)
    rows = []
    for table in tables:
        own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
        keys = sorted(commit.key for commit in own)
        landed = max((commit.landed_at for commit in own), default=None)
        rows.append(
            [
                table.source,
                table.name,
                f"{len(own):,}",
                f"{sum(commit.rows_landed for commit in own):,}",
                f"{sum(commit.rows_rejected for commit in own):,}",
                keys[0] if keys else "",
                keys[-1] if keys else "",
                _age(now - landed) if landed else "never",
            ]
        )
    return rows


def schema_rows(tables: Sequence[Table], commits: Sequence[Commit]) -> list[list[str]]:
    """Return one row per change of a table's columns, in the order of SCHEMA_HEADERS.

    Args:
        tables: the tables of the contracts.
        commits: the whole log.
    """
    undone = undone_commits(commits)
    return [
        [
            table.source,
            table.name,
            str(version.number),
            f"{version.since.seq}{' (taken back)' if version.since.seq in undone else ''}",
            f"{version.since.landed_at:%Y-%m-%d %H:%M}",
            change,
        ]
        for table in tables
        for version in schema_versions(commits, table)
        for change in version.changes
    ]


def _age(age: dt.timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))  # less if the clock was set back
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"
