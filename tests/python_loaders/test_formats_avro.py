"""Avro: written by fastavro or by hand, every type, every lie."""

import datetime as dt
import io
import json
import zlib
from decimal import Decimal
from uuid import UUID

import fastavro
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Read, read

from python_loaders.errors import ContractError, ContrailError

AVRO = {"format": "avro"}
UTC = dt.UTC


def avro(fields: dict[str, object], *records: dict[str, object], codec: str = "null") -> bytes:
    schema = {
        "type": "record",
        "name": "row",
        "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
    }
    packed = io.BytesIO()
    fastavro.writer(packed, fastavro.parse_schema(schema), records, codec, sync_interval=100)
    return packed.getvalue()


def one(kind: object, value: object, data_type: str, **column: object) -> Read:
    return read(avro({"a": kind}, {"a": value}), {"a": {"data_type": data_type, **column}}, AVRO)


def logical(kind: str, name: str, **more: object) -> dict[str, object]:
    return {"type": kind, "logicalType": name, **more}


MOMENT = dt.datetime(2020, 5, 1, 10, 0, 0, 123000, tzinfo=UTC)
NAIVE = MOMENT.replace(tzinfo=None)
FIXED = {"type": "fixed", "name": "f", "size": 16}


@pytest.mark.parametrize(
    ("kind", "value", "data_type", "landed"),
    [
        ("int", 7, "smallint", 7),
        ("long", 2**63 - 1, "bigint", 2**63 - 1),
        ("long", 2**53, "double", 2.0**53),
        ("int", 7, "decimal(4,1)", Decimal("7.0")),
        ("float", 0.5, "double", 0.5),
        ("double", 0.1, "double", 0.1),
        ("double", 2.0, "integer", 2),
        ("boolean", True, "boolean", True),
        ("string", "é\n", "text", "é\n"),
        ("string", "", "text", ""),
        ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, "B", "text", "B"),
        (["null", "string"], None, "text", None),
        (["string", "null"], "a", "text", "a"),
        (["null", "int", "long"], 2**40, "bigint", 2**40),
        (["float", "double"], 0.1, "double", 0.1),
        (logical("int", "date"), dt.date(1, 1, 1), "date", dt.date(1, 1, 1)),
        (logical("int", "date"), NAIVE.date(), "timestamp", NAIVE.replace(hour=0, microsecond=0)),
        (logical("long", "timestamp-millis"), MOMENT, "timestamp", NAIVE),
        (logical("long", "timestamp-micros"), MOMENT, "timestamp", NAIVE),
        (logical("long", "local-timestamp-millis"), NAIVE, "timestamp", NAIVE),
        (logical("long", "local-timestamp-micros"), NAIVE, "timestamp", NAIVE),
        (logical("long", "timestamp-nanos"), 1_588_327_200_123_000_000, "timestamp", NAIVE),
        (
            logical("bytes", "decimal", precision=9, scale=2),
            Decimal("-1234567.89"),
            "decimal(9,2)",
            Decimal("-1234567.89"),
        ),
        (
            logical("bytes", "decimal", precision=38, scale=10),
            Decimal("1234567890123456789012345678.0123456789"),
            "decimal(38,10)",
            Decimal("1234567890123456789012345678.0123456789"),
        ),
        (
            FIXED | {"logicalType": "decimal", "precision": 20, "scale": 3},
            Decimal("-0.001"),
            "decimal(6,3)",
            Decimal("-0.001"),
        ),
        (logical("string", "uuid"), UUID(int=7), "text", str(UUID(int=7))),
        ({"type": "array", "items": "int"}, [1, 2], "text", "[1,2]"),
        ({"type": "map", "values": ["null", "double"]}, {"é": 0.5}, "text", '{"é":0.5}'),
        (
            {"type": "record", "name": "r", "fields": [{"name": "x", "type": "string"}]},
            {"x": "y"},
            "text",
            '{"x":"y"}',
        ),
        ({"type": "string", "avro.java.string": "String"}, "a", "text", "a"),
    ],
)
def test_types(kind: object, value: object, data_type: str, landed: object) -> None:
    found = one(kind, value, data_type)
    assert found.rejects == []
    assert found.rows == [(landed,)]


