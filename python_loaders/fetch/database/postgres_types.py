"""How each type of PostgreSQL is read; docs/databases.md shows the same as a table."""

import datetime as dt

from python_loaders.contract.model import Column
from python_loaders.fetch.database.reading import LiveColumn, Reading, UnreadableError
from python_loaders.fetch.database.types import (
    nulls_of,
    require,
    require_decimal,
    require_integer,
)
from python_loaders.fetch.database.window import MICROSECOND, ONE_DAY, Scale

INTEGER_BITS = {"int2": 15, "int4": 31, "int8": 63}
# What their text form says is all there is to them.
TEXTS = ("text", "varchar", "bpchar", "name", "citext", "uuid", "json", "jsonb", "xml", "time",
         "timetz", "inet", "cidr", "macaddr", "macaddr8", "enum")  # fmt: skip
INFINITE = ("infinity", "-infinity")
NOT_FINITE = ("NaN", "Infinity", "-Infinity")
MICROSECOND_DIGITS = 6


def read(live: LiveColumn, name: str, column: Column) -> Reading:
    """Decide how a column is read.

    Args:
        live: the column of the table.
        name: its name in SQL.
        column: of the contract.

    Raises:
        UnreadableError: it would lose something, or is a type that is not read.
    """
    wanted, value, misfit = column.type, name, None
    if live.base == "numeric":
        return _read_numeric(live, name, column)
    if live.base in ("date", "timestamp", "timestamptz"):
        return _read_moment(live, name, column)
    nulls_of(column, ())
    if live.base in INTEGER_BITS:
        bits = INTEGER_BITS[live.base]
        require_integer(wanted, -(2**bits), 2**bits - 1)
        value = f"{name}::{wanted.postgres}" if not wanted.precision else f"{name}::text"
    elif live.base in ("float4", "float8"):
        require(wanted, "double")
        value = f"{name}::float8"
    elif live.base == "bool":
        require(wanted, "boolean")
    elif live.base == "bit" and live.precision == 1:
        require(wanted, "boolean")
        value = f"({name} = B'1')"
    elif live.base in (*TEXTS, "bit", "varbit"):
        require(wanted, "text")
        value = f"{name}::text"
    else:
        raise UnreadableError(_advice(live))
    return Reading(column, live, value, misfit)


def _read_numeric(live: LiveColumn, name: str, column: Column) -> Reading:
    """As text, which is exact. The only odd value of a limited numeric is NaN."""
    wanted, value = column.type, name
    if wanted.name == "text":
        nulls_of(column, ())
        return Reading(column, live, f"{name}::text")
    require(wanted, "decimal", "text")
    require_decimal(live, wanted)
    for text in nulls_of(column, NOT_FINITE):
        value = f"nullif({value}, '{text}'::numeric)"
    misfit = f"{value} = 'NaN'"
    if live.precision is None:
        whole = wanted.precision - wanted.scale
        misfit = (
            f"(abs({value}) >= 1e{whole}::numeric or {value} <> round({value}, {wanted.scale}))"
        )
    return Reading(column, live, f"{value}::text", misfit)


def _read_moment(live: LiveColumn, name: str, column: Column) -> Reading:
    """Moments are read in UTC; years that neither Arrow nor the contract know are misfits."""
    wanted, value = column.type, name
    require(wanted, *(("date", "timestamp") if live.base == "date" else ("timestamp",)))
    for text in nulls_of(column, INFINITE):
        value = f"nullif({value}, '{text}'::{live.base})"
    first, last = (f"'{year:04d}-01-01{zone}'::{live.base}" for year, zone in _years(live))
    misfit = f"({value} < {first} or {value} >= {last})"
    if live.base == "timestamptz":
        value = f"({value} at time zone 'UTC')"
    elif wanted.name == "timestamp":
        value = f"{value}::timestamp"
    return Reading(column, live, value, misfit)


def _years(live: LiveColumn) -> tuple[tuple[int, str], tuple[int, str]]:
    zone = " 00:00:00+00" if live.base == "timestamptz" else ""
    return (1, zone), (10_000, zone)


def scale(live: LiveColumn) -> Scale:
    """Return the scale of a cursor.

    Raises:
        UnreadableError: its values have no order that a window could use.
    """
    if live.base in INTEGER_BITS:
        return Scale("integer", 1)
    if live.base == "date":
        return Scale("date", ONE_DAY)
    if live.base in ("timestamp", "timestamptz"):
        digits = MICROSECOND_DIGITS if live.precision is None else live.precision
        return Scale("timestamp", MICROSECOND * 10 ** (MICROSECOND_DIGITS - digits))
    raise UnreadableError("a cursor is a whole number, a date or a timestamp")


def literal(value: object, live: LiveColumn) -> str:
    """Return a bound in SQL. It has the column's own type, so that an index can be used."""
    if isinstance(value, dt.datetime):
        zone = "+00" if live.base == "timestamptz" else ""
        return f"'{value.isoformat(sep=' ')}{zone}'::{live.base}"
    return f"'{value}'::{live.base}"


def _advice(live: LiveColumn) -> str:
    if live.base == "bytea":
        return "bytes are not read; make a view with encode(column, 'hex') or 'base64'"
    return "this type is not read; make a view that converts it, such as to text"
