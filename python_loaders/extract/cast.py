"""Turn typed values into those of the contract, and say of each that would lose something.

Formats with types of their own come through here: Parquet and Avro. A type that is not the
contract's means that something has changed; only a date or timestamp that the contract gives
`formats` for may be a text.
"""

from collections.abc import Sequence

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.contract.extract import Extract
from python_loaders.errors import ContractError
from python_loaders.extract.binding import Binding
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, SOURCE_ROW, Reject
from python_loaders.extract.convert import expectation
from python_loaders.extract.infer import is_json
from python_loaders.extract.json_values import dump
from python_loaders.extract.typed import convert_text, refuse_long_fields

# The years that Python and the engines know, in days since 1970.
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
UNITS_OF_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def cast_rows(
    given: Sequence[pl.Series], binding: Binding, extract: Extract, label: str
) -> tuple[pl.DataFrame, list[Reject]]:
    """Return the good rows and the bad records, both numbered from 0.

    Args:
        given: the columns as delivered.
        binding: the contract of each; one that is new has no type yet and stays as it is.
        extract: null markers and limits.
        label: the file, for messages.

    Raises:
        ContractError: the type of a column cannot become the contract's without losing something.
    """
    height = len(given[0]) if given else 0
    typed: list[pl.Series] = []
    reasons: dict[int, tuple[str, str]] = {}
    added = binding.added
    for values, column in zip(given, binding.columns, strict=True):
        is_new = column.landed_name in added
        converted, bad = (values, {}) if is_new else _cast(values, column, extract, label)
        typed.append(converted.alias(column.landed_name))
        for index, reason in bad.items():
            reasons.setdefault(index, (column.name, reason))
    rejects = [
        Reject(index, None, name, reason, _raw(given, index))
        for index, (name, reason) in sorted(reasons.items())
    ]
    numbers = pl.int_range(0, height, dtype=pl.UInt32, eager=True).alias(SOURCE_ROW)
    rows = pl.DataFrame([numbers, *typed])
    good = pl.Series([index not in reasons for index in range(height)], dtype=pl.Boolean)
    return (rows.filter(good) if reasons else rows), rejects


def _cast(
    given: pl.Series, column: Column, extract: Extract, label: str
) -> tuple[pl.Series, dict[int, str]]:
    """Return values of the contract's type, and for each bad one its index and reason."""
    is_described = given.dtype == pl.String and column.formats is not None
    if not is_described and not _is_lossless(given.dtype, column.type.polars):
        raise ContractError(
            f"{label}: column {given.name!r} is {given.dtype}, the contract says "
            f"{column.data_type}, and that would lose information. Correct one of them."
        )
    if isinstance(given.dtype, pl.Categorical | pl.Enum):
        given = given.cast(pl.String)
    if isinstance(given.dtype, pl.List | pl.Array | pl.Struct):
        texts = (None if value is None else dump(value) for value in given.to_list())
        given = pl.Series(given.name, list(texts), dtype=pl.String)
    if given.dtype == pl.String:
        refuse_long_fields(given, column, extract, label)
        values, bad = convert_text(given, column, extract)
        if column.type.name == "text":
            has_nul = values.str.contains("\0", literal=True).fill_null(value=False)
            bad |= {i: f"{given[i]!r} holds a NUL character" for i in has_nul.arg_true()}
        return values, bad
    values, lost = _convert(given, column)
    bad = {i: f"{_value(given, i)!r} does not fit {expectation(column)}" for i in lost.arg_true()}
    if column.type.name == "double" and column.non_finite != "keep":
        infinite = ~values.is_finite().fill_null(value=True)
        if column.non_finite == "reject":
            bad |= {i: f"{given[i]!r} is not a finite number" for i in infinite.arg_true()}
        values = values.set(infinite, None)
    if column.required:
        missing = given.is_null().arg_true()
        bad |= dict.fromkeys(missing, "null, and the column is required (not_null)")
    return values, bad


def _convert(given: pl.Series, column: Column) -> tuple[pl.Series, pl.Series]:
    """Return converted values, and where they are not what was given."""
    source = given
    if isinstance(given.dtype, pl.Datetime) and given.dtype.time_zone:
        source = given.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    values = source.cast(column.type.polars, strict=False)
    lost = values.is_null() & given.is_not_null()
    if source.dtype != values.dtype and (source.dtype.is_numeric() or source.dtype.is_temporal()):
        lost |= (values.cast(source.dtype, strict=False) != source).fill_null(value=True)
        lost &= given.is_not_null()
    if column.type.precision:  # a cast to fewer digits does not look at them
        limit = 10 ** (column.type.precision - column.type.scale)
        lost |= (values.abs() >= limit).fill_null(value=False)
    if values.dtype.is_temporal():
        of_day = UNITS_OF_DAY["us"] if isinstance(values.dtype, pl.Datetime) else 1
        first, end = FIRST_DAY * of_day, (LAST_DAY + 1) * of_day
        lost |= ~values.to_physical().is_between(first, end, closed="left").fill_null(value=True)
    return values, lost


def _is_lossless(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Return whether every value that fits can be converted; single values are checked later."""
    if given in (wanted, pl.Null):
        return True
    if wanted == pl.String:
        return isinstance(given, pl.Categorical | pl.Enum) or is_json(given, outer=True)
    if wanted.is_numeric():
        return given.is_numeric() and not (given.is_float() and wanted.is_decimal())
    if isinstance(wanted, pl.Datetime):
        return isinstance(given, pl.Datetime | pl.Date)
    return False


def _value(given: pl.Series, index: int) -> object:
    """Return a value for a message; Python has no dates beyond its years."""
    values = given[index : index + 1]
    if not given.dtype.is_temporal():
        return values.to_list()[0]
    days = values.to_physical()
    if isinstance(given.dtype, pl.Datetime):
        days = days // UNITS_OF_DAY[given.dtype.time_unit]
    is_known = days.is_between(FIRST_DAY, LAST_DAY).fill_null(value=True)[0]
    return (values if is_known else values.to_physical()).to_list()[0]


def _raw(given: Sequence[pl.Series], index: int) -> str:
    """Return a record that has no text of its own, in full."""
    return repr({values.name: _value(values, index) for values in given})[:MAX_RAW_CHARACTERS]
