"""Turn text into typed values, and say of each value that does not convert what is wrong.

These rules are the definition. The fast path of the CSV reader may use an engine's own parser
only where that accepts nothing else.
"""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.contract.extract import NumberMarks
from python_loaders.contract.types import ColumnType

DEFAULT_FORMATS = {
    "date": ["%Y-%m-%d"],
    # Formats without an offset are UTC by contract.
    "timestamp": ["%Y-%m-%dT%H:%M:%S%.fZ", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"],
}
TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")
EXPONENT = r"^[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d{1,3}$"
CLOCK_PARTS = ("%H", "%I", "%T", "%R", "%k", "%l", "%c", "%r")
# Digits after the microseconds, which would be cut; a text in the longest default format that
# has any is longer than one that has none.
TOO_FINE = r"\.\d{6}\d*[1-9]"
LONGEST_DEFAULT = len("2020-01-01T00:00:00.123456")
# "%Y" also accepts fewer digits, so 1/2/13 would silently become the year 13.
EARLIEST, LATEST = dt.date(1000, 1, 1), dt.date(9999, 12, 31)


def parse_text(text: pl.Series, column: Column, marks: NumberMarks | None = None) -> pl.Series:
    """Convert text to the column's type; NULL where it is NULL or does not convert.

    Blanks around a value that is not text are ignored, as every reader does somewhere.

    Args:
        text: the values as delivered.
        column: the contract.
        marks: how numbers are written, if not plainly.
    """
    if column.type.name == "text":
        return text
    parse = _parser(column)
    if marks and (column.type.is_integer or column.type.name == "double" or column.type.precision):
        return parse(_with_plain_marks(text.str.strip_chars(" "), marks))
    values = parse(text)
    if values.null_count() == text.null_count():  # as nearly always
        return values
    return parse(text.str.strip_chars(" "))


def _with_plain_marks(text: pl.Series, marks: NumberMarks) -> pl.Series:
    """Write numbers with a decimal point only; NULL where a mark is not in its place."""
    decimal, thousands = re.escape(marks.decimal), re.escape(marks.thousands or "")
    whole = rf"\d{{1,3}}(?:{thousands}\d{{3}})+|\d*" if thousands else r"\d*"
    number = rf"^[+-]?(?:(?:{whole})(?:{decimal}\d*)?(?:[eE][+-]?\d+)?|(?i:nan|inf|infinity))$"
    plain = _keep(text, text.str.contains(number))
    if marks.thousands:
        plain = plain.str.replace_all(marks.thousands, "", literal=True)
    return plain.str.replace(marks.decimal, ".", literal=True)


def _parser(column: Column) -> Callable[[pl.Series], pl.Series]:
    kind = column.type
    if kind.name == "boolean":
        words = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
        return lambda text: text.str.to_lowercase().replace_strict(
            words, default=None, return_dtype=pl.Boolean
        )
    if kind.name in DEFAULT_FORMATS:
        return lambda text: _parse_moments(text, column)
    if kind.precision:
        return lambda text: _parse_decimal(text, kind)
    return lambda text: text.cast(kind.polars, strict=False)


def _parse_decimal(text: pl.Series, kind: ColumnType) -> pl.Series:
    """Take only digits that fit: a cast alone would round silently."""
    fitting = rf"^[+-]?\d{{0,{kind.precision - kind.scale}}}(\.\d{{0,{kind.scale}}}0*)?$"
    fits = text.str.contains(fitting)
    if not fits.all():
        text = _without_exponent(text)
        fits = text.str.contains(fitting)
    return _keep(text, fits).cast(kind.polars, strict=False)


def _without_exponent(text: pl.Series) -> pl.Series:
    """Write 1.5e3 as 1500, which is the same number; few sources do so in a decimal."""
    at = text.str.contains(EXPONENT).arg_true()
    plain = [f"{Decimal(number):f}" for number in text.gather(at)]
    return text.clone().scatter(at, plain) if plain else text


def _parse_moments(text: pl.Series, column: Column) -> pl.Series:
    """Try the formats in turn until every value is parsed."""
    dtype = column.type.polars
    result: pl.Series | None = None
    for pattern in column.formats or DEFAULT_FORMATS[column.type.name]:
        parsed = _parse_date(text, pattern) if dtype == pl.Date else _parse_time(text, pattern)
        parsed = _keep(parsed, parsed.dt.date().is_between(EARLIEST, LATEST))
        result = parsed if result is None else result.zip_with(result.is_not_null(), parsed)
        if result.null_count() == text.null_count():
            break
    assert result is not None  # noqa: S101  (there is a format)
    return result


def _parse_date(text: pl.Series, pattern: str) -> pl.Series:
    """A date that carries a clock must carry midnight, or information would be lost."""
    if not any(part in pattern for part in CLOCK_PARTS):
        return text.str.to_date(pattern, strict=False)
    moment = _parse_time(text, pattern)
    return _keep(moment, moment == moment.dt.truncate("1d")).cast(pl.Date)


def _parse_time(text: pl.Series, pattern: str) -> pl.Series:
    """A moment with an offset is converted to UTC."""
    moment = text.str.to_datetime(pattern, time_unit="us", strict=False)
    is_default = pattern in DEFAULT_FORMATS["timestamp"]
    if "f" in pattern and not (is_default and _longest(text) <= LONGEST_DEFAULT):
        moment = _keep(moment, ~text.str.contains(TOO_FINE))
    if (moment.to_physical() % 60_000_000 == 0).any():  # a leap second would become the next one
        moment = _keep(moment, ~text.str.contains(":60", literal=True))
    if isinstance(moment.dtype, pl.Datetime) and moment.dtype.time_zone:
        return moment.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return moment


def _longest(text: pl.Series) -> int:
    return int(text.str.len_bytes().max() or 0)  # type: ignore[arg-type]  (of a number)


def _keep(values: pl.Series, condition: pl.Series) -> pl.Series:
    """Return the values where the condition holds, and NULL elsewhere."""
    nothing = pl.Series([None], dtype=values.dtype)
    return values.zip_with(condition.fill_null(value=False), nothing)


def expectation(column: Column, marks: NumberMarks | None = None) -> str:
    """Return what a value of this column must look like, for a message."""
    if column.type.name in DEFAULT_FORMATS:
        formats = " or ".join(column.formats or DEFAULT_FORMATS[column.type.name])
        return f"a {column.type.name} like {formats}"
    article = "an" if column.type.name[0] in "aeiou" else "a"
    written = f" with decimal {marks.decimal!r}" if marks else ""
    if marks and marks.thousands:
        written += f" and thousands {marks.thousands!r}"
    return f"{article} {column.type.name}{written}"
