"""Parse a block of CSV with Polars, or say that it needs the careful path.

Polars alone is not safe: it fills short records with NULL and lets blank lines, NaN and NULL in
required columns through. Each such case is found here by counting, and then the block is left
to csv_slow.py, which decides record by record.
"""

import polars as pl
import polars.selectors as cs

from python_loaders.contract.column import Column
from python_loaders.contract.extract import Extract
from python_loaders.extract.binding import Binding
from python_loaders.extract.blocks import Block
from python_loaders.extract.chunk import SOURCE_ROW
from python_loaders.extract.octets import as_series, count_octet
from python_loaders.extract.typed import finish_column

TRAILING = "_after_last_delimiter"


def parse_fast(
    block: Block, binding: Binding, extract: Extract, *, trailing: bool
) -> pl.DataFrame | None:
    """Return the typed rows with a 0-based _source_row, or None when anything is doubtful."""
    single = len(binding.columns) == 1
    if _is_doubtful(block.data, extract, trailing=trailing, single=single):
        return None
    markers, quote = _common_markers(binding, extract), extract.quote_mark
    schema: dict[str, pl.DataType] = {
        column.landed_name: _read_as(column, markers, extract) for column in binding.columns
    }
    if trailing:
        schema[TRAILING] = pl.String()
    try:
        raw = pl.read_csv(
            block.data,
            has_header=False,
            schema=schema,
            separator=extract.delimiter,
            quote_char=quote if quote and quote.encode() in block.data else None,
            null_values=markers[0] if markers and len(markers) == 1 else markers,
            empty_string_is_null=markers is not None and "" in markers,
            row_index_name=SOURCE_ROW,
        )
    except (pl.exceptions.PolarsError, ValueError):
        return None
    if not _every_record_is_whole(block, raw, extract) or _has_long_field(block, raw, extract):
        return None
    if trailing and (raw[TRAILING].str.len_bytes() > 0).any():
        return None
    columns = [raw[SOURCE_ROW]]
    for column in binding.columns:
        text_markers = column.null_values
        if markers is None and text_markers is None:
            text_markers = extract.markers
        values = finish_column(raw[column.landed_name], column, text_markers or [], extract.marks)
        if values is None:
            return None
        columns.append(values)
    return pl.DataFrame(columns)


def _common_markers(binding: Binding, extract: Extract) -> list[str] | None:
    """Return the null markers that hold for all columns; None when one has fewer of its own."""
    common = set(extract.markers)
    own = (column.null_values for column in binding.columns if column.null_values is not None)
    return extract.markers if all(common <= set(markers) for markers in own) else None


def _read_as(column: Column, markers: list[str] | None, extract: Extract) -> pl.DataType:
    """Numbers are parsed by Polars itself if it knows their marks and all that means null."""
    native = column.type.is_integer or column.type.name == "double"
    known = markers is not None and column.null_values is None and extract.marks is None
    return column.type.polars if native and known else pl.String()


def _is_doubtful(data: bytes, extract: Extract, *, trailing: bool, single: bool) -> bool:
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return True
    if single and (data.startswith(b"\n") or b"\n\n" in data):
        return True  # a blank line, which counting cannot tell from a record of one empty field
    # Polars reads an empty number as NULL even where "" is not a null marker.
    quote = (extract.quote_mark or "").encode()
    return "" not in extract.markers and (
        (bool(quote) and quote in data and 2 * quote in data)
        or _has_empty_field(data, extract.delimiter, trailing=trailing)
    )


def _has_empty_field(data: bytes, delimiter: str, *, trailing: bool) -> bool:
    """Return whether two separators stand side by side (one pass beats several searches)."""
    mark, newline, carriage = ord(delimiter), b"\n"[0], b"\r"[0]
    byte = as_series(b"\n" + data)
    begins = (byte == mark) | (byte == newline)
    # Before the end of a line, a delimiter is followed by nothing when there is one more.
    ends = byte == mark if trailing else begins | (byte == carriage)
    return bool((begins.head(-1) & ends.tail(-1)).any())


def _has_long_field(block: Block, raw: pl.DataFrame, extract: Extract) -> bool:
    """Return whether a text goes beyond the limit; most blocks are too short for that."""
    limit = extract.limits.max_field_bytes
    if len(block.data) <= limit:
        return False
    longest = raw.select((cs.string().str.len_bytes() > limit).any())
    return any(longest.row(0))


def _every_record_is_whole(block: Block, raw: pl.DataFrame, extract: Extract) -> bool:
    """Compare the delimiters and newlines of the block with what the parsed rows need.

    Polars refuses records with too many fields, so that one with too few cannot be balanced by
    one with too many: the totals agree exactly when every record has all its fields.
    """
    texts = [raw[name] for name, dtype in raw.schema.items() if dtype == pl.String]
    delimiter = extract.delimiter
    delimiters, newlines = count_octet(block.data, delimiter.encode()), block.lines
    if extract.quote_mark and extract.quote_mark.encode() in block.data:
        for text in texts:
            delimiters -= text.str.count_matches(delimiter, literal=True).sum()
            newlines -= text.str.count_matches("\n", literal=True).sum()
    return newlines == raw.height and delimiters == raw.height * (raw.width - 2)
