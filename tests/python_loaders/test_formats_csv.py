"""What a contract can say about a CSV: marks, quotes, comments, lines to skip, no header."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from reading import read, read_table, table_of

from python_loaders.errors import ContractError
from python_loaders.extract import text
from python_loaders.extract.binding import Binding
from python_loaders.extract.blocks import Block
from python_loaders.extract.csv_fast import parse_fast
from python_loaders.extract.csv_slow import parse_slow
from python_loaders.extract.quotes import misplaced_quote

COLUMNS = {"a": "bigint", "b": "double", "c": "decimal(9,2)", "d": "text"}


@pytest.mark.parametrize(
    ("marks", "line", "row"),
    [
        ({"decimal": ","}, "1;2,5;-3,25;x", (1, 2.5, Decimal("-3.25"), "x")),
        ({"decimal": ","}, "1;,5;3,;1,5", (1, 0.5, Decimal(3), "1,5")),
        ({"decimal": ","}, "1;1,5e3;+3;x", (1, 1500.0, Decimal(3), "x")),
        (
            {"decimal": ",", "thousands": "."},
            "1.234.567;-1.234,5;12.345,67;1.5",
            (1234567, -1234.5, Decimal("12345.67"), "1.5"),
        ),
        ({"thousands": ","}, "1,234;1234.5;1,234.5;x", (1234, 1234.5, Decimal("1234.5"), "x")),
        ({"thousands": "'"}, "1'234;12;0;x", (1234, 12.0, Decimal(0), "x")),
        (
            {"decimal": ",", "thousands": "\u202f"},
            "1\u202f234;1\u202f000,5;0;x",
            (1234, 1000.5, Decimal(0), "x"),
        ),
        (
            {"decimal": ",", "thousands": " "},
            " 1 234 ;1 000,5;0;x",
            (1234, 1000.5, Decimal(0), "x"),
        ),
    ],
)
def test_number_marks(marks: dict[str, object], line: str, row: tuple[object, ...]) -> None:
    found = read(f"a;b;c;d\n{line}\n", COLUMNS, {"delimiter": ";"} | marks)
    assert found.rejects == []
    assert found.rows == [row]
    # The careful path says the same: a bad record in the block sends it there.
    found = read(f"a;b;c;d\n{line}\nbad\n", COLUMNS, {"delimiter": ";"} | marks)
    assert found.rows == [row]


@pytest.mark.parametrize(
    ("marks", "value"),
    [
        ({"decimal": ","}, "1.5"),
        ({"decimal": ","}, "1,2,3"),
        ({"decimal": ","}, "1.000,5"),
        ({"decimal": ",", "thousands": "."}, "1.5"),
        ({"decimal": ",", "thousands": "."}, "12.34.567"),
        ({"decimal": ",", "thousands": "."}, "1234.567"),
        ({"decimal": ",", "thousands": "."}, "1,234.5"),
        ({"decimal": ",", "thousands": "."}, "1.234,5.6"),
        ({"decimal": ",", "thousands": "."}, ".123"),
        ({"thousands": ","}, "1,23"),
        ({"thousands": ","}, ",123"),
        ({}, "1,5"),
    ],
)
def test_a_mark_out_of_place_is_a_reject(marks: dict[str, object], value: str) -> None:
    found = read(f"b\n{value}\n", {"b": "double"}, {"delimiter": ";"} | marks)
    assert found.rows == []
    [(_, line, column, reason)] = found.reasons
    assert (line, column) == (2, "b")
    assert f"'{value}' is not a double" in reason
    assert "decimal ','" in reason or marks.get("decimal") is None


def test_not_a_number_is_named_as_such_with_marks_too() -> None:
    found = read("b\nNaN\n-inf\n1e400\n", {"b": "double"}, {"decimal": ","})
    assert ["finite" in reason for *_, reason in found.reasons] == [True, True, True]


def test_quotes() -> None:
    columns = {"a": "text", "b": "text"}
    found = read("a,b\n'x,\n''y''',z\n", columns, {"quote": "'"})
    assert found.rows == [("x,\n'y'", "z")]
    found = read('a,b\n5" gun,"\n', columns, {"quote": "none"})
    assert found.rows == [('5" gun', '"')]
    found = read('a,b\n5" gun,"\nbad\n', columns, {"quote": "none"})
    assert found.rows == [('5" gun', '"')]
    assert found.reasons == [(2, 3, None, "the record has 1 fields, the header has 2")]
    with pytest.raises(ContractError, match="line 2: a quote is out of place"):
        read("a,b\n5' gun,x\n", columns, {"quote": "'"})


def test_lines_before_the_header() -> None:
    extract = {"skip_lines": 2}
    content = '"Report" of 5" things\n\nb\n1\nx\n'
    found = read(content, {"b": "double"}, extract)
    assert found.rows == [(1.0,)]
    assert found.reasons == [(2, 5, "b", "'x' is not a double")]
    with pytest.raises(ContractError, match=r"line 3: .*'c' is not in the contract"):
        read("x\ny\nc\n1\n", {"b": "double"}, extract)
    for short in ("x", "x\n", "x\ny"):
        with pytest.raises(ContractError, match=r"has only \d line.* skips 2"):
            read(short, {"b": "double"}, extract)


def test_no_header() -> None:
    columns = {"a": "bigint", "b": "double"}
    assert read("1,2.5\n3,4\n", columns, {"header": False}).rows == [(1, 2.5), (3, 4.0)]
    assert read("2.5,1\n", columns, {"header": ["B", "a"]}).rows == [(1, 2.5)]
    assert read("1,2.5,\n", columns, {"header": False, "trailing_delimiter": True}).rows == [
        (1, 2.5)
    ]
    optional = columns | {"b": {"data_type": "double", "optional": True}}
    assert read("1\n", optional, {"header": ["a"]}).rows == [(1, None)]
    found = read("1,2\n1\n", columns, {"header": False})
    assert found.reasons == [(2, 2, None, "the record has 1 fields, the contract has 2")]
    with pytest.raises(ContractError, match=r"as the contract says \(header\): column 'b' is miss"):
        read("1\n", columns, {"header": ["a"]})


COMMENTED = """# "odd
a,b
# one
1,"x
# no comment
y"
# two, "three"
#
bad
2,z
#last"""


