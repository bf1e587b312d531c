"""`contrail trace`: which lines of which files is this row made of?"""

from collections.abc import Sequence
from typing import Annotated

import typer

from python_loaders.contract.load import load_sources
from python_loaders.contract.model import Table
from python_loaders.display import Display
from python_loaders.errors import ContrailError
from python_loaders.landing.log import Commit, CommitLog, live_commits
from python_loaders.settings import Settings, load_settings
from python_loaders.targets import Target, TargetOption, open_schema
from python_loaders.trace.key import parse_key
from python_loaders.trace.lineage import MOST_SHOWN, Lineage, Part, Traced, total
from python_loaders.trace.model import Model, find_model, load_models
from python_loaders.trace.record import find_delivered, read_records

HEADERS = ("commit", "table", "key", "batch", "delivery", "rows", "state")


def trace_row(
    table: Annotated[str, typer.Argument(help="A mart, or any other model.")],
    key: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="The surrogate key, or column=value.")
    ],
    target: TargetOption = Target.DUCKDB,
) -> None:
    """Show the deliveries that a row is made of; where they are few, the lines as delivered."""
    settings, display = load_settings(), Display()
    models = load_models(settings.manifest)
    model = find_model(models, table)
    schema, query = open_schema(target, settings)
    places = _Places(settings, display)
    for traced in Lineage(models, schema, query).trace(model, parse_key(model, key)):
        grain = ", ".join(f"{name} {traced.row[name]}" for name in model.grain)
        display.answer(f"{model.name}: {grain or key}")
        if not traced.parts:
            display.answer(f"  {_without(model, traced)}")
        elif total(traced.parts) <= MOST_SHOWN:
            for part in traced.parts:
                places.show_rows(part)
        else:
            places.show_deliveries(traced.parts)


def _without(model: Model, traced: Traced) -> str:
    if model.made_of:
        return f"made of {model.made_of}, not of deliveries"
    reason = traced.row.get("member_reason")
    return f"no row of a delivery leads here{f': {reason}' if reason else ''}"


class _Places:
    """Shows parts of a row: where they are in the log, and where in the inbox."""

    def __init__(self, settings: Settings, display: Display) -> None:
        self._inbox = settings.inbox
        self._display = display
        self._commits = CommitLog(settings.landing).read()
        self._live = {commit.seq for commit in live_commits(self._commits)}
        self._tables = {
            (table.source, table.name): table
            for source in load_sources(settings.sources)
            for table in source.tables
        }

    def show_deliveries(self, parts: Sequence[Part]) -> None:
        """List the deliveries, when their rows are too many to be shown."""
        rows = []
        for part in parts:
            commit = self._commit(part)
            place = f"{commit.source}.{commit.table}"
            row = [str(commit.seq), place, commit.key, commit.batch_id, commit.input.source_file]
            rows.append([*row, f"{part.rows:,}", self._state(commit)])
        self._display.table(f"made of {total(parts):,} rows of deliveries", HEADERS, rows)

    def show_rows(self, part: Part) -> None:
        """Show the lines as they were delivered, or why they cannot be."""
        commit, display = self._commit(part), self._display
        place = f"{commit.source}.{commit.table} {commit.key}"
        display.answer(f"  {place}, commit {commit.seq} ({self._state(commit)})")
        display.answer(f"    batch {commit.batch_id}, landed {commit.landed_at:%Y-%m-%d %H:%M} UTC")
        display.answer(f"    {commit.input.source_file}, sha256 {commit.input.file_sha256}")
        if commit.origin and "uri" in commit.origin:
            display.answer(f"    from {commit.origin['uri']}")
        rows = ", ".join(map(str, part.shown))
        path = find_delivered(self._inbox, commit.input)
        if path is None:
            display.answer(
                f"    row {rows}: this file is not in {self._inbox} any more, so its text cannot "
                "be shown"
            )
            return
        try:
            records = read_records(path, commit, self._table(commit), part.shown)
        except ContrailError as error:
            display.answer(f"    row {rows}: {error}")
            return
        for record in records:
            line = f", line {record.line}" if record.line else ""
            display.answer(f"    row {record.row}{line}:\n      {record.text}")

    def _commit(self, part: Part) -> Commit:
        commit = self._commits[part.seq - 1] if part.seq <= len(self._commits) else None
        if commit is None or commit.batch_id != part.batch_id:
            raise ContrailError(
                f"commit {part.seq}, batch {part.batch_id}: the log does not have it. The "
                "warehouse is made from another landing zone; run `contrail stage`, then build it."
            )
        return commit

    def _table(self, commit: Commit) -> Table:
        table = self._tables.get((commit.source, commit.table))
        if table is None:
            raise ContrailError(f"{commit.source}.{commit.table} has no contract any more")
        return table

    def _state(self, commit: Commit) -> str:
        return "live" if commit.seq in self._live else "not live any more: build again"
