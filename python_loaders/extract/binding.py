"""Match the columns of a delivery with those of the contract, by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from python_loaders.contract.column import Column
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError, did_you_mean


@dataclass(frozen=True)
class Binding:
    """Which contract column each delivered column is, in the order of the delivery."""

    table: Table
    columns: tuple[Column, ...]

    @property
    def delivered(self) -> list[str]:
        """The landed names of the delivered columns."""
        return [column.landed_name for column in self.columns]


def bind(header: Sequence[str], table: Table, label: str) -> Binding:
    """Match names without regard to case; aliases count as names.

    Args:
        header: the names as delivered.
        table: the contract.
        label: the file, and line, for messages.

    Raises:
        ContractError: a column is unknown, missing or delivered twice. All problems are named
            together, with the likely new name of a renamed column.
    """
    by_name = {
        name.casefold(): column
        for column in table.landed_columns
        for name in (column.name, *column.aliases)
    }
    bound: dict[str, str] = {}
    unknown: list[str] = []
    problems: list[str] = []
    columns: list[Column] = []
    for name in header:
        column = by_name.get(name.strip().casefold())
        if column is None:
            unknown.append(name)
        elif column.landed_name in bound:
            problems.append(
                f"column {name!r} is delivered twice (also as {bound[column.landed_name]!r})"
            )
        else:
            bound[column.landed_name] = name
            columns.append(column)
    missing = [
        column.name
        for column in table.landed_columns
        if column.landed_name not in bound and not table.may_lack(column)
    ]
    problems += [f"column {name!r} is missing" for name in missing]
    problems += [
        f"none of the columns {', '.join(map(repr, group))} is delivered"
        for group in table.require_any
        if not {name.lower() for name in group} & set(bound)
    ]
    for name in unknown:
        near = did_you_mean(name, missing).removeprefix(" Did you mean ").removesuffix("?")
        hint = f" (looks renamed from {near})" if near else ""
        problems.append(f"column {name!r} is not in the contract{hint}")
    if problems:
        raise ContractError(
            f"{label}: {'; '.join(problems)}. Ask for a correct delivery, or change the contract "
            f"of {table.full_name} (columns, aliases, optional)."
        )
    return Binding(table, tuple(columns))
