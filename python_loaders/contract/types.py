"""The neutral data types of a contract, and what each is called in Polars and in the engines."""

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

SIMPLE_TYPES: dict[str, tuple[pl.DataType, str, str, str]] = {
    # neutral name: (Polars, DuckDB, PostgreSQL as its catalog spells it, Spark)
    "smallint": (pl.Int16(), "smallint", "smallint", "smallint"),
    "integer": (pl.Int32(), "integer", "integer", "int"),
    "bigint": (pl.Int64(), "bigint", "bigint", "bigint"),
    "double": (pl.Float64(), "double", "double precision", "double"),
    "text": (pl.String(), "varchar", "text", "string"),
    "date": (pl.Date(), "date", "date", "date"),
    # Without a zone and in UTC: zoned types differ between the engines. (Spark's `timestamp` is a
    # moment, shown in the zone of the session, which is UTC.)
    "timestamp": (pl.Datetime("us"), "timestamp", "timestamp without time zone", "timestamp"),
    "boolean": (pl.Boolean(), "boolean", "boolean", "boolean"),
}
DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")
MAX_DECIMAL_DIGITS = 38


@dataclass(frozen=True)
class ColumnType:
    """One neutral type; precision and scale are set for decimals only."""

    name: str
    polars: pl.DataType
    duckdb: str
    postgres: str
    spark: str
    precision: int = 0
    scale: int = 0

    @property
    def is_integer(self) -> bool:
        """Whether values are whole numbers."""
        return self.polars.is_integer()


@cache
def parse_type(text: str) -> ColumnType:
    """Return the type that a contract's `data_type` names.

    Raises:
        ValueError: the name is not a neutral type.
    """
    name = text.strip().lower()
    if name in SIMPLE_TYPES:
        return ColumnType(name, *SIMPLE_TYPES[name])
    if match := DECIMAL.fullmatch(name):
        precision, scale = int(match[1]), int(match[2])
        if 1 <= precision <= MAX_DECIMAL_DIGITS and scale <= precision:
            canonical = f"decimal({precision},{scale})"
            polars = pl.Decimal(precision, scale)
            postgres = f"numeric({precision},{scale})"
            return ColumnType(canonical, polars, canonical, postgres, canonical, precision, scale)
    raise ValueError(f"{text!r} is not one of {', '.join(SIMPLE_TYPES)}, decimal(p,s)")
