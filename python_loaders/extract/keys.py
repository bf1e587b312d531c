"""Find the contract's columns in records that name their own fields: JSON and XML.

Such a file has no header that could be wrong for all records at once. A field that no column
describes refuses the delivery, as an unknown column of a CSV does; a record that lacks a field,
or has it twice, is a reject.
"""

from collections.abc import Callable, Iterable, Sequence

from python_loaders.contract.column import Column
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import bind

MAX_ORDERS = 1000  # of the fields of a record that are remembered


class BadRecordError(Exception):
    """Why one record cannot be landed; caught by the reader, which makes it a Reject."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class Keys:
    """The columns of a table by the names of fields, without regard to case; aliases count.

    The name of a field inside another is written as a path: `position/lat`.

    Args:
        table: the contract.
        label: the file, for messages.
        take_unknown: gets the fields that no column describes; without it they are refused.
    """

    def __init__(
        self,
        table: Table,
        label: str,
        take_unknown: Callable[[str, object], None] | None = None,
    ) -> None:
        self._table = table
        self._take_unknown = take_unknown
        self._label = label
        self.columns: Sequence[Column] = table.landed_columns
        self._names = {
            name.casefold(): index
            for index, column in enumerate(self.columns)
            for name in (column.name, *column.aliases)
        }
        self._outer = {
            "/".join(parts[:end])
            for parts in (name.split("/") for name in self._names)
            for end in range(1, len(parts))
        }
        self._required = {
            index for index, column in enumerate(self.columns) if not table.may_lack(column)
        }
        self._groups = [
            {index for index, column in enumerate(self.columns) if column.landed_name in lowered}
            for lowered in ({name.lower() for name in group} for group in table.require_any)
        ]
        self._orders: dict[tuple[str, ...], list[int | None]] = {}
        self._seen: set[int] = set()

    @property
    def delivered(self) -> list[str]:
        """The landed names of the columns that any record has held so far."""
        return [self.columns[index].landed_name for index in sorted(self._seen)]

    def find(self, name: str) -> int | None:
        """Return the index of the column that a field is, or None."""
        return self._names.get(name.casefold())

    def is_outer(self, name: str) -> bool:
        """Return whether the contract names fields inside of this one."""
        return name.casefold() in self._outer

    def place(
        self, fields: Iterable[tuple[str, object]], line: int | None, *, known_only: bool = False
    ) -> list[object]:
        """Return the values of a record in the order of the columns; None for what it lacks.

        Args:
            fields: the names of its fields and their values.
            line: the line on which it begins, for messages.
            known_only: a field that is not in the contract is no more than a bad record.

        Raises:
            ContractError: a field is not in the contract.
            BadRecordError: it lacks a field, or holds one twice.
        """
        given = list(fields)
        names = tuple(name for name, _ in given)
        order = self._orders.get(names)
        if order is None:
            order = self._order(names, line, known_only=known_only)
            if len(self._orders) < MAX_ORDERS:
                self._orders[names] = order
        values: list[object] = [None] * len(self.columns)
        for index, (name, value) in zip(order, given, strict=True):
            if index is not None:
                values[index] = value
            elif self._take_unknown:
                self._take_unknown(name, value)
        return values

    def _order(
        self, names: tuple[str, ...], line: int | None, *, known_only: bool
    ) -> list[int | None]:
        """Return which column each field is; most records have the fields of the one before."""
        order = [self.find(name) for name in names]
        if None in order and known_only:
            name = names[order.index(None)]
            raise BadRecordError(None, f"the field {name!r} is not in the contract")
        if None in order and self._take_unknown is None:
            raise self._refusal(names, line)
        found: set[int] = set()
        for name, index in zip(names, order, strict=True):
            if index in found:
                raise BadRecordError(self.columns[index].name, f"the field {name!r} is there twice")
            if index is not None:
                found.add(index)
        if lacking := self._required - found:
            column = self.columns[min(lacking)]
            raise BadRecordError(column.name, "the record lacks the field, and it is not optional")
        for group in self._groups:
            if not group & found:
                names = ", ".join(repr(self.columns[index].name) for index in sorted(group))
                raise BadRecordError(None, f"none of the fields {names} is in the record")
        self._seen |= found
        return order

    def _refusal(self, names: tuple[str, ...], line: int | None) -> ContractError:
        place = f"{self._label}, line {line}" if line else self._label
        try:
            bind(names, self._table, place)
        except ContractError as refusal:
            return refusal
        return ContractError(f"{place}: the fields {', '.join(names)} do not fit the contract")
