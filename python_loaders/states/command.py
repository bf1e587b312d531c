"""`contrail states`: which earlier states of the warehouse are built; `contrail states drop`."""

from typing import Annotated

import typer

from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.landing.log import Commit, CommitLog
from python_loaders.settings import load_settings
from python_loaders.states.store import open_store
from python_loaders.targets import Target, TargetOption

app = typer.Typer(help="Earlier states of the warehouse: list and drop them.")
HEADERS = ("commit", "what it did", "landed", "state")


@app.callback(invoke_without_command=True)
def list_states(context: typer.Context, target: TargetOption = Target.DUCKDB) -> None:
    """List the states that are built, unless a further command says what to do with them."""
    if context.invoked_subcommand:
        return
    settings = load_settings()
    store = open_store(target, settings)
    commits = {commit.seq: commit for commit in CommitLog(settings.landing).read()}
    rows = []
    for seq in store.numbers():
        commit = commits.get(seq)
        landed = f"{commit.landed_at:%Y-%m-%d %H:%M}" if commit else ""
        state = "built by contrail diff" if store.origin(seq) else "built with dbt, or in part"
        rows.append([str(seq), _what(commit), landed, state])
    Display().table(f"States in {target}", HEADERS, rows)


@app.command()
def drop(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="[COMMIT]...", help="Of which commits.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Drop all of them.")] = False,
    target: TargetOption = Target.DUCKDB,
) -> None:
    """Drop states; they can be built again at any time."""
    store = open_store(target, load_settings())
    there = store.numbers()
    if bool(numbers) == everything:
        raise UsageError("name the commits whose states are to go, or --all")
    for seq in numbers or []:
        if seq not in there:
            listed = ", ".join(map(str, there)) or "none"
            raise UsageError(f"there is no state of commit {seq} in {target}; there are: {listed}")
    for seq in numbers or there:
        store.drop(seq)
        Display().line(f"dropped the state of commit {seq} in {target}")


def _what(commit: Commit | None) -> str:
    if commit is None:
        return "no such commit in this log"
    return f"{commit.op} {commit.source}.{commit.table} {commit.key}"
