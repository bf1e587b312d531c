"""`contrail rejects`: the quarantine, readable."""

import sys
from typing import Annotated

import typer

from python_loaders.contract.load import load_sources, select_tables
from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.landing.log import CommitLog
from python_loaders.landing.rejects import read_rejects
from python_loaders.query import Format, to_cells, to_csv, to_json
from python_loaders.settings import load_settings
from python_loaders.stage.base import Result

HEADERS = ("commit", "table", "delivery", "row", "line", "column", "reason", "record")
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show_rejects(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
    seq: Annotated[int | None, typer.Option(help="Only those of this commit.")] = None,
    output: Annotated[
        Format,
        typer.Option(
            "--format", help="How to print; csv has a ' before what a spreadsheet would run."
        ),
    ] = Format.TABLE,
) -> None:
    """Show the records that were refused, each with its place, the reason and the record itself."""
    settings = load_settings()
    log = CommitLog(settings.landing)
    commits = log.read()
    if seq is not None and not 1 <= seq <= len(commits):
        raise UsageError(f"--seq {seq}: the log has the commits 1 to {len(commits)}")
    tables = select_tables(load_sources(settings.sources), names or [])
    wanted = {(table.source, table.name) for table in tables}
    chosen = [
        commit
        for commit in commits
        if seq in (None, commit.seq) and (not names or (commit.source, commit.table) in wanted)
    ]
    found = read_rejects(log, chosen)
    if output is Format.JSON:
        sys.stdout.write(to_json(found))
    elif output is Format.CSV:
        harmless = [tuple(map(_no_formula, row)) for row in found.rows]
        sys.stdout.write(to_csv(Result(found.columns, harmless)))
    else:
        Display().table("Rejects", HEADERS, [_shown(row) for row in to_cells(found)])


def _no_formula(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _shown(row: list[str]) -> list[str]:
    seq, _, source, table, file, number, line, column, reason, raw = row
    return [seq, f"{source}.{table}", file, number, line, column, reason, raw]
