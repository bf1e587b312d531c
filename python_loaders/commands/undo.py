"""`contrail undo`: take a delivery back."""

from typing import Annotated

import typer

from python_loaders.display import Display
from python_loaders.landing.log import CommitLog, Operation
from python_loaders.landing.undo import undo
from python_loaders.settings import load_settings


def undo_delivery(
    name: Annotated[
        str, typer.Argument(metavar="BATCH|SEQ", help="A batch id, or the number of a commit.")
    ],
) -> None:
    """Take a landed delivery back; the one of its key before it is live again."""
    done = undo(name, CommitLog(load_settings().landing))
    commit, successor = done.commit, done.successor
    place = f"{commit.source}.{commit.table} {commit.key}"
    if done.outcome == "unchanged":
        Display().line(f"{place}: unchanged, commit {commit.seq} was taken back before")
        return
    if commit.op is Operation.UNDO:
        what = f"the undo in commit {commit.seq} is taken back"
    else:
        what = f"commit {commit.seq} ({commit.input.source_file}) is taken back"
    now = f"commit {successor.seq} is live" if successor else "nothing of this key is live now"
    Display().line(f"{place}: {what}, {now}; `contrail stage` shows it")
