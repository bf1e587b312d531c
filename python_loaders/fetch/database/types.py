"""Which values fit into the types of a contract, and what both databases have in common."""

from collections.abc import Sequence

import pyarrow as pa

from python_loaders.contract.model import Column
from python_loaders.contract.types import ColumnType
from python_loaders.fetch.database.reading import LiveColumn, Reading, UnreadableError

EXACT_DOUBLE = 2**53  # up to here a double holds every whole number
INTEGER_BITS = {"smallint": 15, "integer": 31, "bigint": 63}
ARROW = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "text": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


def arrow_type(wanted: ColumnType) -> pa.DataType:
    """Return the Arrow type of a contract's type."""
    if wanted.precision:
        return pa.decimal128(wanted.precision, wanted.scale)
    return ARROW[wanted.name]


def schema_of(readings: Sequence[Reading]) -> pa.Schema:
    """Return what a file with these columns looks like."""
    return pa.schema([(r.column.landed_name, arrow_type(r.column.type)) for r in readings])


def require_integer(wanted: ColumnType, low: int, high: int) -> None:
    """Raise UnreadableError unless every whole number from low to high fits.

    A double takes whole numbers that it can tell apart.
    """
    largest = max(-low, high)
    if wanted.name in INTEGER_BITS:
        bits = INTEGER_BITS[wanted.name]
        fits = -(2**bits) <= low and high < 2**bits
    elif wanted.precision:
        fits = largest < 10 ** (wanted.precision - wanted.scale)
    else:
        fits = wanted.name == "double" and largest <= EXACT_DOUBLE
    if not fits:
        named = [n for n, bits in INTEGER_BITS.items() if -(2**bits) <= low and high < 2**bits]
        raise UnreadableError(f"write {(*named, f'decimal({len(str(largest))},0)')[0]}")


def require_decimal(live: LiveColumn, wanted: ColumnType) -> None:
    """Raise UnreadableError unless every value of a limited decimal fits."""
    if live.precision is None or live.scale is None:
        return
    places, whole = max(live.scale, 0), max(live.precision - live.scale, 0)
    if wanted.scale < places or wanted.precision - wanted.scale < whole:
        raise UnreadableError(f"write decimal({whole + places},{places})")


def require(wanted: ColumnType, *names: str) -> None:
    """Raise UnreadableError unless the contract names one of these types."""
    if (wanted.name if not wanted.precision else "decimal") not in names:
        shown = ["decimal(p,s)" if name == "decimal" else name for name in names]
        raise UnreadableError(f"write {' or '.join(shown)}")


def nulls_of(column: Column, known: tuple[str, ...]) -> list[str]:
    """Return the special values that the contract takes for NULL, out of those that are known."""
    wanted = column.null_values or []
    if unknown := [text for text in wanted if text not in known]:
        can = f"only {', '.join(known)}" if known else "nothing"
        raise UnreadableError(f"null_values holds {unknown[0]!r}; of this type it can hold {can}")
    return wanted
