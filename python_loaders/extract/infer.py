"""Find the type of a column that no contract describes, in one pass over its values.

A type is inferred only if every value is written the one way in which that type is written, so that
nothing is lost: `007` stays a text, and so does everything that is in doubt.
"""

import polars as pl

from python_loaders.contract.types import MAX_DECIMAL_DIGITS
from python_loaders.contract.widening import join
from python_loaders.errors import ContractError

WHOLE = r"^(0|-?[1-9][0-9]*)$"
EXACT = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
NEGATIVE_ZERO = r"^-0(\.0+)?$"
# An offset is needed: without one the zone would be guessed. Of the digits of a second six fit.
PATTERNS = {
    "boolean": r"^(true|false|True|False|TRUE|FALSE)$",
    "date": r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$",
    "timestamp": r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,6})?Z$",
}
MOST_WHOLE_DIGITS = 19  # of a bigint; decimals are made as wide, so that they seldom change
NATIVE = {
    pl.Int8: "smallint",
    pl.Int16: "smallint",
    pl.UInt8: "smallint",
    pl.Int32: "integer",
    pl.UInt16: "integer",
    pl.Int64: "bigint",
    pl.UInt32: "bigint",
    pl.UInt64: "decimal(20,0)",
    pl.Float32: "double",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Date: "date",
}


class Inference:
    """What is known of one column so far.

    Args:
        has_marks: numbers are written with marks of their own, so that texts with a decimal
            point are in doubt.
    """

    def __init__(self, *, has_marks: bool = False) -> None:
        self._has_marks = has_marks
        self._kind: str | None = None
        self._is_mixed = False

    @property
    def kind(self) -> str | None:
        """The type that takes every value; None as long as all are NULL."""
        return "text" if self._is_mixed else self._kind

    def add(self, values: pl.Series) -> None:
        """Take more values, typed by the reader or as text.

        Raises:
            ContractError: the values are lists or records, which no column holds.
        """
        given = values.drop_nulls()
        if not len(given) or self._is_mixed:
            return
        is_text = given.dtype == pl.String
        kind = text_kind(given, has_marks=self._has_marks) if is_text else native_kind(given.dtype)
        if kind is None:
            raise ContractError(
                f"column {values.name!r} is new and holds {values.dtype}, which no column can. "
                "Leave it out of the delivery, or flatten it."
            )
        self.add_kind(kind, is_text=is_text)

    def add_kind(self, kind: str, *, is_text: bool = True) -> None:
        """Take values of a type; texts are written so that they are read as this type only."""
        joined = kind if self._kind is None else join(self._kind, kind)
        if is_text and {self._kind, kind} == {"date", "timestamp"}:
            joined = None
        self._is_mixed = self._is_mixed or joined is None
        self._kind = joined or self._kind


def native_kind(dtype: pl.DataType) -> str | None:
    """Return the type of a contract that holds a Polars type, None if there is none."""
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "timestamp"
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return "text"
    return "text" if is_json(dtype, outer=True) else NATIVE.get(type(dtype))


def is_json(given: pl.DataType, *, outer: bool = False) -> bool:
    """Return whether a list or struct holds nothing but what JSON knows, too."""
    if isinstance(given, pl.List | pl.Array):
        return given.inner is not None and is_json(given.inner)  # type: ignore[arg-type]
    if isinstance(given, pl.Struct):
        return all(is_json(field.dtype) for field in given.fields)  # type: ignore[arg-type]
    return not outer and (given.is_numeric() or given in (pl.String, pl.Boolean, pl.Null))


def text_kind(text: pl.Series, *, has_marks: bool) -> str:
    """Return the type that texts without a null among them are written as."""
    for kind, pattern in PATTERNS.items():
        if text.str.contains(pattern).all():
            return kind if _exists(text, kind) else "text"
    if text.str.contains(WHOLE).all() and text.cast(pl.Int64, strict=False).null_count() == 0:
        return "bigint"
    if has_marks or not text.str.contains(EXACT).all() or text.str.contains(NEGATIVE_ZERO).any():
        return "text"
    parts = text.str.strip_prefix("-").str.split_exact(".", 1).struct
    whole = parts.field("field_0").str.len_bytes().max()
    scale = parts.field("field_1").str.len_bytes().max() or 0
    digits = max(int(str(whole)), MOST_WHOLE_DIGITS) + int(str(scale))
    return f"decimal({digits},{scale})" if digits <= MAX_DECIMAL_DIGITS else "text"


def _exists(text: pl.Series, kind: str) -> bool:
    """Return whether every date is one of the calendar."""
    if kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False).null_count() == 0
    if kind == "timestamp":
        moments = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", strict=False)
        return moments.null_count() == 0
    return True
