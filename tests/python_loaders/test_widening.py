"""Which types take over the values of which others, and what a new column's type is."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from python_loaders.contract.column import Column
from python_loaders.contract.types import parse_type
from python_loaders.contract.widening import join, widens
from python_loaders.errors import ContractError
from python_loaders.extract.convert import parse_text
from python_loaders.extract.infer import Inference

# Every type, with values at its ends.
VALUES: dict[str, list[object]] = {
    "smallint": [-(2**15), 0, 2**15 - 1],
    "integer": [-(2**31), 2**31 - 1],
    "bigint": [-(2**63), 2**63 - 1],
    "double": [-0.0, 0.1, 1e300],
    "decimal(4,2)": [Decimal("-99.99"), Decimal("0.01")],
    "decimal(6,2)": [Decimal("9999.99")],
    "decimal(6,4)": [Decimal("99.9999")],
    "decimal(5,0)": [Decimal(99999)],
    "decimal(7,2)": [Decimal("99999.99")],
    "decimal(10,0)": [Decimal(10**10 - 1)],
    "decimal(19,0)": [Decimal(10**19 - 1)],
    "decimal(38,0)": [Decimal(10**38 - 1)],
    "decimal(9,7)": [Decimal("0.0000001")],
    "text": ["", "007", "x"],
    "date": [dt.date(1000, 1, 1), dt.date(9999, 12, 31)],
    "timestamp": [dt.datetime.fromisoformat("2020-01-01T23:59:59.999999")],
    "boolean": [True, False],
}
WIDER = {
    ("smallint", "integer"), ("smallint", "bigint"), ("smallint", "double"),
    ("smallint", "decimal(5,0)"), ("smallint", "decimal(7,2)"), ("smallint", "decimal(10,0)"),
    ("smallint", "decimal(19,0)"), ("smallint", "decimal(38,0)"), ("smallint", "text"),
    ("integer", "bigint"), ("integer", "double"), ("integer", "decimal(10,0)"),
    ("integer", "decimal(19,0)"), ("integer", "decimal(38,0)"), ("integer", "text"),
    ("bigint", "decimal(19,0)"), ("bigint", "decimal(38,0)"), ("bigint", "text"),
    ("decimal(4,2)", "decimal(6,2)"), ("decimal(4,2)", "decimal(6,4)"),
    ("decimal(4,2)", "decimal(7,2)"), ("decimal(6,2)", "decimal(7,2)"),
    ("decimal(5,0)", "integer"), ("decimal(5,0)", "bigint"), ("decimal(10,0)", "bigint"),
    ("decimal(5,0)", "decimal(7,2)"), ("decimal(5,0)", "decimal(10,0)"),
    ("decimal(5,0)", "decimal(19,0)"), ("decimal(5,0)", "decimal(38,0)"),
    ("decimal(10,0)", "decimal(19,0)"), ("decimal(10,0)", "decimal(38,0)"),
    ("decimal(4,2)", "decimal(9,7)"), ("decimal(6,4)", "decimal(9,7)"),
    ("decimal(19,0)", "decimal(38,0)"), ("date", "timestamp"), ("date", "text"),
    ("boolean", "text"), ("decimal(4,2)", "text"), ("decimal(6,2)", "text"),
    ("decimal(6,4)", "text"), ("decimal(5,0)", "text"), ("decimal(7,2)", "text"),
    ("decimal(10,0)", "text"), ("decimal(19,0)", "text"), ("decimal(38,0)", "text"),
}  # fmt: skip


@pytest.mark.fault("column of another type", outcome="only widened without loss, else refused")
@pytest.mark.parametrize("new", VALUES)
@pytest.mark.parametrize("old", VALUES)
def test_only_these_types_widen(old: str, new: str) -> None:
    assert widens(old, new) is (old == new or (old, new) in WIDER)


@pytest.mark.parametrize(("old", "new"), sorted(WIDER))
def test_a_wider_type_gives_the_values_back(old: str, new: str) -> None:
    before = pl.Series(VALUES[old], dtype=parse_type(old).polars)
    after = before.cast(parse_type(new).polars)
    if new == "text":
        after = parse_text(after, Column(name="x", data_type=old))
    assert after.cast(before.dtype).to_list() == before.to_list()


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        ("smallint", "bigint", "bigint"),
        ("bigint", "decimal(6,2)", "decimal(21,2)"),
        ("decimal(6,2)", "decimal(6,4)", "decimal(8,4)"),
        ("integer", "double", "double"),
        ("bigint", "double", None),
        ("date", "timestamp", "timestamp"),
        ("integer", "text", None),
        ("boolean", "integer", None),
        ("decimal(38,0)", "decimal(2,1)", None),
        ("text", "text", "text"),
    ],
)
def test_two_types_have_a_common_one(one: str, other: str, joined: str | None) -> None:
    assert join(one, other) == join(other, one) == joined
    assert joined is None or (widens(one, joined) and widens(other, joined))


def infer(*chunks: list[str | None]) -> str | None:
    inference = Inference()
    for chunk in chunks:
        inference.add(pl.Series("x", chunk, dtype=pl.String))
    return inference.kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([None], None),
        (["7", "-12", "0", None], "bigint"),
        (["9223372036854775807"], "bigint"),
        (["9223372036854775808"], "decimal(19,0)"),
        (["9" * 38], "decimal(38,0)"),
        (["9" * 39], "text"),
        (["1.5", "3", "-0.25"], "decimal(21,2)"),
        (["1." + "5" * 20], "text"),
        (["007"], "text"),
        (["-0"], "text"),
        (["-0.0"], "text"),
        (["+7"], "text"),
        ([" 7"], "text"),
        (["1,000"], "text"),
        (["1e5"], "text"),
        (["NaN"], "text"),
        (["\N{ARABIC-INDIC DIGIT SEVEN}"], "text"),
        (["7\n"], "text"),
        (["", "7"], "text"),
        (["true", "FALSE"], "boolean"),
        (["yes"], "text"),
        (["2020-02-29"], "date"),
        (["2020-02-30"], "text"),
        (["2/3/2020"], "text"),
        (["2020-02-29T10:00:00Z", "2020-02-29T10:00:00.000001Z"], "timestamp"),
        (["2020-02-29T10:00:00"], "text"),
        (["2020-02-29T10:00:00.0000001Z"], "text"),
        (["2020-02-29T23:59:60Z"], "text"),
        (["2020-02-29", "2020-02-29T10:00:00Z"], "text"),
        (["true", "7"], "text"),
        (["7", "seven"], "text"),
    ],
)
def test_a_type_is_inferred_without_loss(values: list[str | None], kind: str | None) -> None:
    assert infer(values) == kind
    assert infer(*([value] for value in values)) == kind


@given(st.lists(st.one_of(st.from_regex(r"[-+0-9.eE TZ:]{0,12}"), st.text(max_size=9))))
def test_what_is_inferred_takes_every_value(values: list[str]) -> None:
    kind = infer(list(values)) or "text"
    typed = parse_text(pl.Series(values, dtype=pl.String), Column(name="x", data_type=kind))
    assert typed.null_count() == 0
    if kind == "bigint":
        assert typed.cast(pl.String).to_list() == values
    elif kind.startswith("decimal"):
        assert [Decimal(value) for value in values] == typed.to_list()


def test_what_no_type_takes_becomes_no_column() -> None:
    with pytest.raises(ContractError, match="column 'x' is new and holds Time, which no column"):
        Inference().add(pl.Series("x", [dt.time(1, 2)]))
