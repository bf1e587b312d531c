"""Match the columns of a delivery with those of the contract, by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from python_loaders.contract.column import Column
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError
from python_loaders.extract.renamed import Header, Sample

NEW_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# PostgreSQL holds at most 1600 columns a table.
MAX_COLUMNS = 1000
SEPARATORS = ",;\t|"
SHOWN_PROBLEMS = 10
SHOWN_CHARACTERS = 100


@dataclass(frozen=True)
class Binding:
    """Which contract column each delivered column is, in the order of the delivery."""

    table: Table
    columns: tuple[Column, ...]

    @property
    def delivered(self) -> list[str]:
        """The landed names of the delivered columns."""
        return [column.landed_name for column in self.columns]

    @property
    def added(self) -> set[str]:
        """The landed names of those that the table does not have (yet)."""
        return set(self.delivered) - {column.landed_name for column in self.table.landed_columns}


def bind(header: Sequence[str], table: Table, label: str, sample: Sample = dict) -> Binding:
    """Match names without regard to case; aliases count as names.

    With `contract: evolve` an unknown column is bound as optional text under its name in lower
    case.

    Args:
        header: the names as delivered.
        table: the contract.
        label: the file, and line, for messages.
        sample: gives some values of the columns, to guess which one was renamed.

    Raises:
        ContractError: a column is unknown, missing or delivered twice. All problems are named
            together, with the likely old name of a renamed column.
    """
    by_name = {
        name.casefold(): column
        for column in table.landed_columns
        for name in (column.name, *column.aliases)
    }
    columns = [by_name.get(name.strip().casefold()) for name in header]
    known = [column.landed_name if column else None for column in columns]
    matched = Header(header, known, table.landed_columns, sample)
    absent = [column for column in table.landed_columns if column.landed_name not in known]
    missing = [column for column in absent if not table.may_lack(column)]
    problems = [
        *_delivered_twice(matched),
        *(f"column {column.name!r} is missing" for column in missing),
        *(
            f"none of the columns {', '.join(map(repr, group))} is delivered"
            for group in table.require_any
            if not {name.lower() for name in group} & set(known)
        ),
    ]
    added: dict[str, Column] = {}
    renamed = matched.likely_renames(missing)
    if not any(known) and len(missing) > max(1, len(renamed)):
        problems = [_nothing_known(header, set(by_name))]
    elif table.mode == "evolve":
        added, wrong = _new_columns(matched, missing, absent)
        problems += wrong
    else:
        problems += [_unknown(name, renamed.get(name)) for name in matched.unknown]
    if problems:
        more = f"; and {len(problems) - SHOWN_PROBLEMS} more" if problems[SHOWN_PROBLEMS:] else ""
        raise ContractError(
            f"{label}: {'; '.join(problems[:SHOWN_PROBLEMS])}{more}. Ask for a correct delivery, "
            f"or change the contract of {table.full_name} (columns, aliases, optional)."
        )
    pairs = zip(header, columns, strict=True)
    return Binding(table, tuple(column or added[name] for name, column in pairs))


def shown(name: str) -> str:
    """Return a delivered name as messages show it, however long it is."""
    return repr(name) if len(name) <= SHOWN_CHARACTERS else f"{name[:SHOWN_CHARACTERS]!r}..."


def _nothing_known(header: Sequence[str], names: set[str]) -> str:
    """Say it once: this is another file, or read with another delimiter."""
    for mark in SEPARATORS if len(header) == 1 else "":
        parts = {part.strip(' "').casefold() for part in header[0].split(mark)}
        if len(parts & names) > 1:
            return f"the columns are separated by {mark!r}, which is not the contract's delimiter"
    return f"none of the contract's columns is delivered, but {shown(', '.join(header))}"


def _delivered_twice(header: Header) -> list[str]:
    first: dict[str, str] = {}
    problems = []
    for name, known in zip(header.names, header.bound, strict=True):
        if known in first:
            problems.append(
                f"column {shown(name)} is delivered twice (also as {shown(first[known])})"
            )
        elif known is not None:
            first[known] = name
    return problems


def _new_columns(
    header: Header, missing: Sequence[Column], absent: Sequence[Column]
) -> tuple[dict[str, Column], list[str]]:
    """Return a column for each unknown name that may become one, and what is wrong with others."""
    added: dict[str, Column] = {}
    problems: list[str] = []
    landed: dict[str, str] = {}
    hints = header.likely_renames(missing)
    renamed = header.likely_renames(absent, by_name_only=True)
    for name in header.unknown:
        new = name.strip().lower()
        if name in hints:
            problems.append(_unknown(name, hints[name]))
        elif name in renamed:
            problems.append(
                f"column {shown(name)} is new and looks renamed from {renamed[name].name!r}, which "
                "is not delivered"
            )
        elif not (name.isascii() and NEW_NAME.fullmatch(new)):
            problems.append(
                f"column {shown(name)} cannot be added under this name (a letter, then letters, "
                "digits and underscores, 63 at most); describe it under another, with this one as "
                "alias"
            )
        elif new in landed:
            problems.append(_twice(name, landed[new]))
        else:
            added[name] = Column(name=new, data_type="text", optional=True)
        landed.setdefault(new, name)
    if len(header.columns) + len(added) > MAX_COLUMNS:
        problems.append(
            f"{len(added)} columns are new, and a table has {MAX_COLUMNS} columns at most"
        )
    return added, problems


def _twice(name: str, first: str) -> str:
    return f"column {shown(name)} is delivered twice (also as {shown(first)})"


def _unknown(name: str, former: Column | None) -> str:
    hint = f" (looks renamed from {former.name!r})" if former else ""
    return f"column {shown(name)} is not in the contract{hint}"