@pytest.mark.parametrize(
    ("kind", "value", "data_type", "reason"),
    [
        ("int", 40_000, "smallint", "40000 does not fit a smallint"),
        ("long", 2**53 + 1, "double", "9007199254740993 does not fit a double"),
        ("double", 1.5, "integer", "1.5 does not fit an integer"),
        ("int", 1000, "decimal(4,1)", "1000 does not fit a decimal(4,1)"),
        ("double", float("nan"), "double", "nan is not a finite number"),
        ("double", float("inf"), "double", "inf is not a finite number"),
        ("string", "a\0", "text", "'a\\x00' holds a NUL character"),
        (logical("int", "date"), -800_000, "date", "-800000 does not fit a date"),
        (logical("int", "date"), 2**31 - 1, "timestamp", "2147483647 does not fit a timestamp"),
        (logical("long", "timestamp-millis"), 2**62, "timestamp", "does not fit a timestamp"),
        (logical("long", "timestamp-nanos"), 1, "timestamp", "does not fit a timestamp"),
        (
            logical("bytes", "decimal", precision=9, scale=3),
            Decimal("1.005"),
            "decimal(9,2)",
            "Decimal('1.005') does not fit a decimal(9,2)",
        ),
        (
            logical("bytes", "decimal", precision=9, scale=2),
            Decimal("12345.10"),
            "decimal(6,2)",
            "does not fit a decimal(6,2)",
        ),
    ],
)
def test_values_that_do_not_fit_are_rejects(
    kind: object, value: object, data_type: str, reason: str
) -> None:
    found = one(kind, value, data_type)
    assert found.rows == []
    [(row, line, column, said)] = found.reasons
    assert (row, line, column) == (1, None, "a")
    assert reason in said
    assert "'a':" in found.rejects[0].raw_text


def test_a_column_of_nulls_has_any_type() -> None:
    content = avro({"a": "null", "b": "int"}, {"a": None, "b": 1})
    assert read(content, {"a": "date", "b": "integer"}, AVRO).rows == [(None, 1)]


def test_nulls_in_required_columns_are_rejects() -> None:
    found = one(["null", "int"], None, "integer", data_tests=["not_null"])
    assert found.reasons == [(1, None, "a", "null, and the column is required (not_null)")]


def test_texts_are_dates_if_the_contract_says_how() -> None:
    found = one("string", "1/2/2020", "date", formats=["%m/%d/%Y"])
    assert found.rows == [(dt.date(2020, 1, 2),)]
    assert one("string", "x", "date", formats=["%m/%d/%Y"]).rejects
    assert one("string", "NA", "text", null_values=["NA"]).rows == [(None,)]


@pytest.mark.parametrize(
    ("kind", "value", "data_type", "words"),
    [
        ("string", "1", "integer", "column 'a' is String, the contract says integer"),
        ("int", 1, "text", "column 'a' is Int32, the contract says text"),
        ("int", 1, "boolean", "column 'a' is Int32, the contract says boolean"),
        ("double", 1.0, "decimal(4,1)", "is Float64, the contract says decimal"),
        ("long", 1, "timestamp", "is Int64, the contract says timestamp"),
        (logical("int", "time-millis"), dt.time(1), "timestamp", "is Time, the contract says"),
        (logical("long", "timestamp-millis"), MOMENT, "date", "the contract says date"),
        ("bytes", b"x", "text", "is Binary, the contract says text"),
        (FIXED, b"x" * 16, "text", "is Binary, the contract says text"),
        (["int", "string"], 1, "text", "is nested, bytes or a union of types"),
        ({"type": "array", "items": "int"}, [1], "integer", "is nested, bytes or a union"),
        ({"type": "array", "items": "null"}, [None], "text", "is nested, bytes or a union"),
        ({"type": "array", "items": "bytes"}, [b""], "text", "is nested, bytes or a union"),
        (
            {"type": "array", "items": logical("int", "date")},
            [dt.date(2020, 1, 1)],
            "text",
            "is nested, bytes or a union",
        ),
        (logical("bytes", "decimal", precision=39, scale=1), Decimal(1), "text", "39 digits"),
    ],
)
def test_schemas_that_are_not_the_contract(
    kind: object, value: object, data_type: str, words: str
) -> None:
    with pytest.raises(ContractError, match=words):
        one(kind, value, data_type)


