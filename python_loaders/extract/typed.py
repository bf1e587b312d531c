"""Turn the texts of records into typed rows, and say of each bad record what is wrong with it.

Every format that is text in the end comes through here, so that the same value means the same
in all of them.
"""

from collections.abc import Callable, Sequence

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.contract.extract import Extract, NumberMarks
from python_loaders.errors import ContractError
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, SOURCE_ROW, Reject
from python_loaders.extract.convert import expectation, parse_text

# Of the n-th record given: the line on which it begins, if the format has lines, and its text.
Place = Callable[[int], tuple[int | None, str]]


def type_records(
    fields: Sequence[Sequence[str | None]],
    numbers: Sequence[int],
    columns: Sequence[Column],
    extract: Extract,
    label: str,
    place: Place,
) -> tuple[pl.DataFrame, list[Reject]]:
    """Return the good rows and the bad records, both with the record's number.

    Args:
        fields: of each record, its text for each column; None where the format says null.
        numbers: of each record, its number in the block.
        columns: the contract.
        extract: null markers, number marks and limits.
        label: the file, for messages.
        place: says where a record stands.

    Raises:
        ContractError: a field is longer than the limit.
    """
    texts = [
        pl.Series(column.landed_name, [record[index] for record in fields], dtype=pl.String)
        for index, column in enumerate(columns)
    ]
    return type_texts(texts, numbers, columns, extract, label, place)


def type_texts(
    texts: Sequence[pl.Series],
    numbers: Sequence[int],
    columns: Sequence[Column],
    extract: Extract,
    label: str,
    place: Place,
) -> tuple[pl.DataFrame, list[Reject]]:
    """Do the same for records that are columns of text already."""
    typed: list[pl.Series] = []
    reasons: dict[int, tuple[str, str]] = {}
    for text, column in zip(texts, columns, strict=True):
        refuse_long_fields(text, column, extract, label, place)
        values, bad = convert_text(text, column, extract)
        typed.append(values.alias(column.landed_name))
        for index, reason in bad.items():
            reasons.setdefault(index, (column.name, reason))
    rejects = []
    for index, (name, reason) in sorted(reasons.items()):
        line, raw = place(index)
        rejects.append(Reject(numbers[index], line, name, reason, raw[:MAX_RAW_CHARACTERS]))
    rows = pl.DataFrame([pl.Series(SOURCE_ROW, numbers, dtype=pl.UInt32), *typed])
    good = pl.Series([index not in reasons for index in range(len(numbers))], dtype=pl.Boolean)
    return (rows.filter(good) if reasons else rows), rejects


def finish_column(
    values: pl.Series, column: Column, markers: list[str], marks: NumberMarks | None
) -> pl.Series | None:
    """Convert what was read and check it against the contract; None when a value fails.

    Args:
        values: numbers, or text.
        column: the contract.
        markers: the texts that mean null and are not NULL yet.
        marks: how numbers are written, if not plainly.
    """
    typed = values
    if values.dtype == pl.String:
        given = values.set(values.is_in(markers), None) if markers else values
        typed = parse_text(given, column, marks)
        if typed.null_count() != given.null_count():
            return None
    if column.type.name == "double" and column.non_finite != "keep" and not typed.is_finite().all():
        return None
    if column.required and typed.null_count():
        return None
    return typed


def refuse_long_fields(
    text: pl.Series, column: Column, extract: Extract, label: str, place: Place | None = None
) -> None:
    """Raise a ContractError if a field is longer than the contract's limit."""
    limit = extract.limits.max_field_bytes
    too_long = (text.str.len_bytes() > limit).arg_true()
    if len(too_long):
        line, _ = place(too_long[0]) if place else (None, "")
        raise ContractError(
            f"{label}{f', line {line}' if line else ''}: a field of column {column.name} is longer "
            f"than {limit} bytes, the contract's limits.max_field_bytes. Correct the file, or "
            "raise the limit if the field is meant to be so long."
        )


def convert_text(
    text: pl.Series, column: Column, extract: Extract
) -> tuple[pl.Series, dict[int, str]]:
    """Return typed values, and for each bad one its index and the reason."""
    markers = extract.markers if column.null_values is None else column.null_values
    given = text.set(text.is_in(markers), None) if markers else text
    values = parse_text(given, column, extract.marks)
    bad = {
        index: f"{given[index]!r} is not {expectation(column, extract.marks)}"
        for index in (values.is_null() & given.is_not_null()).arg_true()
    }
    if column.type.name == "double" and column.non_finite != "keep":
        infinite = ~values.is_finite().fill_null(value=True)
        if column.non_finite == "reject":
            bad |= {i: f"{given[i]!r} is not a finite number" for i in infinite.arg_true()}
        values = values.set(infinite, None)
    if column.required:
        for index in given.is_null().arg_true():
            means = "null" if text[index] is None else f"{text[index]!r} means null"
            bad[index] = f"{means}, and the column is required (not_null)"
    return values, bad
