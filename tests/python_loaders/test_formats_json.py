"""JSON documents: where the array is, what stands around it, and how a broken one is refused."""

import io
import json
import re
from decimal import Decimal

import ijson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read, read_table, table_of

from python_loaders.errors import ContractError
from python_loaders.extract import text
from python_loaders.extract.json_document import JsonDocument
from python_loaders.extract.json_values import Number, Pairs

JSON = {"format": "json"}
COLUMNS = {"n": "bigint", "s": {"data_type": "text", "optional": True}}
ROWS = [(1, "a"), (2, None)]
ARRAY = '[{"n": 1, "s": "a"}, {"n": 2}]'


@pytest.mark.parametrize(
    ("document", "records"),
    [
        (ARRAY, None),
        (f"\ufeff \r\n\t{ARRAY}\n\n", None),
        (f'{{"data": {ARRAY}}}', "/data"),
        (f'{{"count": 2, "next": null, "data": {ARRAY}, "more": {{"data": [[1.5e3]]}}}}', "/data"),
        (f'{{"a": {{"x": "[{{", "a": {ARRAY}}}, "b": []}}', "/a/a"),
        (f'{{"a/b": {{"~": {ARRAY}}}}}', "/a~1b/~0"),
        (f'{{"\\u0061": {ARRAY}}}', "/a"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 7, 1 << 20])
def test_the_array_is_found(
    monkeypatch: pytest.MonkeyPatch, document: str, records: str | None, size: int
) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", size)
    found = read(document, COLUMNS, JSON | ({"records": records} if records else {}))
    assert found.rows == ROWS
    assert found.rejects == []
    assert found.byte_count == len(document.encode())


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        ("9007199254740993", 2**53 + 1),
        ("null", None),
        ('"7"', 7),
        ("-0", 0),
    ],
)
def test_values(value: str, typed: int | None) -> None:
    assert read(f'[{{"n": {value}}}]', COLUMNS, JSON).rows == [(typed, None)]


def test_digits_are_kept() -> None:
    columns = {"d": "decimal(38,10)", "x": "double"}
    digits = "1234567890123456789012345678.0123456789"
    found = read(f'[{{"d": {digits}, "x": -0.0}}]', columns, JSON)
    assert found.rows == [(Decimal(digits), 0.0)]
    assert str(found.rows[0][1]) == "-0.0"


PRETTY = """{
  "data": [
    {"n": 1},
    {
      "n": 2.5
    },
    7,
    {"n": 3, "n": 4},
    {"s": "x"},
    {"n": 5, "s": 6}
  ]
}"""


def test_rejects_have_their_line_and_text() -> None:
    found = read(PRETTY, COLUMNS, JSON | {"records": "/data"})
    assert found.rows == [(1, None)]
    assert found.reasons == [
        (2, 4, "n", "'2.5' is not a bigint"),
        (3, 7, None, "the record is a number, not an object"),
        (4, 8, "n", "the field 'n' is there twice"),
        (5, 9, "n", "the record lacks the field, and it is not optional"),
        (6, 10, "s", "6 is a number, the contract says text"),
    ]
    assert found.rejects[0].raw_text == '{\n      "n": 2.5\n    }'


@pytest.mark.parametrize(
    ("document", "records", "words"),
    [
        ("", None, "the file is empty"),
        (" ", None, r"not a whole JSON document \(expected \[, found its end\)"),
        (ARRAY[:-1], None, r"not a whole JSON document \(expected , or \], found its end\)"),
        (ARRAY[:-2], None, "not a whole JSON document"),
        (ARRAY[:10], None, "not a whole JSON document"),
        ('[{"n": 1}', None, "not a whole JSON document"),
        (f'{{"data": {ARRAY}', "/data", r"expected , or \}, found its end"),
        (f'{{"data": {ARRAY}, "x"', "/data", "not a whole JSON document"),
        (f'{{"data": {ARRAY}, "x": tru}}', "/data", "not a whole JSON document"),
        ('[{"n": 1},]', None, "not a whole JSON document"),
        ('[{"n": 1} {"n": 2}]', None, r"expected , or \], found '\{'"),
        ('[{"n": 01}]', None, "not a whole JSON document"),
        ("[{'n': 1}]", None, "not a whole JSON document"),
        (ARRAY + ARRAY, None, r"after its end follows '\['"),
        (ARRAY + "]", None, "after its end follows"),
        ('{"n": 1}\n{"n": 2}\n', None, r"line 1: expected an array at /, found an object.*records"),
        (f"\n\n{ARRAY}", "/data", "line 3: expected an object at /, found an array"),
        ('{"data": {"n": 1}}', "/data", "expected an array at /data, found an object"),
        ('{"data": 7}', "/data", "expected an array at /data, found a value"),
        (f'{{"rows": {ARRAY}, "b": 1}}', "/data", "no key 'data' .* There is: rows, b"),
        ('{"a": {}}', "/a/b", "no key 'b' on the way to /a/b. There is: nothing"),
        (f'{{"a": {ARRAY}, "a": {ARRAY}}}', "/a", "the key 'a' is there twice"),
        (f'{{"x": {"[" * 200}{"]" * 200}, "a": {ARRAY}}}', "/a", "nested too deeply"),
        (f'[{{"s": {"[" * 200_000}{"]" * 200_000}}}]', None, "nested too deeply"),
        ('[{"n": 1}, {"m": 1}]', None, "line 1: .*'m' is not in the contract"),
        (b'[{"n": 1},\n{"s": "\xff"}]', None, "line 2: byte 0xff is not valid utf-8"),
        (b'[{"n": 1},\n{"s": "\xc3', None, "line 2: byte 0xc3 is not valid utf-8"),
        (ARRAY.encode("utf-16"), None, "the file is UTF-16"),
        ('[{"s": "' + "a" * 60 + '", "n": 1}]', None, "a field of column s is longer than 50"),
        ('[{"n": 1, "s": "a\0"}]', None, r"not a whole JSON document \(Invalid control character"),
    ],
)
def test_refusals(document: str | bytes, records: str | None, words: str) -> None:
    extract = JSON | {"limits": {"max_field_bytes": 50}}
    with pytest.raises(ContractError, match=words):
        read(document, COLUMNS, extract | ({"records": records} if records else {}))