def test_fields_are_bound_by_name() -> None:
    content = avro({"B": "int", "a": "string"}, {"B": 1, "a": "x"})
    columns = {"a": "text", "b": "integer", "c": {"data_type": "text", "optional": True}}
    found = read(content, columns, AVRO)
    assert found.rows == [("x", 1, None)]
    assert found.delivered == ["b", "a"]
    with pytest.raises(ContractError, match=r"'B' is not in the contract"):
        read(content, {"a": "text"}, AVRO)
    with pytest.raises(ContractError, match=r"column 'bb' is missing"):
        read(content, {"a": "text", "bb": "text"}, AVRO)


RECORDS = [{"a": n, "b": f"name {n}" * (n % 5)} for n in range(1000)]
ROWS = [(n, f"name {n}" * (n % 5)) for n in range(1000)]
FIELDS = {"a": "long", "b": "string"}
COLUMNS = {"a": "bigint", "b": "text"}


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_codecs_of_fastavro(codec: str) -> None:
    content = avro(FIELDS, *RECORDS, codec=codec)
    found = read(content, COLUMNS, AVRO)
    assert found.rows == ROWS
    assert found.byte_count == len(content)


def repacked(codec: str, *blocks: tuple[int, bytes], schema: object = None) -> bytes:
    """Return an Avro file made by hand."""
    out = io.BytesIO()
    sync = b"0123456789abcdef"
    default = {
        "type": "record",
        "name": "row",
        "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}],
    }
    meta = {
        "avro.schema": json.dumps(schema or default).encode(),
        "avro.codec": codec.encode(),
    }
    out.write(b"Obj\x01")
    fastavro.schemaless_writer(out, {"type": "map", "values": "bytes"}, meta)
    out.write(sync)
    for count, data in blocks:
        fastavro.schemaless_writer(out, "long", count)
        fastavro.schemaless_writer(out, "long", len(data))
        out.write(data + sync)
    return out.getvalue()


PLAIN_BLOCK = b"\x02\x02x"  # 1, "x"


def snappy(data: bytes) -> bytes:
    packed = pa.Codec("snappy").compress(data, asbytes=True)
    return packed + zlib.crc32(data).to_bytes(4, "big")


def test_codecs_of_others() -> None:
    packed = {"snappy": snappy, "zstandard": pa.Codec("zstd").compress}
    for codec, pack in packed.items():
        data = bytes(pack(PLAIN_BLOCK * 100))
        found = read(repacked(codec, (100, data), (1, bytes(pack(PLAIN_BLOCK)))), COLUMNS, AVRO)
        assert found.rows == [(1, "x")] * 101
        with pytest.raises(ContractError, match="a block cannot be unpacked"):
            read(repacked(codec, (100, data[:-1])), COLUMNS, AVRO)
    with pytest.raises(ContractError, match="its checksum is wrong"):
        read(repacked("snappy", (1, snappy(PLAIN_BLOCK)[:-4] + b"abcd")), COLUMNS, AVRO)
    with pytest.raises(ContractError, match="is packed with 'lz4'; known are null, deflate"):
        read(repacked("lz4"), COLUMNS, AVRO)


