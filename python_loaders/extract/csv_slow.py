"""Parse a block of CSV field by field, and say of each bad record what is wrong with it."""

import csv

import polars as pl

from python_loaders.contract.model import Column
from python_loaders.contract.options import Extract
from python_loaders.errors import ContractError
from python_loaders.extract.binding import Binding
from python_loaders.extract.blocks import MAX_RECORD_BYTES, Block
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, SOURCE_ROW, Reject
from python_loaders.extract.convert import expectation, parse_text

csv.field_size_limit(MAX_RECORD_BYTES)


def parse_slow(
    block: Block, binding: Binding, extract: Extract, label: str, *, trailing: bool
) -> tuple[pl.DataFrame, list[Reject]]:
    """Return the typed good rows and the bad records, both with a 0-based record number.

    Raises:
        ContractError: the text cannot be split into records at all.
    """
    width = len(binding.columns) + trailing
    whole: list[list[str]] = []
    numbers: list[int] = []
    positions: list[tuple[int, int]] = []
    rejects: list[Reject] = []
    lines = block.data.decode().removesuffix("\n").split("\n")
    reader = csv.reader((line + "\n" for line in lines), delimiter=extract.delimiter, strict=True)
    begin = 0
    try:
        for number, fields in enumerate(reader):
            position = (begin, reader.line_num)
            begin = reader.line_num
            if reason := _wrong_shape(fields, width, trailing=trailing):
                raw = _raw(lines, position)
                rejects.append(Reject(number, block.first_line + position[0], None, reason, raw))
            else:
                whole.append(fields)
                numbers.append(number)
                positions.append(position)
    except csv.Error as error:
        raise ContractError(
            f"{label}, line {block.first_line + begin}: cannot be split into fields ({error}). "
            "Correct the file: a quote or a carriage return is out of place."
        ) from error

    columns: list[pl.Series] = []
    reasons: dict[int, tuple[str, str]] = {}
    for index, column in enumerate(binding.columns):
        text = pl.Series(column.landed_name, [fields[index] for fields in whole], dtype=pl.String)
        values, bad = _convert(text, column, extract)
        columns.append(values)
        for row, reason in bad.items():
            reasons.setdefault(row, (column.name, reason))
    for row, (name, reason) in reasons.items():
        begin, _ = positions[row]
        raw = _raw(lines, positions[row])
        rejects.append(Reject(numbers[row], block.first_line + begin, name, reason, raw))
    rejects.sort(key=lambda reject: reject.source_row)

    rows = pl.DataFrame([pl.Series(SOURCE_ROW, numbers, dtype=pl.UInt32), *columns])
    good = pl.Series([row not in reasons for row in range(len(whole))], dtype=pl.Boolean)
    return rows.filter(good), rejects


def _wrong_shape(fields: list[str], width: int, *, trailing: bool) -> str | None:
    if not fields:
        return "the line is blank"
    if len(fields) != width:
        return f"the record has {len(fields)} fields, the header has {width}"
    if trailing and fields[-1]:
        return f"{fields[-1]!r} stands after the last delimiter"
    return None


def _raw(lines: list[str], position: tuple[int, int]) -> str:
    return "\n".join(lines[slice(*position)])[:MAX_RAW_CHARACTERS]


def _convert(text: pl.Series, column: Column, extract: Extract) -> tuple[pl.Series, dict[int, str]]:
    """Return typed values, and for each bad one its index and the reason."""
    markers = extract.null_values if column.null_values is None else column.null_values
    given = text.set(text.is_in(markers), None)
    values = parse_text(given, column)
    bad = {
        index: f"{given[index]!r} is not {expectation(column)}"
        for index in (values.is_null() & given.is_not_null()).arg_true()
    }
    if column.type.name == "double" and column.non_finite != "keep":
        infinite = ~values.is_finite().fill_null(value=True)
        if column.non_finite == "reject":
            bad |= {i: f"{given[i]!r} is not a finite number" for i in infinite.arg_true()}
        values = values.set(infinite, None)
    if column.required:
        bad |= {
            index: f"{text[index]!r} means null, and the column is required (not_null)"
            for index in given.is_null().arg_true()
        }
    return values, bad
