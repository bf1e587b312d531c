"""What is asked of a database, and how the columns of a contract are found in a table."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from python_loaders.contract.fetch_database import Bound
from python_loaders.contract.model import Column, Table
from python_loaders.errors import ContractError, ContrailError, did_you_mean
from python_loaders.fetch.database.window import Scale


class LostError(ContrailError):
    """The connection ended, or did not come about, for a reason that may be gone at once."""


class UnreadableError(Exception):
    """A type cannot be read as the contract says; the text says which ones can."""


@dataclass(frozen=True)
class LiveColumn:
    """A column of the table as it is in the database.

    Attributes:
        name: as the database spells it.
        type: the whole type, for people.
        base: the name of the type below all domains, which decides how it is read.
        precision: digits of a decimal, length of bits, digits of a second; None if not limited.
        scale: digits after the point.
        bytes: the most that one value can take; 0 if it is small.
    """

    name: str
    type: str
    base: str
    precision: int | None = None
    scale: int | None = None
    bytes: int = 0


@dataclass(frozen=True)
class Reading:
    """How one column of the contract is read.

    Attributes:
        column: of the contract.
        live: of the table.
        value: SQL of the value.
        misfit: SQL that is true where the value cannot be read; None if every value can.
    """

    column: Column
    live: LiveColumn
    value: str
    misfit: str | None = None


class Snapshot(Protocol):
    """A table as it was at one moment, for as long as this is open.

    Attributes:
        clock: the database's, in UTC and without a zone, read before the snapshot was taken.
        relation: the table in SQL.
    """

    clock: dt.datetime
    relation: str

    def columns(self) -> list[LiveColumn]:
        """Return the columns of the table; none if there is no such table."""
        ...

    def reading(self, live: LiveColumn, column: Column) -> Reading:
        """Decide how a column is read, or raise UnreadableError."""
        ...

    def scale(self, live: LiveColumn) -> Scale:
        """Return the scale of a cursor, or raise UnreadableError."""
        ...

    def quote(self, name: str) -> str:
        """Return a name in SQL."""
        ...

    def literal(self, value: Bound, live: LiveColumn) -> str:
        """Return a bound in SQL, of the type of the cursor."""
        ...

    def ask(self, sql: str) -> Sequence[object]:
        """Return the only row of a query."""
        ...

    def batches(
        self, select: str, readings: Sequence[Reading], rows: int
    ) -> Iterator[pa.RecordBatch]:
        """Stream the rows of a query in batches that hold a bounded number of bytes.

        Args:
            select: the query.
            readings: its columns, in the order of the query.
            rows: how many will come, as counted in the same snapshot.
        """
        ...


class Database(Protocol):
    """A database as one user, with connections that all its tables share."""

    uri: str

    def snapshot(self, table: str) -> AbstractContextManager[Snapshot]:
        """Open a snapshot of a table for reading it, `schema.table`.

        Raises:
            LostError: there is no connection at the moment.
            ContrailError: the database does not let us in.
        """
        ...


def find_column(columns: Sequence[LiveColumn], column: Column) -> LiveColumn | None:
    """Return the column of the table that a contract means: by its name, then without its case."""
    names = (column.name, *column.aliases)
    exact = [live for live in columns if live.name in names]
    folded = {name.casefold() for name in names}
    found = exact or [live for live in columns if live.name.casefold() in folded]
    if len(found) > 1:
        raise ContractError(
            f"column {column.name!r} could be any of {', '.join(live.name for live in found)}"
        )
    return found[0] if found else None


def plan(snapshot: Snapshot, columns: Sequence[LiveColumn], table: Table) -> list[Reading]:
    """Compare the contract with the live table, and decide how each column is read.

    Raises:
        ContractError: with all that does not fit together, before anything is read.
    """
    if not columns:
        raise ContractError(
            f"{table.full_name}: {snapshot.relation}: none of its columns can be seen. Let the "
            "user select from it; if it is a view, look whether it can be read at all."
        )
    readings: list[Reading] = []
    problems: list[str] = []
    taken: set[str] = set()
    missing: list[str] = []
    for column in table.landed_columns:
        live = find_column(columns, column)
        if live is None:
            missing += [] if table.may_lack(column) else [column.name]
            continue
        taken.add(live.name)
        try:
            readings.append(snapshot.reading(live, column))
        except UnreadableError as error:
            problems.append(
                f"column {column.name} is {live.type} and the contract says {column.data_type}: "
                f"{error}"
            )
    left = [live.name for live in columns if live.name not in taken]
    problems += [f"there is no column {name!r}.{did_you_mean(name, left)}" for name in missing]
    if problems:
        raise ContractError(
            f"{table.full_name}: {snapshot.relation} does not fit the contract, and nothing was "
            f"read.\n  " + "\n  ".join(problems)
        )
    return readings
