"""Compare one mart in two states: count the rows that came, went and changed, and show a few.

The rows are read twice at most and never held as a whole: first two hashes of each row, of its key
and of its values; then, where something differs, the rows to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from python_loaders.compare.engine import Column, Relation
from python_loaders.compare.rows import comparable, row_hash

KEY, ROW, NUMBER = "#key", "#row", "#number"


@dataclass(frozen=True)
class Difference:
    """A row that differs.

    Attributes:
        names: the values by which people know the row.
        values: column, value before and value after; None for all of them where the row is only
            on one side.
    """

    names: dict[str, object]
    values: tuple[tuple[Column, object, object], ...]


@dataclass(frozen=True)
class Differences:
    """The rows of one kind: how many, and the first of them."""

    count: int
    sample: tuple[Difference, ...]


@dataclass(frozen=True)
class MartDiff:
    """What came out for one mart."""

    mart: str
    rows: tuple[int, int]
    added: Differences
    removed: Differences
    changed: Differences

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.added.count or self.removed.count or self.changed.count)


@dataclass(frozen=True)
class Shape:
    """How the rows of a mart are compared: all columns, those that are the key, those to show."""

    columns: Sequence[Column]
    key: Sequence[Column]
    known_by: Sequence[Column]


def diff(mart: str, before: Relation, after: Relation, shape: Shape, sample_size: int) -> MartDiff:
    """Compare two relations with the same columns by their key."""
    left, right = (_hashes(relation, shape) for relation in (before, after))
    place = [KEY, NUMBER]
    removed = left.join(right, on=place, how="anti")
    added = right.join(left, on=place, how="anti")
    changed = left.join(right, on=place).filter(pl.col(ROW) != pl.col(f"{ROW}_right"))
    gone = _first(before, removed, shape, sample_size)
    come = _first(after, added, shape, sample_size)
    new = _first(after, changed, shape, sample_size)
    old = _first(before, new, shape, sample_size)
    return MartDiff(
        mart,
        (left.height, right.height),
        Differences(added.height, _one_sided(come, shape)),
        Differences(removed.height, _one_sided(gone, shape)),
        Differences(changed.height, _two_sided(old, new, shape)),
    )


def _hashes(relation: Relation, shape: Shape) -> pl.DataFrame:
    """Return the hashes of all rows; rows with one key, which should not be, are numbered."""
    parts = [pl.DataFrame(schema={KEY: pl.UInt64, ROW: pl.UInt64})]
    for batch in relation.batches(shape.columns):
        rows = pl.DataFrame(batch)
        key, row = row_hash(rows, shape.key), row_hash(rows, shape.columns)
        parts.append(pl.DataFrame([key.alias(KEY), row.alias(ROW)]))
    hashes = pl.concat(parts).sort(KEY, ROW)
    return hashes.with_columns(pl.int_range(pl.len()).over(KEY).alias(NUMBER))


def _first(
    relation: Relation, wanted: pl.DataFrame, shape: Shape, sample_size: int
) -> pl.DataFrame:
    """Return the first rows with these keys, in the order in which people know them."""
    first = pl.DataFrame()
    if not wanted.height or not sample_size:
        return first
    order = [column.name for column in (*shape.known_by, *shape.key)]
    keys = wanted[KEY].unique().implode()
    for batch in relation.batches(shape.columns):
        rows = pl.DataFrame(batch)
        rows = rows.with_columns(row_hash(rows, shape.key).alias(KEY))
        rows = rows.filter(pl.col(KEY).is_in(keys))
        first = pl.concat([first, rows]) if first.width else rows
        first = first.sort(order, nulls_last=True, maintain_order=True).head(sample_size)
    return first


def _one_sided(rows: pl.DataFrame, shape: Shape) -> tuple[Difference, ...]:
    return tuple(Difference(_names(row, shape), ()) for row in rows.iter_rows(named=True))


def _two_sided(old: pl.DataFrame, new: pl.DataFrame, shape: Shape) -> tuple[Difference, ...]:
    """Pair the rows of both sides, and return the columns in which they differ."""
    if not new.width:
        return ()
    by_key = {row[KEY]: row for row in old.iter_rows(named=True)}
    same = _comparable_values(old, shape)
    found = []
    for row, values in zip(
        new.iter_rows(named=True), new.select(comparable(shape.columns)).rows(), strict=True
    ):
        before, values_before = by_key[row[KEY]], same[row[KEY]]
        differing = tuple(
            (column, before[column.name], row[column.name])
            for column, one, other in zip(shape.columns, values_before, values, strict=True)
            if one != other
        )
        found.append(Difference(_names(row, shape), differing))
    return tuple(found)


def _comparable_values(rows: pl.DataFrame, shape: Shape) -> dict[int, tuple]:
    return dict(zip(rows[KEY], rows.select(comparable(shape.columns)).rows(), strict=True))


def _names(row: dict[str, object], shape: Shape) -> dict[str, object]:
    return {column.name: row[column.name] for column in shape.known_by}
