"""Parse a block of NDJSON with Arrow, or say that it needs the careful path.

Arrow refuses keys that it is not told of, keys that are there twice, and values of another kind.
It fills missing keys with NULL and reads objects wherever they stand; both are found here by
counting, and then the block is left to the path that looks at each line.
"""

import polars as pl
import pyarrow as pa
import pyarrow.json as pj

from python_loaders.contract.column import Column
from python_loaders.contract.extract import Extract
from python_loaders.extract.blocks import Block
from python_loaders.extract.chunk import SOURCE_ROW
from python_loaders.extract.json_values import DECODER, Number, Pairs
from python_loaders.extract.keys import BadRecordError, Keys
from python_loaders.extract.octets import count_octet
from python_loaders.extract.typed import finish_column

MAX_DIGITS = 38


def parse_fast(block: Block, keys: Keys, extract: Extract) -> pl.DataFrame | None:
    """Return the typed rows with a 0-based _source_row, or None when anything is doubtful."""
    data = block.data
    # Arrow does not survive a null outside of an object: nothing but objects may reach it.
    if not _has_one_object_per_line(data, block.lines) or b"\\u0000" in data:
        return None
    fields = _fields_of_first(data, keys)
    if fields is None:
        return None
    try:
        table = pj.read_json(
            pa.BufferReader(data),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=pa.schema({name: kind for name, (_, kind) in fields.items()}),
                unexpected_field_behavior="error",
            ),
        )
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    if table.num_rows != block.lines or not _has_all_keys(data, table):
        return None
    columns = []
    for name, (column, _) in fields.items():
        values = _finish(pl.Series(column.landed_name, table[name]), column, extract)
        if values is None:
            return None
        columns.append(values)
    return pl.DataFrame(columns).with_row_index(SOURCE_ROW)


def _has_one_object_per_line(data: bytes, lines: int) -> bool:
    """Check it by counting braces; one in a text only means that the careful path is taken."""
    text = data.removesuffix(b"\n")
    return (
        text.startswith(b"{")
        and text.endswith(b"}")
        and data.count(b"}\n{") == lines - 1
        and count_octet(data, b"{") == count_octet(data, b"}") == lines
    )


def _fields_of_first(data: bytes, keys: Keys) -> dict[str, tuple[Column, pa.DataType]] | None:
    """Return the column of each key of the first record, and the kind of its values."""
    try:
        first = DECODER.decode(data[: data.find(b"\n") + 1 or None].decode())
        if not isinstance(first, Pairs):
            return None
        keys.place(first, None, known_only=True)
    except (ValueError, RecursionError, BadRecordError):
        return None
    fields = {}
    for name, value in first:
        index = keys.find(name)
        kind = _arrow_kind(value, keys.columns[index]) if index is not None else None
        if index is None or kind is None:
            return None
        fields[name] = keys.columns[index], kind
    return fields


def _arrow_kind(value: object, column: Column) -> pa.DataType | None:
    """Return as what Arrow is to read a column; None if the careful path has to decide."""
    kind = column.type
    is_number = kind.is_integer or kind.name == "double" or bool(kind.precision)
    natural: pa.DataType = pa.string()
    if kind.precision:
        natural = pa.decimal128(MAX_DIGITS, kind.scale)  # the precision is not Arrow's to check
    elif is_number or kind.name == "boolean":
        natural = pl.Series([], dtype=kind.polars).to_arrow().type
    if value is None:
        return natural
    if isinstance(value, bool):
        return natural if kind.name == "boolean" else None
    if isinstance(value, Number):
        return natural if is_number else None
    return pa.string() if isinstance(value, str) else None


def _has_all_keys(data: bytes, table: pa.Table) -> bool:
    """Count the colons behind quotes: every key has one, if no blank stands between them.

    So has a text that begins with a colon, or that holds both; these are told by what was read.
    Whatever else they are written like can only make the count too low, never right.
    """
    found = data.count(b'":')
    for column in table.columns:
        if pa.types.is_string(column.type):
            text = pl.Series(column)
            found -= text.str.starts_with(":").sum()
            if b"\\" in data:
                found -= text.str.count_matches('":', literal=True).sum()
    return found == table.num_rows * table.num_columns


def _finish(values: pl.Series, column: Column, extract: Extract) -> pl.Series | None:
    markers = extract.markers if column.null_values is None else column.null_values
    if values.dtype == pl.String:
        if (values.str.len_bytes() > extract.limits.max_field_bytes).any():
            return None
        return finish_column(values, column, markers, extract.marks)
    if any(_holds(values, marker) for marker in markers):
        return None
    if column.type.precision:
        limit = 10 ** (column.type.precision - column.type.scale)
        if (values.abs() >= limit).any():
            return None
        values = values.cast(column.type.polars)
    return finish_column(values, column, [], None)


def _holds(values: pl.Series, marker: str) -> bool:
    """Return whether a number or boolean may be written like a marker of null."""
    if values.dtype == pl.Boolean:
        return marker in ("true", "false")
    try:
        number = float(marker)
    except ValueError:
        return False
    return bool((values.cast(pl.Float64) == number).any())
