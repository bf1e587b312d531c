"""Rows as numbers: what counts as the same value, and the sums that tell two relations apart.

Equal means: the same text to the last blank, NULL only with NULL, the same moment, the same exact
number whatever its scale (1.50 is 1.5), and for floats the same bits: a sum that an engine adds up
in another order is a difference. Only the many encodings of "not a number" are one.
"""

from collections.abc import Iterable, Sequence

import polars as pl

from python_loaders.compare.engine import Column, Kind

# Rows are counted and summed by a hash of their key: what differs is then sought in few rows only.
BUCKETS = 4096
BUCKET = "bucket"
HALF = 0xFFFF_FFFF


def comparable(columns: Sequence[Column]) -> list[pl.Expr]:
    """Return expressions under which equal values are identical, and no others."""
    return [_comparable(pl.col(column.name), column.kind) for column in columns]


def row_hash(rows: pl.DataFrame, columns: Sequence[Column]) -> pl.Series:
    """Return a number for each row; its columns and their order go into it."""
    # Hashed once more, so that differences between rows cannot cancel out in a sum.
    return rows.select(comparable(columns)).hash_rows().hash(1).alias("hash")


def bucket_of(rows: pl.DataFrame, key: Sequence[Column]) -> pl.Series:
    """Return the bucket of each row, which depends on its key alone."""
    return (row_hash(rows, key) % BUCKETS).alias(BUCKET)


def summed(
    batches: Iterable[pl.DataFrame], columns: Sequence[Column], key: Sequence[Column]
) -> pl.DataFrame:
    """Return for each bucket the number of its rows and the sums of their hashes.

    The rows may come in any order; only one batch is in memory at a time.
    """
    hashed = pl.col("hash")
    total = _no_sums()
    for rows in batches:
        part = (
            pl.DataFrame([bucket_of(rows, key), row_hash(rows, columns)])
            .group_by(BUCKET)
            # In halves, so that a sum never overflows.
            .agg(
                rows=pl.len().cast(pl.UInt64),
                low=(hashed & HALF).sum(),
                high=(hashed // (HALF + 1)).sum(),
            )
        )
        total = pl.concat([total, part]).group_by(BUCKET).sum()
    return total


def differing_buckets(left: pl.DataFrame, right: pl.DataFrame) -> list[int]:
    """Return the buckets in which not the same rows are, in order."""
    sums = list(left.columns)
    unequal = pl.concat(
        [left.join(right, on=sums, how="anti"), right.join(left, on=sums, how="anti")]
    )
    return unequal[BUCKET].unique().sort().to_list()


def _no_sums() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys((BUCKET, "rows", "low", "high"), pl.UInt64))


def _comparable(value: pl.Expr, kind: Kind) -> pl.Expr:
    match kind:
        case Kind.FLOAT:
            return value.fill_nan(float("nan")).reinterpret(dtype=pl.Int64)
        case Kind.DECIMAL:
            trimmed = value.str.strip_chars_end("0").str.strip_chars_end(".")
            return pl.when(value.str.contains(".", literal=True)).then(trimmed).otherwise(value)
        case _:
            return value
