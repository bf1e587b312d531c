"""NDJSON: what is a row, what a reject, what refuses the delivery; and the fast path is right."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading import Read, read, table_of

from python_loaders.errors import ContractError
from python_loaders.extract import ndjson, ndjson_fast, text
from python_loaders.extract.blocks import Block
from python_loaders.extract.keys import Keys
from python_loaders.extract.ndjson import parse_slow
from python_loaders.extract.ndjson_fast import parse_fast

NDJSON = {"format": "ndjson"}
COLUMNS = {
    "n": "bigint",
    "d": "decimal(6,2)",
    "x": "double",
    "s": {"data_type": "text", "aliases": ["Text"]},
    "b": "boolean",
    "t": {"data_type": "timestamp", "optional": True},
}
RECORD = {"n": "1", "d": "2.50", "x": "0.5", "s": '"a"', "b": "true", "t": '"2020-01-01T00:00:00Z"'}
ROW = (1, Decimal("2.50"), 0.5, "a", True, dt.datetime(2020, 1, 1))  # noqa: DTZ001


def line(**changes: str | None) -> str:
    """Return a record, each value as it is written in JSON; None leaves the key out."""
    items = {key: value for key, value in (RECORD | changes).items() if value is not None}
    return "{" + ", ".join(f'"{key}": {value}' for key, value in items.items()) + "}\n"


def one(**changes: str | None) -> Read:
    return read(line(**changes), COLUMNS, NDJSON)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({}, 0, 1),
        ({"n": "9223372036854775807"}, 0, 2**63 - 1),
        ({"n": "9007199254740993"}, 0, 2**53 + 1),
        ({"n": "-0"}, 0, 0),
        ({"n": '"12"'}, 0, 12),
        ({"n": "null"}, 0, None),
        ({"d": "1234.50000"}, 1, Decimal("1234.50")),
        ({"d": "1.5e3"}, 1, Decimal(1500)),
        ({"d": "15e-1"}, 1, Decimal("1.5")),
        ({"d": '"2.5"'}, 1, Decimal("2.5")),
        ({"x": "3"}, 2, 3.0),
        ({"x": "1E5"}, 2, 1e5),
        ({"x": "0.1"}, 2, 0.1),
        ({"x": "123456789012345678901234567890"}, 2, 123456789012345678901234567890.0),
        ({"s": '""'}, 3, ""),
        ({"s": '"NA"'}, 3, "NA"),
        ({"s": '"\\u00e9\\n\\"\\ud83d\\ude00\\\\"'}, 3, 'é\n"😀\\'),
        ({"s": '"{}: null,"'}, 3, "{}: null,"),
        ({"s": "null"}, 3, None),
        ({"s": '{"a": [1.50, null, "\\u00e9"], "a": {}}'}, 3, '{"a":[1.50,null,"é"],"a":{}}'),
        ({"s": "[ ]"}, 3, "[]"),
        ({"s": None, "TEXT": '"b"'}, 3, "b"),
        ({"b": "false"}, 4, False),
        ({"b": '"yes"'}, 4, True),
        ({"b": "0"}, 4, False),
        ({"t": "null"}, 5, None),
        ({"t": None}, 5, None),
    ],
)
def test_values(changes: dict[str, str | None], column: int, value: object) -> None:
    found = one(**changes)
    assert found.rejects == []
    assert found.rows == [(*ROW[:column], value, *ROW[column + 1 :])]


def test_null_markers_hold_for_what_is_written_like_them() -> None:
    columns = {"n": "bigint", "b": "boolean"}
    found = read('{"n": -999, "b": false}\n', columns, NDJSON | {"null_values": ["-999", "false"]})
    assert found.rows == [(None, None)]
    found = read('{"s": "NA"}\n{"s": ""}\n', {"s": "text"}, NDJSON | {"null_values": ["NA"]})
    assert found.rows == [(None,), ("",)]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"n": "1.0"}, "n", "'1.0' is not a bigint"),
        ({"n": "1e3"}, "n", "'1e3' is not a bigint"),
        ({"n": "9223372036854775808"}, "n", "'9223372036854775808' is not a bigint"),
        ({"n": '""'}, "n", "'' is not a bigint"),
        ({"n": "true"}, "n", "'true' is not a bigint"),
        ({"n": "[1]"}, "n", "a list is not a bigint"),
        ({"n": '{"a": 1}'}, "n", "an object is not a bigint"),
        ({"n": None}, "n", "the record lacks the field, and it is not optional"),
        ({"n": None, "N": "1", "n ": None, "Text": '"b"'}, "s", "the field 'Text' is there twice"),
        ({"n": '1, "n": 1'}, "n", "the field 'n' is there twice"),
        ({"n": '1, "N": null'}, "n", "the field 'N' is there twice"),
        ({"d": "12345.1"}, "d", "'12345.1' is not a decimal(6,2)"),
        ({"d": "1.005"}, "d", "'1.005' is not a decimal(6,2)"),
        ({"d": "1e9"}, "d", "'1e9' is not a decimal(6,2)"),
        ({"x": "1e400"}, "x", "'1e400' is not a finite number"),
        ({"x": "NaN"}, "x", "'NaN' is not a finite number"),
        ({"x": "-Infinity"}, "x", "'-Infinity' is not a finite number"),
        ({"s": "12"}, "s", "12 is a number, the contract says text"),
        ({"s": "true"}, "s", "true is a boolean, the contract says text"),
        ({"s": "NaN"}, "s", "NaN is a number, the contract says text"),
        ({"s": '"a\\u0000"'}, "s", "'a\\x00' holds a NUL character"),
        ({"s": '"\\ud83d"'}, "s", "'\\ud83d' holds half a character"),
        ({"s": '["\\ud83d"]'}, "s", "holds half a character"),
        ({"b": '"maybe"'}, "b", "'maybe' is not a boolean"),
        ({"t": '"2020-02-30T00:00:00Z"'}, "t", "'2020-02-30T00:00:00Z' is not a timestamp like"),
        ({"t": "20200101"}, "t", "'20200101' is not a timestamp like"),
        ({"n": "01"}, None, "the line is not one JSON object"),
        ({"n": "+1"}, None, "the line is not one JSON object"),
        ({"n": "1,"}, None, "the line is not one JSON object"),
        ({"s": '"a\tb"'}, None, "the line is not one JSON object (Invalid control character"),
        ({"s": "[" * 100_000}, None, "nested too deeply"),
    ],
)
def test_rejects(changes: dict[str, str | None], column: str | None, reason: str) -> None:
    bad = line(**changes)
    found = read(line() + bad + line(), COLUMNS, NDJSON)
    assert found.rows == [ROW, ROW]
    [reject] = found.rejects
    assert (reject.source_row, reject.source_line, reject.column_name) == (2, 2, column)
    assert reason in reject.reason
    assert reject.raw_text == bad.removesuffix("\n")[:65_536]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("", "the line is blank"),
        ("  \t", "the line is blank"),
        ("null", "the record is null, not an object"),
        ("1", "the record is a number, not an object"),
        ("[]", "the record is a list, not an object"),
        ('"x"', "the record is a text, not an object"),
        ("true", "the record is a boolean, not an object"),
        (line().strip() * 2, "the line is not one JSON object (Extra data"),
        (f"{line().strip()} null {line().strip()}", "the line is not one JSON object (Extra data"),
        ("{", "the line is not one JSON object"),
        ("# comment", "the line is not one JSON object"),
        ("{}", "the record lacks the field"),
    ],
)
def test_lines_that_are_no_records(bad: str, reason: str) -> None:
    found = read(f"{line()}{bad}\n{line()}", COLUMNS, NDJSON)
    assert found.rows == [ROW, ROW]
    [(row, number, _, said)] = found.reasons
    assert (row, number) == (2, 2)
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        (line(u="1"), "line 1: column 'u' is not in the contract"),
        (line() + line(u="1"), r"line 2: column 'u' is not in the contract\. Ask for"),
        (line() + line()[:-2], "line 2: the file ends inside of a record"),
        (line() + line()[:30], "line 2: the file ends inside of a record"),
        (line().encode() + b'{"n": "\xff"}\n', "line 2: byte 0xff is not valid utf-8"),
        (line() + '{"n": "\0"}\n', "line 2: holds a NUL byte"),
        (line().encode("utf-16"), "the file is UTF-16"),
        (line().encode("utf-16-le"), "line 1: holds a NUL byte"),
        (line(s='"' + "a" * 100 + '"'), "line 1: a field of column s is longer than 50 bytes"),
    ],
)
def test_refusals(content: str | bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        read(content, COLUMNS, NDJSON | {"limits": {"max_field_bytes": 50}})


@pytest.mark.parametrize(
    "content",
    [
        line().replace("\n", "\r\n") * 2,
        line().replace("\n", "\r") * 2,
        "\ufeff" + line() * 2,
        (line() * 2).removesuffix("\n"),
        "  " + line() + line().replace("\n", "  \n"),
    ],
)
def test_line_ends_and_marks(content: str) -> None:
    assert read(content, COLUMNS, NDJSON).rows == [ROW, ROW]


def test_a_renamed_key_is_guessed() -> None:
    with pytest.raises(ContractError, match=r"'hieght' is not .* \(looks renamed from 'height'\)"):
        read('{"hieght": 1}\n', {"height": "bigint"}, NDJSON)


def test_declared_encodings_are_decoded() -> None:
    columns, record = {"s": "text"}, '{"s": "é"}\n'
    for encoding in ("latin-1", "utf-16", "utf-16-be"):
        extract = NDJSON | {"encoding": encoding}
        assert read(record.encode(encoding), columns, extract).rows == [("é",)]


def test_fields_inside_of_others() -> None:
    columns = {
        "id": "bigint",
        "lat": {"data_type": "double", "aliases": ["position/lat"]},
        "lon": {"data_type": "double", "aliases": ["position/lon"], "optional": True},
    }
    content = '{"id": 1, "position": {"lat": 2.5, "lon": 3}}\n{"id": 2, "position": {"lat": 4}}\n'
    assert read(content, columns, NDJSON).rows == [(1, 2.5, 3.0), (2, 4.0, None)]
    with pytest.raises(ContractError, match="'position/height' is not in the contract"):
        read('{"id": 1, "position": {"lat": 2, "height": 3}}\n', columns, NDJSON)
    found = read('{"id": 1, "position": null, "lat": 1}\n', columns | {"position": "text"}, NDJSON)
    assert found.rows == [(1, 1.0, None, None)]


def test_delivered_are_the_columns_that_any_record_holds() -> None:
    assert one(t=None).delivered == ["n", "d", "x", "s", "b"]
    found = read(line(t=None) + line(), COLUMNS, NDJSON)
    assert found.delivered == ["n", "d", "x", "s", "b", "t"]


def test_orders_of_keys_do_not_fill_the_memory() -> None:
    columns = {f"c{n}": {"data_type": "bigint", "optional": True} for n in range(11)}
    table = table_of(columns, NDJSON)
    keys = Keys(table, "file")
    for bits in range(1, 1 << 11):
        keys.place([(f"c{n}", n) for n in range(11) if bits >> n & 1], 1)
    assert len(keys._orders) == 1000


def test_one_of_several_columns_is_required() -> None:
    columns = {name: {"data_type": "bigint", "optional": True} for name in "ab"}
    found = read('{"a": 1}\n{}\n{"b": 2}\n', columns, NDJSON, require_any=[["a", "b"]])
    assert found.rows == [(1, None), (None, 2)]
    assert found.reasons == [(2, 2, None, "none of the fields 'a', 'b' is in the record")]


def test_block_boundaries_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(line(n=str(n), s=json.dumps("é" * (n % 9))) for n in range(300))
    whole = read(content, COLUMNS, NDJSON)
    monkeypatch.setattr(text, "BLOCK_BYTES", 200)
    assert read(content, COLUMNS, NDJSON).rows == whole.rows
    assert [row[0] for row in whole.rows] == list(range(300))


def test_plain_records_take_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "parse_slow", None)
    python = "".join(
        json.dumps({"n": n, "d": 1.5, "x": None, "s": 'é"\\\n', "b": True, "t": None}) + "\n"
        for n in range(3)
    )
    assert len(read(python, COLUMNS, NDJSON).rows) == 3
    assert len(read(line(s='"\\\\"') * 2, COLUMNS, NDJSON).rows) == 2
    compact = '{"t":"2020-01-01T00:00:00Z","b":false,"s":null,"n":null,"d":null,"x":-1}\n'
    assert len(read(compact * 3, COLUMNS, NDJSON).rows) == 3


VALUES = st.sampled_from(
    [
        *("1", "-0", "1.0", "2.50", "1e2", "1E-1", "0.1", "1e400", "12345.1", "9007199254740993"),
        *("9223372036854775808", "NaN", "Infinity", "-Infinity", "null", "true", "false", "01"),
        *('"a"', '""', '"1"', '"1.5"', '"NA"', '"\\""', '"\\\\"', '"\\\\\\""', '"\\u0000"', '":"'),
        *('"\\ud800"', '"{"', '"}"', '"\\n"', '" 1 "', '"true"', '"2020-01-01T00:00:00Z"', '"é"'),
        *('"2020-01-01 00:00:00"', '"\\",\\"n\\":"', '[]', '{}', '{"n": 1}', '"a\tb"', '1, "n": 2'),
        *('".5"', '"5."', '"+1"', '"1e2"', '":"', '"::"', '"\\":"', '"\\u0022:"', '"\\u003a"'),
        *('1, "x": null', "", "1 ", "null}", '1} {"n": 1', '1}null{"n": 1', '"\r"', "1\r", "//"),
    ]
)  # fmt: skip
KEYS = st.sampled_from([*COLUMNS, "Text", "N", "\\u006e", "u"])
CHANGES = st.dictionaries(KEYS, st.one_of(VALUES, VALUES, st.none()), max_size=3)
LINES = st.one_of(
    st.just(line()),
    st.just(line()),
    CHANGES.map(lambda changes: line(**changes)),
    st.sampled_from(["", " ", "null", "{}", "[]"]).map("{}\n".format),
)


@example(lines=[line(x=None), line(x='1, "x": 2')], final=True, markers=[])
@example(lines=[line(), line(x=None, s='"\\",\\"x\\":null"')], final=True, markers=[])
@example(lines=[line(), line(n=None, d='"1"')], final=True, markers=[])
@example(lines=[line(), line(n=None, s='":"')], final=True, markers=[])
@example(lines=[line(), line(n=None, s='"\\":"')], final=True, markers=[])
@example(lines=[line(), line(n="1.0", x="100")], final=True, markers=["1", "100"])
@example(lines=["null\n"], final=True, markers=[])
@example(lines=[line().strip() + line(), "\n", line()], final=False, markers=[])
@example(lines=[line(), line(d="12345.1")], final=True, markers=[])
@settings(max_examples=1500, deadline=None)
@given(
    lines=st.lists(LINES, min_size=1, max_size=3),
    final=st.booleans(),
    markers=st.sampled_from([[], ["NA"], ["", "NA"], ["1", "2.50"], ["true", "-0", "1e2"]]),
)
def test_fast_is_slow(lines: list[str], final: bool, markers: list[str]) -> None:
    content = "".join(lines).removesuffix("" if final else "\n").encode()
    table = table_of(COLUMNS, NDJSON | {"null_values": markers})
    if not content:
        return
    keys, extract = Keys(table, "file"), table.extracts[0]
    block = Block(content, 1, content.count(b"\n") + (not content.endswith(b"\n")))
    fast = parse_fast(block, keys, extract)
    if fast is None:
        return
    delivered = keys.delivered
    rows, rejects = parse_slow(block, keys, extract, "file")
    assert rejects == []
    columns = rows.select(fast.columns)  # the careful path holds those that are lacking, too
    assert fast.rows() == columns.rows()
    assert fast.schema == columns.schema
    lacking = rows.drop(fast.columns)
    assert sum(lacking.null_count().row(0)) == lacking.width * lacking.height
    assert keys.delivered == delivered


def test_arrow_never_sees_anything_but_objects() -> None:
    """It dies of `null` outside of an object, and takes the whole process along."""
    for content in (
        b"null\n",
        b'{"n":1}null{"n":2}\n',
        b'{"n":1}\nnull\n',
        b'{"n":1}\n\n{"n":1}\n',
    ):
        assert not ndjson_fast._has_one_object_per_line(content, content.count(b"\n"))
    assert ndjson_fast._has_one_object_per_line(b'{"n":1}\n{"n":1}', 2)
