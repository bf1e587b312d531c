"""Give a table the columns that a delivery brings and its contract does not describe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_loaders.contract.model import Table
from python_loaders.contract.widening import join
from python_loaders.extract.binding import bind
from python_loaders.extract.discover import discover, names_own_fields
from python_loaders.landing.delivery import Candidate
from python_loaders.landing.log import Commit
from python_loaders.landing.opened import open_delivery
from python_loaders.landing.schema import evolved_types, with_evolved


@dataclass(frozen=True)
class Evolved:
    """The contract of a table with all columns that deliveries have added to it.

    Attributes:
        table: the contract, the columns that earlier deliveries added, and those of this one.
        changes: what this delivery adds or widens, in words.
    """

    table: Table
    changes: tuple[str, ...] = ()

    def warnings(self, candidate: Candidate, version: int) -> list[str]:
        """Return what to tell of a delivery that changed its table to a schema version."""
        if not self.changes:
            return []
        changes = "; ".join(self.changes)
        where = f"schema version {version} of {candidate.table.full_name}"
        return [f"{candidate.path}: {changes}. This is {where}; describe it in the contract"]


def evolve(candidate: Candidate, commits: Sequence[Commit], scratch: Path) -> Evolved:
    """Return the table as this delivery needs it.

    Raises:
        ContractError: a column looks renamed, or cannot be added.
    """
    table = candidate.table
    if table.mode != "evolve":
        return Evolved(table)
    known = evolved_types(table, commits)
    described = {column.landed_name for column in table.landed_columns}
    # With the columns of earlier deliveries, so that one of them which was renamed is noticed.
    shown = with_evolved(table, known)
    with open_delivery(candidate, shown, scratch) as opened:
        if not names_own_fields(opened.reader) and set(opened.reader.delivered) <= described:
            return Evolved(_frozen(table, known))
    with open_delivery(candidate, table, scratch) as opened:
        found = discover(opened.reader, table, candidate.extract, opened.label)
        bind(list(dict.fromkeys([*opened.reader.delivered, *found])), shown, opened.label)
    types = known | {name: _widened(known.get(name), kind) for name, kind in found.items()}
    return Evolved(_frozen(table, types), tuple(_changes(known, types)))


def _frozen(table: Table, types: Mapping[str, str | None]) -> Table:
    """Return the table with its added columns; a reading with it meets no others."""
    return with_evolved(table, types).model_copy(update={"contract": "freeze"})


def _widened(known: str | None, found: str | None) -> str | None:
    """Return the type to read a column as; values that a known type cannot take are rejects."""
    if known is None or found is None:
        return known or found
    return join(known, found) or known


def _changes(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> list[str]:
    changes = []
    for name, kind in after.items():
        if name not in before:
            changes.append(f"column {name!r} is new and was added as {kind or 'text'}")
        elif before[name] not in (kind, None):
            changes.append(f"column {name!r} was widened from {before[name]} to {kind}")
    return changes
