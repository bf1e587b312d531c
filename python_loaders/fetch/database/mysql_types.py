"""How each type of MySQL and MariaDB is read; docs/databases.md shows the same as a table."""

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

INTEGER_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json",
         "time", "uuid", "inet4", "inet6")  # fmt: skip
MICROSECOND_DIGITS = 6
ZERO = "0000-00-00"


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
    if live.base in ("date", "datetime", "timestamp"):
        return _read_moment(live, name, column)
    nulls_of(column, ())
    if live.type.startswith("tinyint(1)") and wanted.name == "boolean":
        misfit = f"{name} not in (0, 1)"
    elif live.base in INTEGER_BITS:
        require_integer(wanted, *_range(live))
    elif live.base == "year":
        require_integer(wanted, 0, 2155)
    elif live.base == "decimal":
        require(wanted, "decimal", "text")
        if wanted.precision:
            require_decimal(live, wanted)
    elif live.base in ("float", "double"):
        require(wanted, "double")
        value = f"{name} + 0e0"  # a float alone would be shown with six digits
    elif live.base == "bit" and live.precision == 1:
        require(wanted, "boolean")
        value = f"{name} + 0"
    elif live.base in TEXTS:
        require(wanted, "text")
    else:
        raise UnreadableError(_advice(live))
    return Reading(column, live, value, misfit)


def _range(live: LiveColumn) -> tuple[int, int]:
    bits = INTEGER_BITS[live.base]
    if "unsigned" in live.type:
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _read_moment(live: LiveColumn, name: str, column: Column) -> Reading:
    """The session is in UTC. Zero dates and days of month 0 are no dates."""
    require(column.type, *(("date", "timestamp") if live.base == "date" else ("timestamp",)))
    value = name
    if nulls_of(column, (ZERO,)):
        value = f"if({name} = 0, null, {name})"
    parts = (f"{part}({value}) = 0" for part in ("year", "month", "dayofmonth"))
    return Reading(column, live, value, f"({' or '.join(parts)})")


def scale(live: LiveColumn) -> Scale:
    """Return the scale of a cursor.

    Raises:
        UnreadableError: its values have no order that a window could use.
    """
    if live.base in INTEGER_BITS:
        return Scale("integer", 1)
    if live.base == "date":
        return Scale("date", ONE_DAY)
    if live.base in ("datetime", "timestamp"):
        return Scale("timestamp", MICROSECOND * 10 ** (MICROSECOND_DIGITS - (live.precision or 0)))
    raise UnreadableError("a cursor is a whole number, a date or a timestamp")


def literal(value: object) -> str:
    """Return a bound in SQL."""
    if isinstance(value, dt.datetime):
        return f"timestamp'{value.isoformat(sep=' ', timespec='microseconds')}'"
    if isinstance(value, dt.date):
        return f"date'{value.isoformat()}'"
    return str(value)


def _advice(live: LiveColumn) -> str:
    if live.base in ("binary", "varbinary") or live.base.endswith("blob"):
        return "bytes are not read; make a view with hex(column) or to_base64(column)"
    if live.base == "bit":
        return "make a view with column + 0, which is a bigint unsigned"
    return "this type is not read; make a view that converts it, such as to text"
