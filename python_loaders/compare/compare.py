"""Compare one relation of two engines: first sums of all rows, then the few rows that differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from python_loaders.compare.engine import Column, Engine, Kind, Relation, arrow_schema
from python_loaders.compare.find import Sides, first_difference
from python_loaders.compare.marts import Mart
from python_loaders.compare.rows import bucket_of, differing_buckets, summed

# How many of the differing buckets are searched. A single row that differs is always found; when
# everything differs, a few rows show as much as all of them.
SEARCHED = 16
NUMBERS = {Kind.INTEGER, Kind.DECIMAL}


@dataclass(frozen=True)
class Comparison:
    """What came out for one mart: rows per target (None if missing), and a difference if any."""

    mart: str
    rows: tuple[int | None, int | None]
    difference: str | None


def compare(mart: Mart, sides: Sides, engines: tuple[Engine, Engine]) -> Comparison:
    """Compare a mart of two targets, row by row and in no order."""
    with engines[0].open(mart.name) as left, engines[1].open(mart.name) as right:
        if difference := _unlike(left, right, sides):
            return Comparison(mart.name, (_count(left), _count(right)), difference)
        columns = _common(left.columns, right.columns)
        by_name = {column.name: column for column in columns}
        key = [by_name[name] for name in mart.grain if name in by_name] or columns
        sums = [summed(_frames(side, columns), columns, key) for side in (left, right)]
        rows = (int(sums[0]["rows"].sum()), int(sums[1]["rows"].sum()))
        buckets = differing_buckets(*sums)[:SEARCHED]
        if not buckets:
            return Comparison(mart.name, rows, None)
        found = [_rows_of(side, columns, key, buckets) for side in (left, right)]
        return Comparison(mart.name, rows, first_difference(sides, *found, columns, key))


def _unlike(left: Relation | None, right: Relation | None, sides: Sides) -> str | None:
    """Say why the rows cannot be compared: the relation or columns differ."""
    if not left or not right:
        return f"is missing in {sides.right if left else sides.left}"
    names = [[column.name for column in relation.columns] for relation in (left, right)]
    for here, there, side in ((*names, sides.left), (*reversed(names), sides.right)):
        if only := [name for name in here if name not in there]:
            return f"column {', '.join(only)} is only in {side}"
    for position, (one, other) in enumerate(zip(*names, strict=True), 1):
        if one != other:
            return f"column {position} is {one} in {sides.left}, {other} in {sides.right}"
    for one, other in zip(left.columns, right.columns, strict=True):
        if one.kind != other.kind and {one.kind, other.kind} != NUMBERS:
            text = f"column {one.name} is {one.kind} in {sides.left}"
            return f"{text}, {other.kind} in {sides.right}"
    return None


def _common(left: Sequence[Column], right: Sequence[Column]) -> list[Column]:
    """Return the columns with the kind in which they are compared."""
    return [
        one if one.kind == other.kind else Column(one.name, Kind.DECIMAL)
        for one, other in zip(left, right, strict=True)
    ]


def _frames(relation: Relation, columns: Sequence[Column]) -> Iterator[pl.DataFrame]:
    for batch in relation.batches(columns):
        yield pl.DataFrame(batch)


def _rows_of(
    relation: Relation, columns: Sequence[Column], key: Sequence[Column], buckets: list[int]
) -> pl.DataFrame:
    """Return the rows of these buckets; filtered as Arrow, which keeps nothing of the others."""
    kept = [
        batch.filter(bucket_of(pl.DataFrame(batch), key).is_in(buckets).to_arrow())
        for batch in relation.batches(columns)
    ]
    return pl.DataFrame(pa.Table.from_batches(kept, arrow_schema(columns)))


def _count(relation: Relation | None) -> int | None:
    if not relation:
        return None
    return sum(batch.num_rows for batch in relation.batches(relation.columns[:1]))
