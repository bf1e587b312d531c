"""Name what differs: the first key among the rows that were searched, and the columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from python_loaders.compare.engine import Column, Kind
from python_loaders.compare.rows import comparable, row_hash

MOST_NAMED = 5


@dataclass(frozen=True)
class Sides:
    """The names of the two targets."""

    left: str
    right: str


def first_difference(
    sides: Sides,
    left: pl.DataFrame,
    right: pl.DataFrame,
    columns: Sequence[Column],
    key: Sequence[Column],
) -> str:
    """Say how the rows of the smallest key differ that is not alike on both sides."""
    left, right = (_numbered(rows, columns, key) for rows in (left, right))
    odd_left, odd_right = _without(left, right), _without(right, left)
    names = [column.name for column in key]
    odd = pl.concat([odd_left, odd_right]).sort(names, nulls_last=True)
    wanted = pl.col("#key") == odd["#key"][0]
    place = ", ".join(f"{column.name} {_shown(odd[column.name][0], column)}" for column in key)
    counts = [rows.filter(wanted).height for rows in (left, right)]
    if 0 in counts:
        present = sides.right if counts[0] == 0 else sides.left
        return f"{place} is only in {present}"
    if counts[0] != counts[1]:
        shown = f"{counts[0]} in {sides.left}, {counts[1]} in {sides.right}"
        return f"{place}: the number of its rows is {shown}"
    order = [column.name for column in columns]
    one, other = (rows.filter(wanted).sort(order).head(1) for rows in (odd_left, odd_right))
    return f"{place}: {_columns_of(sides, one, other, columns)}"


def _columns_of(
    sides: Sides, left: pl.DataFrame, right: pl.DataFrame, columns: Sequence[Column]
) -> str:
    """Give both values of the first column that differs, and the names of the others."""
    values = left.select(comparable(columns)).row(0), right.select(comparable(columns)).row(0)
    first, *others = [
        column for column, one, other in zip(columns, *values, strict=True) if one != other
    ]
    shown = [_shown(rows[first.name][0], first) for rows in (left, right)]
    text = f"{first.name} is {shown[0]} in {sides.left}, {shown[1]} in {sides.right}"
    if not others:
        return text
    names = [column.name for column in others[:MOST_NAMED]]
    more = [f"{len(others) - MOST_NAMED} more"] if len(others) > MOST_NAMED else []
    return f"{text} (also {', '.join(names + more)})"


def _numbered(rows: pl.DataFrame, columns: Sequence[Column], key: Sequence[Column]) -> pl.DataFrame:
    """Add the hash of each row and of its key, and count the rows that are alike."""
    return rows.with_columns(
        row_hash(rows, columns).alias("#row"), row_hash(rows, key).alias("#key")
    ).with_columns(pl.int_range(pl.len()).over("#row").alias("#number"))


def _without(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return rows.join(others, on=["#row", "#number"], how="anti")


def _shown(value: object, column: Column) -> str:
    if value is None:
        return "NULL"
    return repr(value) if column.kind in (Kind.TEXT, Kind.FLOAT) else str(value)
