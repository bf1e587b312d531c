"""The same rows land as equal rows, whatever the format they are delivered in."""

import csv
import datetime as dt
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from decimal import Decimal

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read

Row = tuple[object, ...]
NULL = "\\N"
WIDTH = 32
TYPES = {
    "n": "bigint",
    "d": "decimal(18,4)",
    "x": "double",
    "s": "text",
    "day": "date",
    "t": "timestamp",
    "b": "boolean",
}
NAMES = list(TYPES)
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12
).filter(lambda text: text != NULL)
EARLIEST, LATEST = dt.datetime(1000, 1, 1), dt.datetime(9999, 12, 31, 23)  # noqa: DTZ001
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.decimals(-(10**13), 10**13, places=4),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | TEXT,
        st.none() | st.dates(EARLIEST.date(), LATEST.date()),
        st.none() | st.datetimes(EARLIEST, LATEST),
        st.none() | st.booleans(),
    ),
    max_size=5,
)


def texts(row: Row) -> list[str]:
    """Return the values of a row as people write them."""
    return [
        NULL
        if value is None
        else f"{value.isoformat()}Z"
        if isinstance(value, dt.datetime)
        else str(value).lower()
        if isinstance(value, bool)
        else repr(value)
        if isinstance(value, float)
        else str(value)
        for value in row
    ]


def json_text(row: Row) -> str:
    """Return a row as JSON. Python cannot write decimals, so they are put in by hand."""
    items = []
    for name, value, text in zip(NAMES, row, texts(row), strict=True):
        is_plain = value is None or isinstance(value, bool | int | float)
        written = text if isinstance(value, Decimal) else json.dumps(value if is_plain else text)
        items.append(f"{json.dumps(name)}: {written}")
    return "{" + ", ".join(items) + "}"


def as_csv(rows: list[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(NAMES)
    writer.writerows(texts(row) for row in rows)
    return out.getvalue().encode()


def as_ndjson(rows: list[Row]) -> bytes:
    return "".join(f"{json_text(row)}\n" for row in rows).encode()


def as_json(rows: list[Row]) -> bytes:
    return f'{{"rows": [{", ".join(map(json_text, rows))}]}}'.encode()


def as_xml(rows: list[Row]) -> bytes:
    root = ET.Element("rows")
    for row in rows:
        record = ET.SubElement(root, "row")
        for name, text in zip(NAMES, texts(row), strict=True):
            ET.SubElement(record, name).text = text
    return ET.tostring(root)


def as_fixed(rows: list[Row]) -> bytes:
    lines = ["".join(text.ljust(WIDTH) for text in texts(row)) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("d", pa.decimal128(18, 4)),
        ("x", pa.float64()),
        ("s", pa.string()),
        ("day", pa.date32()),
        ("t", pa.timestamp("us", "UTC")),
        ("b", pa.bool_()),
    ]
)


def as_parquet(rows: list[Row]) -> bytes:
    out = io.BytesIO()
    records = [dict(zip(NAMES, row, strict=True)) for row in rows]
    pq.write_table(pa.Table.from_pylist(records, SCHEMA), out)
    return out.getvalue()


KINDS = {
    "n": "long",
    "d": {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 4},
    "x": "double",
    "s": "string",
    "day": {"type": "int", "logicalType": "date"},
    "t": {"type": "long", "logicalType": "timestamp-micros"},
    "b": "boolean",
}


def as_avro(rows: list[Row]) -> bytes:
    out = io.BytesIO()
    fields = [{"name": name, "type": ["null", kind]} for name, kind in KINDS.items()]
    records = []
    for row in rows:
        record = dict(zip(NAMES, row, strict=True))
        if isinstance(record["t"], dt.datetime):
            record["t"] = record["t"].replace(tzinfo=dt.UTC)
        records.append(record)
    schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": fields})
    fastavro.writer(out, schema, records, "deflate")
    return out.getvalue()


TEXTUAL = {"null_values": [NULL]}
FORMATS: dict[str, tuple[Callable[[list[Row]], bytes], dict[str, object]]] = {
    "csv": (as_csv, TEXTUAL),
    "ndjson": (as_ndjson, {}),
    "json": (as_json, {"records": "/rows"}),
    "xml": (as_xml, TEXTUAL | {"records": "/rows/row"}),
    "fixed": (as_fixed, TEXTUAL | {"trim": "right"}),
    "parquet": (as_parquet, {}),
    "avro": (as_avro, {}),
}


def can_hold(name: str, rows: list[Row]) -> bool:
    """Some formats have no file without rows, and one no texts that end in blanks."""
    if name == "fixed" and any(isinstance(row[3], str) and row[3].endswith(" ") for row in rows):
        return False
    return bool(rows) or name not in ("ndjson", "fixed")


@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_all_formats_land_the_same_rows(rows: list[Row]) -> None:
    columns = {
        name: {"data_type": kind, "at": [WIDTH * place + 1, WIDTH]}
        for place, (name, kind) in enumerate(TYPES.items())
    }
    for name, (write, extract) in FORMATS.items():
        if not can_hold(name, rows):
            continue
        found = read(write(rows), columns, extract | {"format": name})
        assert found.rejects == [], name
        assert found.frame.rows() == [(*row, n) for n, row in enumerate(rows, 1)], name


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("n", "9223372036854775808"),
        ("n", "1.0"),
        ("n", "1e3"),
        ("d", "0.00001"),
        ("d", "100000000000000"),
        ("x", "1e400"),
        ("x", "NaN"),
        ("x", "1,5"),
        ("day", "2021-02-29"),
        ("day", "2021-02-28T00:00:01"),
        ("day", "1/2/13"),
        ("t", "2021-01-01T24:00:00Z"),
        ("t", "2016-12-31T23:59:60Z"),
        ("t", "2021-01-01T00:00:00.0000001Z"),
        ("b", "maybe"),
    ],
)
def test_all_text_formats_reject_the_same_values(column: str, text: str) -> None:
    reasons = set()
    quoted = text if column in ("n", "x", "d") and text != "1,5" else json.dumps(text)
    for name, content in {
        "csv": f'{column}\n"{text}"\n',
        "ndjson": f'{{"{column}": {quoted}}}\n',
        "json": f'[{{"{column}": {quoted}}}]',
        "xml": f"<r><a><{column}>{text}</{column}></a></r>",
        "fixed": f"{text:<40}\n",
    }.items():
        columns = {column: {"data_type": TYPES[column], "at": [1, 40]}}
        extract = {"xml": {"records": "/r/a"}, "fixed": {"trim": "right"}}.get(name, {})
        found = read(content, columns, {"format": name} | extract)
        assert found.rows == []
        assert found.rejects[0].column_name == column
        reasons.add(found.rejects[0].reason)
    assert len(reasons) == 1
