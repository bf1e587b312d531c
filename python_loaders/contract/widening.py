"""Which types can take over the values of which others without losing or inventing anything.

The pairs that are missing are missing on purpose: a bigint is not always exact as a double, and
engines write a double or a timestamp as text each in its own way.
"""

from python_loaders.contract.types import MAX_DECIMAL_DIGITS, ColumnType, parse_type

WHOLE_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}
FIT_DOUBLE = ("smallint", "integer")
# Written alike by every engine, and read back as the same value.
FIT_TEXT = ("smallint", "integer", "bigint", "date", "boolean")
PLAIN_SCALE = 6  # of decimals that no engine writes with an exponent


def widens(old: str, new: str) -> bool:
    """Return whether every value of the type `old` is the same value in the type `new`."""
    before, after = parse_type(old), parse_type(new)
    if before.name == after.name:
        return True
    if after.name == "text":
        return before.name in FIT_TEXT or (before.precision > 0 and before.scale <= PLAIN_SCALE)
    if after.name == "double":
        return before.name in FIT_DOUBLE
    if after.name == "timestamp":
        return before.name == "date"  # midnight
    if not (_is_exact(before) and _is_exact(after)):
        return False
    # The integer types hold some values with one digit more than they hold all values of.
    room = _whole_digits(after) - after.is_integer
    return _whole_digits(before) <= room and before.scale <= after.scale


def join(one: str, other: str) -> str | None:
    """Return the narrowest type that takes the values of both, None if there is none.

    Text takes only what is text already: a number beside words is a number, and the words do not
    keep the contract.
    """
    left, right = parse_type(one), parse_type(other)
    if left.name == right.name:
        return left.name
    if "text" in (left.name, right.name):
        return None
    for narrow, wide in ((left, right), (right, left)):
        if widens(narrow.name, wide.name):
            return wide.name
    if not (_is_exact(left) and _is_exact(right)):
        return None
    scale = max(left.scale, right.scale)
    digits = max(_whole_digits(left), _whole_digits(right)) + scale
    return f"decimal({digits},{scale})" if digits <= MAX_DECIMAL_DIGITS else None


def _is_exact(kind: ColumnType) -> bool:
    return kind.is_integer or bool(kind.precision)


def _whole_digits(kind: ColumnType) -> int:
    """Return how many digits a value may have before the decimal point."""
    return kind.precision - kind.scale if kind.precision else WHOLE_DIGITS[kind.name]
