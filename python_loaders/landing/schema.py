"""Which columns a table has had, version by version, and which ones its relation shows.

A schema version is a set of names and types. Versions are read off the commits, which are never
changed; so no other state can disagree with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from python_loaders.contract.column import Column
from python_loaders.contract.model import Table
from python_loaders.contract.widening import join, widens
from python_loaders.errors import ContractError, did_you_mean
from python_loaders.landing.log import Commit, Operation, live_commits, undone_commits

SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class SchemaVersion:
    """One set of columns.

    Attributes:
        number: from 1, in the order in which they were first landed.
        since: the first commit that was landed so.
        changes: what is different from the version before, in words.
    """

    number: int
    since: Commit
    changes: tuple[str, ...]


def schema_versions(commits: Sequence[Commit], table: Table) -> list[SchemaVersion]:
    """Return the versions of a table, oldest first."""
    versions: list[SchemaVersion] = []
    for commit in _landings(commits, table):
        if any(version.since.columns == commit.columns for version in versions):
            continue
        before = versions[-1].since.columns if versions else {}
        changes = _changes(before, commit.columns) or [f"{len(commit.columns)} columns"]
        versions.append(SchemaVersion(len(versions) + 1, commit, tuple(changes)))
    return versions


def version_number(columns: Mapping[str, str], commits: Sequence[Commit], table: Table) -> int:
    """Return the number of a set of columns: that of an earlier landing, or the next."""
    versions = schema_versions(commits, table)
    same = (version.number for version in versions if version.since.columns == columns)
    return next(same, len(versions) + 1)


def evolved_types(table: Table, commits: Sequence[Commit]) -> dict[str, str | None]:
    """Return the columns that `contract: evolve` has added: landed, and not in the contract.

    The type is None where all values were NULL: then the next delivery decides it.

    Raises:
        ContractError: deliveries hold one name in types that no type takes in.
    """
    if table.mode != "evolve":
        return {}
    described = _described(table)
    undone = undone_commits(commits)
    kinds: dict[str, str] = {}
    is_open: dict[str, bool] = {}
    for commit in _landings(commits, table):
        for name, kind in commit.columns.items():
            if name in described or commit.seq in undone:
                continue
            if is_open.get(name, True):
                kinds[name], is_open[name] = kind, _is_empty(name, commit)
            else:
                kinds[name] = _joined(kinds[name], kind, name, table)
    return {name: None if is_open[name] else kind for name, kind in kinds.items()}


def with_evolved(table: Table, types: Mapping[str, str | None]) -> Table:
    """Return the table with columns that were added to it; the loaders' own stay at the end."""
    own = [column for column in table.columns if column.name.startswith("_")]
    added = [
        Column(name=name, data_type=kind or "text", optional=True) for name, kind in types.items()
    ]
    return table.model_copy(update={"columns": [*table.landed_columns, *added, *own]})


def shown_table(table: Table, commits: Sequence[Commit]) -> Table:
    """Return the table as its relation shows it: the contract's columns, and the evolved ones.

    Raises:
        ContractError: live deliveries do not fit the contract of today, and showing them would
            drop a column or change values.
    """
    shown = with_evolved(table, evolved_types(table, commits))
    require_fit(shown, live_of(table, commits))
    return shown


def require_fit(table: Table, live: Iterable[Commit]) -> None:
    """Check that live deliveries can be shown as a table without losing anything.

    Raises:
        ContractError: a column would be dropped, or its values changed.
    """
    if problems := misfits(table, live):
        more = f" (and {len(problems) - SHOWN_PROBLEMS} more)" if problems[SHOWN_PROBLEMS:] else ""
        raise ContractError(
            f"{table.full_name}: the contract does not fit what is landed. "
            f"{'; '.join(problems[:SHOWN_PROBLEMS])}{more}. Nothing was changed. Put the files of "
            "these deliveries into the inbox and land them again, or change the contract."
        )


def landed_columns(table: Table) -> dict[str, str]:
    """Return names and types of the columns under which a delivery of a table is landed."""
    return {column.landed_name: column.type.name for column in table.landed_columns}


def live_of(table: Table, commits: Sequence[Commit]) -> list[Commit]:
    """Return the live commits of a table."""
    return live_commits([c for c in commits if (c.source, c.table) == (table.source, table.name)])


def misfits(table: Table, live: Iterable[Commit]) -> list[str]:
    """Say what of live deliveries a table cannot show as it was landed."""
    problems: list[str] = []
    kinds = landed_columns(table)
    for commit in live:
        if commit.columns == kinds:
            continue
        place = f"commit {commit.seq} ({commit.key}, {commit.input.source_file})"
        names = landed_names(table, commit)
        for name, landed in names.items():
            old, new = commit.columns[landed], kinds[name]
            if not widens(old, new) and not _is_empty(landed, commit):
                problems.append(f"column {name!r} is {new}, {place} landed {old}")
        absent = [name for name in kinds if name not in names]
        for landed in sorted(set(commit.columns) - set(names.values())):
            if not _is_empty(landed, commit):
                near = did_you_mean(landed, absent).removeprefix(" Did you mean ")
                hint = f"; if it is {near.removesuffix('?')} now, add an alias" if near else ""
                problems.append(
                    f"{place} landed column {landed!r}, which is not there any more{hint}"
                )
    return problems


def landed_names(table: Table, commit: Commit) -> dict[str, str]:
    """Return under which name a commit landed each column; those that it lacks are left out.

    A column that was renamed in the contract, its old name being an alias, is found.
    """
    found: dict[str, str] = {}
    own = {column.landed_name for column in table.landed_columns}
    for column in table.landed_columns:
        former = [alias.lower() for alias in column.aliases if alias.lower() not in own]
        names = [name for name in (column.landed_name, *former) if name in commit.columns]
        if names:
            found[column.landed_name] = names[0]
    return found


def _landings(commits: Iterable[Commit], table: Table) -> list[Commit]:
    name = (table.source, table.name)
    return [c for c in commits if (c.source, c.table) == name and c.op is Operation.LAND]


def _described(table: Table) -> set[str]:
    return {n.lower() for c in table.landed_columns for n in (c.name, *c.aliases)}


def _is_empty(name: str, commit: Commit) -> bool:
    """Return whether a commit is known to hold nothing but NULL in a column."""
    return commit.nulls is not None and commit.nulls.get(name, commit.rows_landed) == (
        commit.rows_landed
    )


def _joined(one: str, other: str, name: str, table: Table) -> str:
    if joined := join(one, other):
        return joined
    if widens(one, "text") and widens(other, "text"):
        return "text"
    raise ContractError(
        f"{table.full_name}: column {name!r} is {one} in some deliveries and {other} in others. "
        "Describe it in the contract with a type that takes both."
    )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    if not before:
        return []
    changes = [f"added {name} {kind}" for name, kind in after.items() if name not in before]
    for name, kind in before.items():
        if name not in after:
            changes.append(f"removed {name} {kind}")
        elif after[name] != kind:
            verb = "widened" if widens(kind, after[name]) else "changed"
            changes.append(f"{verb} {name} from {kind} to {after[name]}")
    return changes