def test_comments() -> None:
    columns = {"a": "bigint", "b": "text"}
    found = read(COMMENTED, columns, {"comment": "#"})
    assert found.rows == [(1, "x\n# no comment\ny"), (2, "z")]
    assert found.reasons == [(2, 9, None, "the record has 1 fields, the header has 2")]
    assert found.byte_count == len(COMMENTED)
    with pytest.raises(ContractError, match="line 6: a quote is out of place"):
        read('#\na,b\n#\n1,x\n#\n1,"x\n', columns, {"comment": "#"})
    with pytest.raises(ContractError, match="line 5: holds a NUL byte"):
        read("#\na,b\n#\n1,x\n1,\0\n", columns, {"comment": "#"})
    with pytest.raises(ContractError, match="line 5: byte 0xff is not valid"):
        read(b"#\na,b\n#\n1,x\n1,\xff\n", columns, {"comment": "#"})


LINE = st.sampled_from(["#", '#"', "# x", "1,a", '2,"b"', '3,"c\n#d"', '4,"\n"', "5,#", "6"])


@settings(max_examples=300, deadline=None)
@given(lines=st.lists(LINE, max_size=12), size=st.integers(1, 40), final=st.booleans())
def test_comments_and_block_boundaries(lines: list[str], size: int, final: bool) -> None:
    """Compare with the rows of the same file without its comments, each with its line."""
    content = "\n".join(["a,b", *lines]) + ("\n" if final else "")
    kept, expected, line = ["a,b"], [], 2
    for text_line in lines:
        if not text_line.startswith("#"):
            kept.append(text_line)
            expected.append((line, text_line))
        line += 1 + text_line.count("\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", size)
        table = table_of({"a": "bigint", "b": "text"}, {"comment": "#"})
        found = read_table(content.encode(), table)
    rows = list(csv.reader(io.StringIO("\n".join(kept))))[1:]
    assert found.rows == [(int(row[0]), row[1]) for row in rows if len(row) == 2]
    assert [(r.source_line, r.raw_text) for r in found.rejects] == [
        (line, raw) for line, raw in expected if "," not in raw
    ]


@pytest.mark.parametrize("size", range(1, 24))
def test_quoted_newlines_may_be_cut_anywhere(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", size)
    content = 'a,b\n1,"x\n\ny\n"\n2,z\n3,"w"\n'
    found = read(content, {"a": "bigint", "b": "text"}, {})
    assert found.rows == [(1, "x\n\ny\n"), (2, "z"), (3, "w")]


ENCODINGS = ["shift_jis", "gb18030", "big5", "euc_jp", "iso2022_jp", "hz", "utf-7", "utf-16"]


@example(values=["ソ"], encoding="shift_jis", size=1)  # its second byte is a backslash
@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.text(st.sampled_from("aZ9\\~日本ソ能表")), min_size=1, max_size=4),
    encoding=st.sampled_from(ENCODINGS),
    size=st.integers(1, 9),
)
def test_characters_may_be_cut_anywhere(values: list[str], encoding: str, size: int) -> None:
    content = "".join(f"{number},{value}\n" for number, value in enumerate(values))
    try:
        data = f"a,b\n{content}".encode(encoding)
    except UnicodeEncodeError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", size)
        table = table_of({"a": "bigint", "b": "text"}, {"encoding": encoding, "null_values": ["-"]})
        found = read_table(data, table)
    assert found.rows == list(enumerate(values))


