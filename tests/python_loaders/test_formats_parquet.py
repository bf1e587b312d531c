"""Parquet of other writers: types that would lose something, nested values, damage."""

import datetime as dt
import io
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import Read, read

from python_loaders.errors import ContractError

PARQUET = {"format": "parquet"}
DAY = dt.datetime(2020, 5, 1)  # noqa: DTZ001


def parquet(**columns: pa.Array) -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table(columns), packed, row_group_size=1000)
    return packed.getvalue()


def one(values: pa.Array, data_type: str, **column: object) -> Read:
    return read(parquet(a=values), {"a": {"data_type": data_type, **column}}, PARQUET)


@pytest.mark.parametrize(
    ("values", "data_type", "landed"),
    [
        (pa.array([2**63 - 1]), "bigint", 2**63 - 1),
        (pa.array([2**53]), "double", 2.0**53),
        (pa.array([0.5], pa.float32()), "double", 0.5),
        (pa.array([1], pa.uint64()), "integer", 1),
        (pa.array(["x"], pa.large_string()), "text", "x"),
        (pa.array(["x"], pa.string_view()), "text", "x"),
        (pa.array(["x"]).dictionary_encode(), "text", "x"),
        (pa.array([DAY], pa.timestamp("ns")), "timestamp", DAY),
        (pa.array([DAY], pa.timestamp("s")), "timestamp", DAY),
        (
            pa.array([DAY], pa.timestamp("us", "America/New_York")),
            "timestamp",
            DAY,
        ),
        (pa.array([DAY.date()]), "timestamp", DAY),
        (pa.array([Decimal("1.50")], pa.decimal128(20, 4)), "decimal(6,2)", Decimal("1.50")),
        (pa.array([Decimal("2.00")]), "integer", 2),
        (pa.array([[1, None]]), "text", "[1,null]"),
        (pa.array([{"a": "é", "b": Decimal("1.50")}]), "text", '{"a":"é","b":1.50}'),
        (pa.nulls(1), "date", None),
    ],
)
def test_types(values: pa.Array, data_type: str, landed: object) -> None:
    found = one(values, data_type)
    assert found.rejects == []
    assert found.rows == [(landed,)]


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        (pa.array([2**53 + 1]), "double"),
        (pa.array([2**64 - 1], pa.uint64()), "bigint"),
        (pa.array([1.5]), "integer"),
        (pa.array([2.0**70]), "bigint"),
        (pa.array([float("nan")]), "integer"),
        (pa.array([Decimal("1.005")]), "decimal(6,2)"),
        (pa.array([Decimal("12345.1")]), "decimal(6,2)"),
        (pa.array([12345]), "decimal(6,2)"),
        (pa.array([1], pa.timestamp("ns")), "timestamp"),
        (pa.array([2**62], pa.timestamp("ms")), "timestamp"),
        (pa.array([2**62], pa.timestamp("us")), "timestamp"),
        (pa.array([2**31 - 1], pa.date32()), "date"),
        (pa.array([2**31 - 1], pa.date32()), "timestamp"),
        (pa.array(["a\0"]), "text"),
    ],
)
def test_values_that_do_not_fit_are_rejects(values: pa.Array, data_type: str) -> None:
    found = one(values, data_type)
    assert found.rows == []
    [(row, line, column, _)] = found.reasons
    assert (row, line, column) == (1, None, "a")
    assert found.rejects[0].raw_text.startswith("{'a': ")


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        (pa.array(["1"]), "integer"),
        (pa.array(["2020-01-01"]), "date"),
        (pa.array([1]), "text"),
        (pa.array([True]), "integer"),
        (pa.array([1]), "boolean"),
        (pa.array([1]), "timestamp"),
        (pa.array([1.5]), "decimal(6,2)"),
        (pa.array([DAY]), "date"),
        (pa.array([b"x"]), "text"),
        (pa.array([dt.time(1)]), "text"),
        (pa.array([[1]]), "integer"),
        (pa.array([[b"x"]]), "text"),
        (pa.array([[DAY]]), "text"),
    ],
)
def test_another_type_refuses_the_delivery(values: pa.Array, data_type: str) -> None:
    with pytest.raises(ContractError, match=r"column 'a' is .*, the contract says"):
        one(values, data_type)


def test_texts_and_null_markers_as_the_contract_says() -> None:
    found = one(pa.array(["1/2/2020", "x"]), "date", formats=["%m/%d/%Y"])
    assert found.rows == [(dt.date(2020, 1, 2),)]
    assert found.reasons == [(2, None, "a", "'x' is not a date like %m/%d/%Y")]
    content = parquet(a=pa.array(["NA", ""]))
    assert read(content, {"a": "text"}, PARQUET).rows == [("NA",), ("",)]
    assert read(content, {"a": "text"}, PARQUET | {"null_values": ["NA"]}).rows == [(None,), ("",)]
    with pytest.raises(ContractError, match="a field of column a is longer than 5 bytes"):
        read(parquet(a=pa.array(["abcdef"])), {"a": "text"}, PARQUET | LIMIT)


LIMIT = {"limits": {"max_field_bytes": 5}}


def test_names_that_are_there_twice() -> None:
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "A"])
    packed = io.BytesIO()
    pq.write_table(table, packed)
    with pytest.raises(ContractError, match="'A' is delivered twice"):
        read(packed.getvalue(), {"a": "integer"}, PARQUET)


def test_polars_and_row_groups() -> None:
    frame = pl.DataFrame({"a": range(5000)})
    packed = io.BytesIO()
    frame.write_parquet(packed, row_group_size=700)
    assert read(packed.getvalue(), {"a": "integer"}, PARQUET).rows == frame.rows()


def test_a_footer_that_promises_other_rows() -> None:
    content = parquet(a=pa.array(range(100)))
    hundred = b"\x16\xc8\x01"  # as a field of Parquet's footer
    at = content.index(hundred, content.index(b"schema"))  # the root of the footer
    for wrong in (b"\x16\xca\x01", b"\x16\xc6\x01"):
        with pytest.raises(ContractError, match="holds 100 rows, and says that it holds"):
            read(content[:at] + wrong + content[at + 3 :], {"a": "bigint"}, PARQUET)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 10**6), bit=st.integers(-1, 7))
def test_damage_is_never_a_crash(at: int, bit: int) -> None:
    """Checksums of pages are verified where the writer has made some."""
    packed = io.BytesIO()
    table = pa.table({"a": range(100), "b": [f"name {n % 7}" for n in range(100)]})
    pq.write_table(table, packed, write_page_checksum=True)
    content = bytearray(packed.getvalue())
    if bit < 0:
        del content[at % len(content) :]
    else:
        content[at % len(content)] ^= 1 << bit
    try:
        found = read(bytes(content), {"a": "bigint", "b": "text"}, PARQUET)
    except ContractError:
        return
    assert len(found.rows) + len(found.rejects) <= 100
