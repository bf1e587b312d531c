"""Parse a block of CSV field by field, and say of each bad record what is wrong with it."""

import csv
from typing import Any

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.errors import ContractError
from python_loaders.extract.binding import Binding
from python_loaders.extract.blocks import MAX_RECORD_BYTES, Block
from python_loaders.extract.chunk import MAX_RAW_CHARACTERS, Reject
from python_loaders.extract.typed import type_records

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
    reader = csv.reader((line + "\n" for line in lines), strict=True, **dialect(extract))
    begin = 0
    try:
        for number, fields in enumerate(reader):
            position = (begin, reader.line_num)
            begin = reader.line_num
            if reason := _wrong_shape(fields, width, extract, trailing=trailing):
                raw = _raw(lines, position)
                rejects.append(Reject(number, block.line(position[0]), None, reason, raw))
            else:
                whole.append(fields)
                numbers.append(number)
                positions.append(position)
    except csv.Error as error:
        raise ContractError(
            f"{label}, line {block.line(begin)}: cannot be split into fields ({error}). "
            "Correct the file: a quote or a carriage return is out of place."
        ) from error

    def place(index: int) -> tuple[int, str]:
        return block.line(positions[index][0]), _raw(lines, positions[index])

    rows, more = type_records(whole, numbers, binding.columns, extract, label, place)
    rejects.extend(more)
    rejects.sort(key=lambda reject: reject.source_row)
    return rows, rejects


def dialect(extract: Extract) -> dict[str, Any]:
    """Return how the csv module is to split records into fields."""
    if extract.quote_mark is None:
        return {"delimiter": extract.delimiter, "quoting": csv.QUOTE_NONE}
    return {"delimiter": extract.delimiter, "quotechar": extract.quote_mark}


def _wrong_shape(fields: list[str], width: int, extract: Extract, *, trailing: bool) -> str | None:
    if not fields:
        return "the line is blank"
    if len(fields) != width:
        wanted = "header" if extract.header is True else "contract"
        return f"the record has {len(fields)} fields, the {wanted} has {width}"
    if trailing and fields[-1]:
        return f"{fields[-1]!r} stands after the last delimiter"
    return None


def _raw(lines: list[str], position: tuple[int, int]) -> str:
    return "\n".join(lines[slice(*position)])[:MAX_RAW_CHARACTERS]
