"""XML: fields by element and attribute, everything else a reject or a refusal."""

import datetime as dt
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from reading import Read, read, table_of

from python_loaders.errors import ContractError
from python_loaders.extract import xml

XML = {"format": "xml", "records": "/report/flight"}
COLUMNS = {
    "id": {"data_type": "bigint", "aliases": ["@id"]},
    "to": "text",
    "lat": {"data_type": "double", "aliases": ["position/@lat"], "optional": True},
    "note": {"data_type": "text", "aliases": ["position/note"], "optional": True},
}
FLIGHT = '<flight id="1"><to>JFK</to></flight>'
ROW = (1, "JFK", None, None)
NIL = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'


def one(*flights: str, **extract: object) -> Read:
    return read(f"<report>{''.join(flights)}</report>", COLUMNS, XML | extract)


@pytest.mark.parametrize(
    ("flight", "row"),
    [
        (FLIGHT, ROW),
        ("<flight><id> 1 </id><to>JFK</to></flight>", ROW),
        ('<flight id="1" to="JFK"/>', None),
        (
            "<flight\n id = '1'\n>\n <to>JFK</to>\n <position lat=\"2.5\"/>\n</flight>",
            (*ROW[:2], 2.5, None),
        ),
        (
            '<flight id="1"><to>JFK</to><position lat="2.5"><note>a</note></position></flight>',
            (*ROW[:2], 2.5, "a"),
        ),
        ('<flight id="1"><to><![CDATA[a<b>&amp;]]></to></flight>', (1, "a<b>&amp;", None, None)),
        ('<flight id="1"><to>a&lt;&amp;&#233;&#x1F600;</to></flight>', (1, "a<&é😀", None, None)),
        ('<flight id="1"><to> a\n b </to></flight>', (1, " a\n b ", None, None)),
        ('<flight id="1"><to/></flight>', (1, None, None, None)),
        ('<flight id="1"><to></to></flight>', (1, None, None, None)),
        ('<flight id="1"><!-- no --><to>J<!-- no -->F<?no?>K</to></flight>', ROW),
        ('<f:flight id="1" xmlns:f="x"><f:to>JFK</f:to></f:flight>', ROW),
        ('<flight id="1"><TO>JFK</TO></flight>', ROW),
        (f'<flight {NIL} id="1"><to x:nil="true"/></flight>', (1, None, None, None)),
    ],
)
def test_fields(flight: str, row: tuple[object, ...] | None) -> None:
    if row is None:
        with pytest.raises(ContractError, match="'@to' is not in the contract"):
            one(flight)
        return
    found = one(flight)
    assert found.rejects == []
    assert found.rows == [row]


def test_empty_and_null_differ_if_the_contract_says_so() -> None:
    nil = f'<flight {NIL} id="1"><to x:nil="1"/></flight>'
    found = one('<flight id="1"><to/></flight>', nil, null_values=[])
    assert [row[1] for row in found.rows] == ["", None]


def test_the_text_of_the_record_itself() -> None:
    columns = {
        "code": {"data_type": "text", "aliases": ["@code"]},
        "name": {"data_type": "text", "aliases": ["."]},
    }
    content = '<r><a code="JFK">New York</a><a code="LHR"> </a></r>'
    found = read(content, columns, {"format": "xml", "records": "/r/a"})
    assert found.rows == [("JFK", "New York")]
    assert found.reasons[0][2] == "name"