@pytest.mark.fault("field that is too long", outcome="refused")
def test_fields_have_a_longest_length() -> None:
    columns = {"a": "bigint", "b": "text"}
    extract = {"limits": {"max_field_bytes": 10}}
    assert read("a,b\n1,äääää\n", columns, extract).rows == [(1, "äääää")]
    for bad in ("", "bad\n"):
        with pytest.raises(ContractError, match=r"line 3: a field of column b is longer than 10"):
            read(f"a,b\n1,x\n1,äääääx\n{bad}", columns, extract)


def test_a_header_whose_quote_is_never_closed_is_soon_refused() -> None:
    with pytest.raises(ContractError, match="line 1: the header is longer than 1 MiB"):
        read(b'a,"b\n' + b"x,y\n" * (1 << 20), {"a": "text"}, {})


@pytest.mark.parametrize(
    "value", ["2016-12-31T23:59:60Z", "2020-01-01T00:00:00.1234567Z", "2020-01-01 00:00:00.0000001"]
)
def test_moments_that_cannot_be_kept_are_rejects(value: str) -> None:
    found = read(f"t\n{value}\n", {"t": "timestamp"}, {})
    assert [column for _, _, column, _ in found.reasons] == ["t"]
    assert read("t\n2020-01-01T00:00:00.123456000Z\n", {"t": "timestamp"}, {}).rejects == []


OPTIONS = [
    {},
    {"quote": "'"},
    {"quote": "none"},
    {"decimal": ",", "delimiter": ";"},
    {"decimal": ",", "thousands": ".", "quote": "none"},
    {"thousands": " ", "null_values": ["-"]},
    {"null_values": []},
    {"limits": {"max_field_bytes": 3}},
    {"header": False, "trailing_delimiter": True},
]
FIELDS = st.sampled_from(
    [
        *("1", "2.5", "-1,5", "1.234", "1,234", "1 234", "", "-", "x", "abcd", "1e3", "NaN", "."),
        *('"', "'", '"a"', "'a'", "'a,b'", '"a;b"', '"""', "''", "'1'", '"1"', '"2,5"', "5'", '5"'),
    ]
)


@example(records=[["1", "2", "3", "'a"]], option=2)
@example(records=[["1", "2", "3", "abcd"]], option=7)
@settings(max_examples=800, deadline=None)
@given(
    records=st.lists(st.lists(FIELDS, min_size=3, max_size=5), min_size=1, max_size=3),
    option=st.integers(0, len(OPTIONS) - 1),
)
def test_fast_is_slow_with_every_option(records: list[list[str]], option: int) -> None:
    table = table_of(COLUMNS, OPTIONS[option])
    extract = table.extracts[0]
    trailing = extract.trailing_delimiter is True
    data = "".join(extract.delimiter.join(record) + "\n" for record in records).encode()
    if misplaced_quote(data, extract.delimiter, extract.quote_mark) is not None:
        return
    block = Block(data, 2, data.count(b"\n"))
    binding = Binding(table, tuple(table.landed_columns))
    fast = parse_fast(block, binding, extract, trailing=trailing)
    if fast is None:
        return
    rows, rejects = parse_slow(block, binding, extract, "file", trailing=trailing)
    assert rejects == []
    assert fast.rows() == rows.rows()
    assert fast.schema == rows.schema


@pytest.mark.parametrize("option", range(len(OPTIONS)))
def test_plain_records_take_the_fast_path(option: int) -> None:
    table = table_of(COLUMNS, OPTIONS[option])
    extract = table.extracts[0]
    trailing = extract.trailing_delimiter is True
    plain = extract.delimiter.join(["1", "2", "3", "abc", *([""] if trailing else [])]) + "\n"
    binding = Binding(table, tuple(table.landed_columns))
    fast = parse_fast(Block(plain.encode(), 1, 1), binding, extract, trailing=trailing)
    assert fast is not None
    assert fast.rows() == [(0, 1, 2.0, Decimal(3), "abc")]


@pytest.mark.parametrize(
    ("extract", "words"),
    [
        ({"decimal": ";", "thousands": ";"}, "decimal and thousands are both"),
        ({"decimal": "5"}, "decimal"),
        ({"decimal": "-"}, "decimal"),
        ({"quote": ","}, "quote and delimiter are both"),
        ({"comment": ""}, "comment"),
        ({"comment": '"#'}, "begins like a field or a quote"),
        ({"header": False, "trailing_delimiter": "auto"}, "needs a header line"),
        ({"skip_lines": -1}, "skip_lines"),
        ({"format": "parquet", "delimiter": ";"}, "delimiter means nothing for parquet, only for"),
        ({"files": ["a/**/b"]}, "all folders are searched anyway"),
        ({"limits": {"max_field_bytes": 1 << 40}}, "max_field_bytes"),
        ({"limits": {"max_rows": 1}}, "max_rows"),
    ],
)
def test_a_contract_that_means_nothing_is_refused(extract: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        table_of({"a": "text"}, extract)
