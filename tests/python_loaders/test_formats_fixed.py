"""Fixed width: every character of a line is in a column, a declared blank, or a reject."""

import datetime as dt

import pytest
from pydantic import ValidationError
from reading import Read, read, table_of

from python_loaders.errors import ContractError

FIXED = {"format": "fixed", "trim": "right"}
COLUMNS = {
    "name": {"data_type": "text", "at": [1, 5]},
    "day": {"data_type": "date", "at": [7, 10]},
    "n": {"data_type": "integer", "at": [17, 4]},
}
LINE = "Abel  2020-02-29  12\n"
ROW = ("Abel", dt.date(2020, 2, 29), 12)


def one(line: str, **extract: object) -> Read:
    return read(line, COLUMNS, FIXED | extract)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (LINE, ROW),
        ("      2020-02-29  12\n", (None, *ROW[1:])),
        (" Abe  2020-02-29  12\n", (" Abe", *ROW[1:])),
        ("äöü€  2020-02-2912  \n", ("äöü€", *ROW[1:])),
        ("Abel                \n", ("Abel", None, None)),
        ("\t     2020-02-29  12\n", ("\t", *ROW[1:])),
    ],
)
def test_fields_stand_at_their_places(line: str, row: tuple[object, ...]) -> None:
    found = one(line)
    assert found.rejects == []
    assert found.rows == [row]


@pytest.mark.parametrize(
    ("trim", "value"), [("right", " a"), ("left", "a "), ("both", "a"), ("none", " a ")]
)
def test_blanks_that_fill_up_are_named_by_the_contract(trim: str, value: str) -> None:
    columns = {"s": {"data_type": "text", "at": [1, 3]}}
    assert read(" a \n", columns, {"format": "fixed", "trim": trim}).rows == [(value,)]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (LINE[:-2] + "\n", None, "the line has 19 characters, the contract 20"),
        (LINE.replace("12", "120"), None, "the line has 21 characters, the contract 20"),
        ("\n", None, "the line is blank"),
        (" " * 20 + "\n", None, "the line is blank"),
        (LINE.replace("l  ", "l x"), None, "at 6 to 6 stands 'x', where the contract has no col"),
        (LINE.replace("29", "30"), "day", "'2020-02-30' is not a date like %Y-%m-%d"),
        (LINE.replace("12", "1x"), "n", "'  1x' is not an integer"),
    ],
)
def test_rejects(line: str, column: str | None, reason: str) -> None:
    found = one(LINE + line + LINE)
    assert found.rows == [ROW, ROW]
    [(row, number, name, said)] = found.reasons
    assert (row, number, name) == (2, 2, column)
    assert said.startswith(reason)
    assert found.rejects[0].raw_text == line.removesuffix("\n")


def test_short_lines_are_filled_up_if_the_contract_says_so() -> None:
    content = "Abel\n" + LINE + "Abel  2020-02-29"
    assert [reject.source_row for reject in one(content).rejects] == [1, 3]
    found = one(content, short_lines=True)
    assert found.rows == [("Abel", None, None), ROW, (*ROW[:2], None)]
    assert "if the file was cut inside" in found.warnings[0]
    assert one(LINE, short_lines=True).warnings == []
    found = one("\nAbel  2020-02-29  120\n", short_lines=True)
    assert [reason for *_, reason in found.reasons] == [
        "the line is blank",
        "the line has 21 characters, the contract 20",
    ]


def test_lines_may_be_longer_than_the_columns() -> None:
    assert one(LINE[:-1] + "   \n", line_length=23).rows == [ROW]
    found = one(LINE[:-1] + "  x\n", line_length=23)
    assert "at 21 to 23 stands 'x'" in found.rejects[0].reason
    assert "the line has 20 characters, the contract 23" in one(LINE, line_length=23).reasons[0][3]


def test_columns_may_overlap() -> None:
    columns = COLUMNS | {"year": {"data_type": "smallint", "at": [7, 4]}}
    assert read(LINE, columns, FIXED).rows == [(*ROW, 2020)]


def test_comments_lines_to_skip_line_ends_and_encodings() -> None:
    content = f"NAMES AND DAYS\n* one\n{LINE}* two\nbad\n{LINE}"
    for end in ("\r\n", "\r"):
        found = one(content.replace("\n", end), skip_lines=1, comment="*")
        assert found.rows == [ROW, ROW]
        assert [(r.source_row, r.source_line) for r in found.rejects] == [(2, 5)]
    for encoding in ("latin-1", "utf-16", "cp037"):
        content = LINE.replace("Abel", "Äbel")
        found = read(content.encode(encoding), COLUMNS, FIXED | {"encoding": encoding})
        assert found.rows == [("Äbel", *ROW[1:])]


def test_number_marks() -> None:
    columns = {"x": {"data_type": "double", "at": [1, 9]}}
    extract = FIXED | {"decimal": ",", "thousands": "."}
    assert read("-1.234,50\n", columns, extract).rows == [(-1234.5,)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (LINE.encode().replace(b"A", b"\xc4"), "line 1: byte 0xc4 is not valid utf-8"),
        (LINE.encode().replace(b"A", b"\0"), "line 1: holds a NUL byte"),
        (LINE.encode("utf-16"), "the file is UTF-16"),
        (LINE.encode(), "a field of column day is longer than 9 bytes"),
    ],
)
def test_refusals(content: bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        read(content, COLUMNS, FIXED | {"limits": {"max_field_bytes": 9}})


def test_a_file_without_line_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_loaders.extract.blocks.MAX_RECORD_BYTES", 1 << 20)
    monkeypatch.setattr("python_loaders.extract.text.BLOCK_BYTES", 1 << 18)
    with pytest.raises(ContractError, match=r"line 1: a record is longer than 1 MiB.*line ends"):
        one(LINE.strip() * 200_000)


def test_block_boundaries_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    content = "".join(f"N{n:<5}2020-01-01{n % 10_000:>4}\n" for n in range(500))
    whole = one(content)
    monkeypatch.setattr("python_loaders.extract.text.BLOCK_BYTES", 100)
    assert one(content).rows == whole.rows
    assert len(whole.rows) == 500 - len(whole.rejects)


@pytest.mark.parametrize(
    ("columns", "extract", "words"),
    [
        (COLUMNS, {"format": "fixed"}, "trim is missing"),
        ({"a": "text"}, FIXED, r"column a: format fixed needs its place, `at: \[start, width\]`"),
        ({"a": {"data_type": "text", "at": [0, 5]}}, FIXED, "at.0"),
        ({"a": {"data_type": "text", "at": [1]}}, FIXED, "at"),
        ({"a": {"data_type": "text", "at": [1.5, 2]}}, FIXED, "at.0"),
        ({"a": {"data_type": "text", "optional": True}}, FIXED, "no column says where it is"),
        (COLUMNS, FIXED | {"line_length": 19}, "column n: ends at 20, behind line_length 19"),
        (COLUMNS, FIXED | {"delimiter": ";"}, "delimiter means nothing for fixed"),
    ],
)
def test_wrong_contracts(
    columns: dict[str, object], extract: dict[str, object], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        table_of(columns, extract)


def test_optional_columns_may_have_no_place() -> None:
    columns = COLUMNS | {"note": {"data_type": "text", "optional": True}}
    found = read(LINE, columns, FIXED)
    assert found.rows == [(*ROW, None)]
    assert found.delivered == ["name", "day", "n"]