TREE = {"type": "record", "name": "t", "fields": [{"name": "a", "type": ["null", "t"]}]}
ENDLESS = {"type": "record", "name": "t", "fields": [{"name": "a", "type": "t"}]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"PAR1", "it does not begin like one"),
        (b"Obj\x01", "its header cannot be read|it is cut"),
        (repacked("null", (1, PLAIN_BLOCK))[:-1], "byte .*: not a whole Avro file .it is cut"),
        (repacked("null", (1, PLAIN_BLOCK))[:-17], "it is cut"),
        (repacked("null", (2, PLAIN_BLOCK)), "a record cannot be read"),
        (repacked("null", (1, PLAIN_BLOCK * 2)), "3 bytes follow a block's records"),
        (repacked("null", (-1, PLAIN_BLOCK)), "claims to hold -1 records"),
        (repacked("null", (2**40, PLAIN_BLOCK)), "claims to hold 1099511627776 records"),
        (repacked("null", (1, b"\x02\x80\x80\x80\x80\x20x")), "a record cannot be read"),
        (repacked("null", (1, b"\x02\x04\xff\xfe")), "a record cannot be read: 'utf"),
        (repacked("null", (1, PLAIN_BLOCK))[:-1] + b"g", "does not end with the file's marker"),
        (repacked("null") + b"\x02" + b"\xff" * 20, "a number in it has no end"),
        (repacked("null") + b"\x02\x80\x80\x80\x80\x80\x10", "a block claims to have"),
        (repacked("null") + b"\x02\x01", "a block claims to have -1 bytes"),
        (repacked("null", schema=["null"]), "its Avro schema cannot be used"),
        (repacked("null", schema="int"), "its Avro schema cannot be used"),
        (repacked("null", schema=TREE), "t refers to itself"),
        (repacked("null", schema=ENDLESS), "t refers to itself"),
        (repacked("null").replace(b'"long"', b'"gnol"'), "its Avro schema cannot be used"),
        (repacked("null").replace(b"{", b"["), "its Avro schema cannot be used"),
        (repacked("deflate", (1, b"\xff\xff")), "a block cannot be unpacked"),
        (repacked("bzip2", (1, b"BZ")), "a block cannot be unpacked"),
        (repacked("xz", (1, b"")), "a block cannot be unpacked"),
    ],
)
def test_broken_files(content: bytes, words: str) -> None:
    with pytest.raises(ContractError, match=words):
        read(content, COLUMNS, AVRO)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def test_bombs() -> None:
    zeros = bytes(65 << 20)
    with pytest.raises(ContractError, match="a block unpacks to more than 64 MiB"):
        read(repacked("deflate", (1, deflated(zeros))), COLUMNS, AVRO)
    content = repacked("deflate", *[(10_000, deflated(PLAIN_BLOCK * 10_000))] * 4)
    assert len(read(content, COLUMNS, AVRO).rows) == 40_000
    with pytest.raises(ContrailError, match=r"limits\.max_ratio or limits\.max_bytes"):
        read(content, COLUMNS, AVRO | {"limits": {"max_bytes": 100_000}})


def test_schemas_that_grow_without_end_are_refused() -> None:
    fields = [{"name": "x", "type": "null"}]
    named: list[object] = [{"type": "record", "name": "r0", "fields": fields}]
    for level in range(1, 40):
        twice = [{"name": name, "type": f"r{level - 1}"} for name in "xy"]
        named.append({"type": "record", "name": f"r{level}", "fields": twice})
    first = [{"name": f"f{level}", "type": kind} for level, kind in enumerate(named)]
    holder = {"type": "record", "name": "row", "fields": first}
    columns = {f"f{level}": "text" for level in range(40)}
    with pytest.raises(ContractError, match="column 'f9' is nested"):
        read(repacked("null", (1, b"x"), schema=holder), columns, AVRO)


def test_a_cut_is_noticed_unless_it_is_between_blocks() -> None:
    """Avro has no end mark: only the bytes of whole blocks tell that something is missing."""
    content = avro(FIELDS, *RECORDS[:25])
    complete = 0
    for end in range(len(content)):
        try:
            rows = read(content[:end], COLUMNS, AVRO).rows
        except ContractError:
            continue
        complete += 1
        assert rows == ROWS[: len(rows)]
    assert 0 < complete < 20


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, 10**6), octet=st.integers(0, 255), codec=st.sampled_from(["null", "deflate"])
)
def test_damage_is_never_a_crash(at: int, octet: int, codec: str) -> None:
    content = bytearray(avro(FIELDS, *RECORDS[:20], codec=codec))
    content[at % len(content)] = octet
    try:
        found = read(bytes(content), COLUMNS, AVRO)
    except ContractError:
        return
    assert len(found.rows) + len(found.rejects) == 20