def test_a_value_without_end_is_refused_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_loaders.extract.json_document.MAX_RECORD_BYTES", 1 << 20)
    monkeypatch.setattr(text, "BLOCK_BYTES", 1 << 18)
    with pytest.raises(ContractError, match="line 2: a value is longer than 1 MiB"):
        read('[\n{"s": "' + "a" * (8 << 20), COLUMNS, JSON)


def test_an_error_is_noticed_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake early in a record does not make the reader look for the record's end."""
    monkeypatch.setattr(text, "BLOCK_BYTES", 1000)
    reads = []
    real = JsonDocument._read
    monkeypatch.setattr(JsonDocument, "_read", lambda self: reads.append(1) or real(self))
    with pytest.raises(ContractError, match="line 1: "):
        read('[{"n": oops, "s": "' + "a" * 100_000 + '"}]', COLUMNS, JSON)
    assert len(reads) < 5


def test_other_encodings() -> None:
    document = '[{"n": 1, "s": "é"}]'
    for encoding in ("latin-1", "utf-16", "utf-32"):
        extract = JSON | {"encoding": encoding}
        assert read(document.encode(encoding), COLUMNS, extract).rows == [(1, "é")]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner))
)


def plain(value: object) -> object:
    """Return a value as ijson gives it."""
    if isinstance(value, Number):
        return Decimal(value) if re.search("[.eE]", value) else int(value)
    if isinstance(value, Pairs):
        return {key: plain(item) for key, item in value}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


@settings(max_examples=120, deadline=None)
@given(
    before=st.dictionaries(TEXT.filter("rows".__ne__), VALUES, max_size=2),
    rows=st.lists(VALUES, max_size=4),
    after=st.dictionaries(TEXT.filter("rows".__ne__), VALUES, max_size=2),
    indent=st.sampled_from([None, 0, 2]),
    ascii_only=st.booleans(),
    size=st.integers(1, 80),
)
def test_every_value_is_found_as_another_reader_finds_it(
    before: dict[str, object],
    rows: list[object],
    after: dict[str, object],
    indent: int | None,
    ascii_only: bool,
    size: int,
) -> None:
    whole = before | {"rows": rows} | after
    document = json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
    found, texts = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "BLOCK_BYTES", size)
        walk = JsonDocument(io.BytesIO(document.encode()), "utf-8", "file")  # type: ignore[arg-type]
        for key in walk.members():
            if key == "rows":
                for _ in walk.elements():
                    value, raw, _ = walk.value()
                    found.append(plain(value))
                    texts.append(raw)
            else:
                walk.skip()
        assert walk.peek() == ""
    items = ijson.items(io.BytesIO(document.encode()), "rows.item")
    assert found == list(items)
    assert [json.loads(raw) for raw in texts] == rows
    assert walk.line == document.count("\n") + 1


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_loaders.extract.batch.BATCH_RECORDS", 3)
    records = [{"n": n if n % 4 else "x"} for n in range(20)]
    found = read_table(json.dumps(records).encode(), table_of(COLUMNS, JSON))
    assert [n for n, _ in found.rows] == [n for n in range(20) if n % 4]
    assert [reject.source_row for reject in found.rejects] == [1, 5, 9, 13, 17]