@pytest.mark.parametrize(
    ("flight", "column", "reason"),
    [
        ("<flight><to>JFK</to></flight>", "id", "the record lacks the field"),
        ('<flight id="1" />', "to", "the record lacks the field"),
        ("<flight>\n</flight>", "id", "the record lacks the field"),
        ('<flight id="1"><id>1</id><to>JFK</to></flight>', "id", "the field 'id' is there twice"),
        ('<flight id="1"><to>a</to><to>b</to></flight>', "to", "the field 'to' is there twice"),
        ('<flight id="1"><to>a</to><To>b</To></flight>', "to", "the field 'To' is there twice"),
        ('<flight id="1">x<to>a</to></flight>', None, "text stands beside elements in <flight>"),
        ('<flight id="1"><to>a</to>x</flight>', None, "text stands beside elements in <flight>"),
        (
            '<flight id="1"><to>a</to><position>x<note/></position></flight>',
            None,
            "text stands beside elements in <position>",
        ),
        ('<flight id="1.0"><to>a</to></flight>', "id", "'1.0' is not a bigint"),
        ('<flight id="9223372036854775808"><to>a</to></flight>', "id", "is not a bigint"),
        ('<flight id="1"><to>a</to><position lat="NaN"/></flight>', "lat", "not a finite number"),
        ('<flight id="1"><to>a</to><position lat="1e400"/></flight>', "lat", "not a finite number"),
        (f'<flight {NIL} id="1"><to x:nil="true">a</to></flight>', None, "<to> is nil, and not"),
        (
            '<flight xmlns:x="x" id="1" x:id="2"><to>a</to></flight>',
            None,
            "two attributes 'id' differ only in their namespace",
        ),
    ],
)
def test_rejects(flight: str, column: str | None, reason: str) -> None:
    found = one(FLIGHT, "\n", flight, FLIGHT)
    assert found.rows == [ROW, ROW]
    [(row, line, name, said)] = found.reasons
    assert (row, line, name) == (2, 2, column)
    assert reason in said
    assert found.rejects[0].raw_text == flight


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the file is empty"),
        (" ", "not a whole XML document"),
        ("{}", "line 1: not a whole XML document"),
        (f"<report>{FLIGHT}", r"line 1: not a whole XML document \(no element found"),
        (f"<report>{FLIGHT[:-3]}", "not a whole XML document"),
        (f"<report>\n{FLIGHT}</report>more", "line 2: not a whole XML document"),
        (f"<report>\n{FLIGHT}</report><more/>", "line 2: not a whole XML document"),
        ("<report><flight id='1'><to>a</too></flight></report>", r"mismatched tag"),
        ("<report><flight id='1' id='2'/></report>", r"duplicate attribute"),
        ("<report><flight id='1'><to>a&b</to></flight></report>", "not a whole XML document"),
        ("<report><flight id='1'><to>&who;</to></flight></report>", "undefined entity"),
        ("<report><flight id='1'><to>a\0</to></flight></report>", "not a whole XML document"),
        ("<report><flight id='1'><to>a&#0;</to></flight></report>", "not a whole XML document"),
        (f"<reports>{FLIGHT}</reports>", r"no element for /report/flight. There is: /reports, /re"),
        ("<report><flight id='1'><to>a</to><x/></flight></report>", r"'x' is not in the contract"),
        (
            "<report><flight id='1'><to>a</to><position x='1'/></flight></report>",
            "line 1: column .*'position/@x' is not in the contract",
        ),
        (
            "<report><flight id='1'><to>a</to><position><x>1</x></position></flight></report>",
            "'position/x' is not in the contract",
        ),
        ("<report><flight id='1' tto='a'/></report>", r"'@tto' is not in the contract"),
        (f"<report>{'<a>' * 200}{'</a>' * 200}</report>", "nested more than 100 deep"),
        (f"<report><flight>{'<a>' * 200}{'</a>' * 200}</flight></report>", "more than 100 deep"),
        ("<report><flight id='1'><to>" + "a" * 99 + "</to></flight></report>", "longer than 50"),
        (b"<report><flight id='1'><to>\xff</to></flight></report>", "not well-formed"),
        ('<?xml version="1.0" encoding="klingon"?><report/>', "not a whole XML document"),
    ],
)
def test_refusals(content: str | bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        read(content, COLUMNS, XML | {"limits": {"max_field_bytes": 50}})


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.fault("XML that attacks", outcome="refused")
@pytest.mark.parametrize(
    "document_type",
    [
        '<!DOCTYPE report SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE report [<!ENTITY who SYSTEM "file:///etc/passwd">]>',
        f'<!DOCTYPE report [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE report [<!ENTITY % p SYSTEM "http://localhost/x"> %p;]>',
        "<!DOCTYPE report>",
    ],
)
def test_document_types_and_entities_are_refused(document_type: str) -> None:
    for inside in ("&who;", "&l9;", ""):
        content = f"{document_type}<report><flight id='1'><to>{inside}</to></flight></report>"
        with pytest.raises(ContractError, match="line 1: holds a document type or entities"):
            read(content, COLUMNS, XML)


@pytest.mark.parametrize(
    ("encoding", "declared", "extract"),
    [
        ("utf-8", "", {}),
        ("utf-8-sig", "", {}),
        ("utf-16", "", {}),
        ("utf-16", "utf-16", {}),
        ("latin-1", "iso-8859-1", {}),
        ("windows-1252", "windows-1252", {}),
        ("latin-1", "", {"encoding": "iso-8859-1"}),
        ("latin-1", "utf-8", {"encoding": "iso-8859-1"}),
    ],
)
def test_encodings(encoding: str, declared: str, extract: dict[str, object]) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    bad = '<flight id="é"><to>ü</to></flight>'
    content = f'{head}<report><flight id="1"><to>é</to></flight>{bad}<flight id="2"/></report>'
    found = read(content.encode(encoding), COLUMNS, XML | extract)
    assert found.rows == [(1, "é", None, None)]
    assert found.rejects[0].raw_text == bad
    assert found.rejects[1].raw_text == '<flight id="2"/>'


def test_raw_texts_end_where_the_record_ends() -> None:
    flights = [
        '<flight id="x>y"/>',
        "<flight id='\"/>' />",
        '<flight id="x"><to a=">"/></flight  \n>',
        '<flight id="x"><flight/></flight>',
    ]
    columns = COLUMNS | {
        "a": {"data_type": "text", "aliases": ["to/@a"], "optional": True},
        "f": {"data_type": "text", "aliases": ["flight"], "optional": True},
    }
    found = read(f"<report>{''.join(flights)}</report>", columns, XML)
    assert [reject.raw_text for reject in found.rejects] == flights


def test_what_stands_around_the_records() -> None:
    content = f'<report at="now"><made>today</made>{FLIGHT}<flights/>{FLIGHT}<made/></report>'
    found = read(content, COLUMNS, XML)
    assert found.rows == [ROW, ROW]
    assert found.warnings == [
        "file: beside the records stand elements <made> (2), which are not read",
        "file: beside the records stand elements <flights> (1), which are not read",
    ]


@pytest.mark.parametrize(
    ("content", "records", "rows"),
    [
        (f"<a><b>{FLIGHT}</b><c>{FLIGHT}</c><b>{FLIGHT}</b></a>", "/a/b/flight", 2),
        (FLIGHT, "/flight", 1),
        ("<a><b/></a>", "/a/b/flight", 0),
        (f"<a>{FLIGHT}</a>", "/a/Flight", 0),
    ],
)
def test_paths(content: str, records: str, rows: int) -> None:
    assert len(read(content, COLUMNS, XML | {"records": records}).rows) == rows


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("xml", "xml_records"):
        monkeypatch.setattr(f"python_loaders.extract.{module}.MAX_RECORD_BYTES", 1 << 20)
    long = "a" * (2 << 20)
    for content in (f"<to>{long}</to>", "<to>ab</to>" * (1 << 19)):
        with pytest.raises(ContractError, match="line 1: a record is longer than 1 MiB"):
            one(f'<flight id="1">{content}</flight>')
    for content in (f'<flight id="{long}"/>', f"<!--{long}-->", f"<{long}/>"):
        with pytest.raises(ContractError, match=r"(tag or comment|record) is longer than 1 MiB"):
            one(content)
    assert one(FLIGHT, " " * (2 << 20), FLIGHT).rows == [ROW, ROW]


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")),
        max_size=4,
    ),
    size=st.integers(1, 60),
    encoding=st.sampled_from(["utf-8", "utf-16", "us-ascii"]),
    indent=st.booleans(),
)
def test_what_another_writer_writes(
    texts: list[str], size: int, encoding: str, indent: bool
) -> None:
    """Chunks end anywhere; raw texts are the records as they stand in the document."""
    root = ET.Element("report")
    for number, value in enumerate(texts):
        flight = ET.SubElement(root, "flight", id=str(number) if number % 2 else f"<{value}>")
        ET.SubElement(flight, "to").text = value
        ET.SubElement(flight, "position", lat=str(number))
    if indent:
        ET.indent(root)
    content = ET.tostring(root, encoding, xml_declaration=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml, "FEED_BYTES", size)
        found = read(content, COLUMNS, XML | {"null_values": []})
    assert found.rows == [
        (number, value, float(number), None) for number, value in enumerate(texts) if number % 2
    ]
    for reject in found.rejects:
        again = ET.fromstring(reject.raw_text)
        assert again.find("to").text == (texts[reject.source_row - 1] or None)


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_loaders.extract.batch.BATCH_RECORDS", 3)
    monkeypatch.setattr(xml, "FEED_BYTES", 50)
    found = one(*[FLIGHT.replace('"1"', f'"{n if n % 4 else "x"}"') + "\n" for n in range(20)])
    assert [row[0] for row in found.rows] == [n for n in range(20) if n % 4]
    assert [r.source_line for r in found.rejects] == [r.source_row for r in found.rejects]


def test_dates_and_markers() -> None:
    columns = {"d": {"data_type": "date", "formats": ["%d.%m.%Y"]}, "x": "double"}
    content = "<r><a><d>29.02.2020</d><x>1.234,5</x></a><a><d>-</d><x>-</x></a></r>"
    extract = {"format": "xml", "records": "/r/a", "decimal": ",", "thousands": "."}
    found = read(content, columns, extract | {"null_values": ["-"]})
    assert found.rows == [(dt.date(2020, 2, 29), 1234.5), (None, None)]


@pytest.mark.parametrize("records", [None, "", "flight", "/", "/a//b"])
def test_wrong_contracts(records: str | None) -> None:
    with pytest.raises(ValidationError, match="records"):
        table_of(
            {"a": "text"}, {"format": "xml"} | ({"records": records} if records is not None else {})
        )
