"""Months of partitioned facts: built, changed, emptied, added; and what hangs on a fact stays."""

import json

import psycopg
import pytest
from harbour import ALL_KEYS, CROSSINGS, FACTS, MONTHS, TICKETS, Harbour

INDEXES = {
    CROSSINGS: {
        ("crossing_key,crossed_on", "btree", True),
        ("ferry_key", "btree", False),
        ("passengers", "btree", False),
    },
    TICKETS: {("ticket_key,sold_at", "btree", True)},
}


def assert_all_hangs_together(harbour: Harbour) -> None:
    """Indexes, foreign keys, statistics, rights and comments are as the project says."""
    assert harbour.foreign_keys() == ALL_KEYS
    for fact, declared in INDEXES.items():
        kind = f"select relkind::text from pg_class where oid = '{fact}'::regclass"
        assert harbour.value(kind) == "p"
        children = harbour.children(fact).values()
        assert [harbour.indexes(table) for table in (fact, *children)] == [declared] * (
            len(children) + 1
        )
        assert set(children) <= analysed(harbour, "harbour_parts")
        checks = "select count(*) from pg_constraint where conname = 'bounds'"
        assert harbour.value(checks) == 0
    assert harbour.nobodys() == []
    with harbour.session() as session:
        session.execute("set role harbour_reader")
        for fact in FACTS:
            session.execute(f"select count(*) from {fact}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(f"select from harbour_parts.{harbour.children(fact)['2024-01']}")
    comments = f"""select
        obj_description('{CROSSINGS}'::regclass),
        col_description('{CROSSINGS}'::regclass, 1)"""
    assert harbour.rows(comments) == [("One row per crossing.", "Number of the crossing.")]


def analysed(harbour: Harbour, schema: str) -> set[str]:
    """The tables that the planner has statistics of."""
    tables = f"select distinct tablename::text from pg_stats where schemaname = '{schema}'"
    return {name for (name,) in harbour.rows(tables)}


def test_first_build(harbour: Harbour) -> None:
    assert harbour.counts(CROSSINGS) == harbour.counts(TICKETS) == MONTHS
    assert_all_hangs_together(harbour)
    assert {"dim_ferry", *FACTS} <= analysed(harbour, "harbour")


def test_the_catalog_of_the_docs_lists_the_columns(harbour: Harbour) -> None:
    harbour.dbt("docs", "generate", "--target-path", "docs")
    catalog = json.loads((harbour.directory / "docs" / "catalog.json").read_text())
    columns = catalog["nodes"][f"model.contrail.{CROSSINGS}"]["columns"]
    assert list(columns) == [
        *("crossing_key", "crossed_on", "ferry_key", "port_key", "passengers", "delivery")
    ]
    assert columns["crossing_key"]["comment"] == "Number of the crossing."


def test_a_changed_an_emptied_and_a_new_month(harbour: Harbour) -> None:
    deliver_and_expect_changes(harbour)


def deliver_and_expect_changes(harbour: Harbour) -> None:
    before = {fact: harbour.children(fact) for fact in FACTS}
    harbour.deliver("2024-02", 31, delivery=2)
    harbour.deliver("2024-03", 0)
    harbour.deliver("2024-04", 5)
    harbour.build()
    for fact in FACTS:
        assert harbour.counts(fact) == {"2024-01": 40, "2024-02": 31, "2024-04": 5}
        after = harbour.children(fact)
        assert list(after) == ["2024-01", "2024-02", "2024-04"]
        assert {month for month in before[fact] if after.get(month) == before[fact][month]} == {
            "2024-01"
        }
    assert harbour.value("select sum(crossings) from fct_ferry_days") == 76
    assert_all_hangs_together(harbour)


def test_indexes_are_brought_in_step_by_a_normal_build(harbour: Harbour) -> None:
    harbour.rows("create index analysts__own on fct_crossings (delivery)")
    harbour.deliver("2024-02", 31, delivery=2)
    wanted = [
        {"columns": ["crossing_key", "crossed_on", "ferry_key"], "unique": True},
        {"columns": ["passengers"], "type": "brin"},
        {"columns": ["port_key"]},
    ]
    harbour.build(CROSSINGS, indexes=json.dumps(wanted))
    for table in (CROSSINGS, *harbour.children().values()):
        assert harbour.indexes(table) == {
            ("crossing_key,crossed_on,ferry_key", "btree", True),
            ("passengers", "brin", False),
            ("port_key", "btree", False),
            ("delivery", "btree", False),
        }
