"""What an engine must be able to do, and what is staged in every engine alike."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from python_loaders.contract.model import Table
from python_loaders.errors import ContrailError
from python_loaders.landing.log import Commit, live_commits

AUDIT_COLUMNS = {
    "_batch_id": "text",
    "_seq": "bigint",
    "_delivery_key": "text",
    "_source_file": "text",
    "_source_row": "bigint",
    "_landed_at": "timestamp",
}
DELIVERY_COLUMNS = {
    "seq": "bigint",
    "batch_id": "text",
    "source_name": "text",
    "table_name": "text",
    "delivery_mode": "text",
    "delivery_key": "text",
    "period_start": "date",
    "period_end": "date",
    "source_file": "text",
    "rows_read": "bigint",
    "rows_landed": "bigint",
    "rows_rejected": "bigint",
    "landed_at": "timestamp",
    "is_live": "boolean",
    "operation": "text",
    "undoes_seq": "bigint",
}
REJECT_COLUMNS = {
    "seq": "bigint",
    "batch_id": "text",
    "source_name": "text",
    "table_name": "text",
    "source_file": "text",
    "source_row": "bigint",
    "source_line": "bigint",
    "column_name": "text",
    "reason": "text",
    "raw_text": "text",
}
LOG_SCHEMA = "raw_contrail"

Value = str | int | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class Result:
    """The rows of a query."""

    columns: list[str]
    rows: list[tuple[object, ...]]


class Stager(Protocol):
    """One engine: fills the raw schemas from the log, and answers queries."""

    def stage(self, tables: Sequence[Table], commits: Sequence[Commit]) -> None:
        """Expose the live deliveries of every table, in one transaction.

        A table without deliveries is exposed without rows.
        """
        ...

    def query(self, sql: str) -> Result:
        """Run one statement that only reads."""
        ...


def raw_schema(source: str) -> str:
    """Return the schema that holds a source's raw relations."""
    return f"raw_{source}"


def require_files(landing: Path, commits: Sequence[Commit]) -> None:
    """Check that every file of these commits is there and has its size.

    Raises:
        ContrailError: a file is missing or cut; engines would notice only when they read it.
    """
    for commit in commits:
        for file in commit.files:
            path = landing / file.path
            if not path.is_file() or path.stat().st_size != file.bytes:
                raise ContrailError(
                    f"{path}: is missing or has not {file.bytes} bytes, as commit {commit.seq} "
                    "says. Restore it from a backup; the warehouse was not touched."
                )


def delivery_rows(commits: Sequence[Commit]) -> list[tuple[Value, ...]]:
    """Return raw_contrail.deliveries: every commit, in the order of DELIVERY_COLUMNS."""
    live = {commit.seq for commit in live_commits(commits)}
    return [
        (
            commit.seq,
            commit.batch_id,
            commit.source,
            commit.table,
            commit.mode,
            commit.key,
            commit.period_start,
            commit.period_end,
            commit.input.source_file,
            commit.rows_read,
            commit.rows_landed,
            commit.rows_rejected,
            commit.landed_at,
            commit.seq in live,
            str(commit.op),
            commit.undoes,
        )
        for commit in commits
    ]
