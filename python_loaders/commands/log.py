"""`contrail log`: the commits, oldest first."""

from typing import Annotated

import typer

from python_loaders.contract.load import load_sources, select_tables
from python_loaders.display import Display
from python_loaders.landing.log import CommitLog, Operation, live_commits, undone_commits
from python_loaders.settings import load_settings

HEADERS = ("commit", "table", "key", "batch", "delivery", "rows", "rejects", "landed", "state")


def show_log(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
) -> None:
    """List the commits: what was landed, what replaced it, what was taken back."""
    settings = load_settings()
    commits = CommitLog(settings.landing).read()
    live = {commit.seq for commit in live_commits(commits)}
    undone = undone_commits(commits)
    wanted = None
    if names:
        tables = select_tables(load_sources(settings.sources), names)
        wanted = {(table.source, table.name) for table in tables}
    rows = []
    for commit in commits:
        if wanted is not None and (commit.source, commit.table) not in wanted:
            continue
        if commit.seq in undone:
            state = "taken back"
        elif commit.op is Operation.UNDO:
            state = f"takes {commit.undoes} back"
        else:
            state = "live" if commit.seq in live else "replaced"
        rows.append(
            [
                str(commit.seq),
                f"{commit.source}.{commit.table}",
                commit.key,
                commit.batch_id,
                commit.input.source_file,
                f"{commit.rows_landed:,}",
                f"{commit.rows_rejected:,}",
                f"{commit.landed_at:%Y-%m-%d %H:%M}",
                state,
            ]
        )
    Display().table("Commits", HEADERS, rows)
