"""Changed columns, full refreshes, empty builds and contracts of partitioned facts."""

import psycopg
import pytest
from harbour import ALL_KEYS, CROSSINGS, MONTHS, TICKETS, WAITING, Harbour

WITH_LOAD = {"columns": "passengers load"}
FILLED = """select to_char(crossed_on, 'YYYY-MM'), count(load_percent)
    from fct_crossings group by 1 order by 1"""


def tables(harbour: Harbour) -> dict[str, int]:
    """The identity of every table of the star: it stays while rows are replaced."""
    return dict(
        harbour.rows(
            """select relname::text, oid::bigint from pg_class
            where relnamespace = 'harbour'::regnamespace and relkind in ('r', 'p')"""
        )
    )


def test_append_new_columns(harbour: Harbour) -> None:
    harbour.deliver("2024-02", 31, delivery=2)
    harbour.build(CROSSINGS, on_schema_change="append_new_columns", **WITH_LOAD)
    assert harbour.rows(FILLED) == [("2024-01", 0), ("2024-02", 31), ("2024-03", 0)]
    assert harbour.foreign_keys() == ALL_KEYS


def test_sync_all_columns(harbour: Harbour) -> None:
    harbour.deliver("2024-02", 31, delivery=2)
    harbour.build(CROSSINGS, on_schema_change="sync_all_columns", columns="load", indexes="[]")
    assert harbour.rows(FILLED) == [("2024-01", 0), ("2024-02", 31), ("2024-03", 0)]
    for table in (CROSSINGS, *harbour.children().values()):
        assert harbour.columns(table) == [
            *("crossing_key", "crossed_on", "ferry_key", "port_key", "delivery", "load_percent")
        ]


def test_a_new_column_fails_where_it_ought_to(harbour: Harbour) -> None:
    before = harbour.children()
    harbour.deliver("2024-02", 31, delivery=2)
    printed = harbour.build(CROSSINGS, expect=1, **WITH_LOAD)
    assert "source and target schemas on this incremental model are out of sync" in printed
    assert (harbour.counts(), harbour.children(), harbour.nobodys()) == (MONTHS, before, [])


def test_nobody_waits_for_the_build_that_follows_a_new_column(harbour: Harbour) -> None:
    harbour.deliver("2024-02", 31, delivery=2)
    with harbour.session() as other, other.transaction():
        # The build stops before the foreign key of its new child.
        other.execute("lock table dim_port in share row exclusive mode")
        switches = {"on_schema_change": "append_new_columns", **WITH_LOAD}
        build = harbour.start("run", "--select", CROSSINGS, **switches)
        harbour.wait_until(WAITING)
        expect_an_answer(harbour)
    build.ends_with(0)
    assert harbour.rows(FILLED) == [("2024-01", 0), ("2024-02", 31), ("2024-03", 0)]


def test_nobody_waits_while_a_table_made_anew_takes_its_place(harbour: Harbour) -> None:
    with harbour.session() as reader, reader.transaction():
        reader.execute("select from fct_crossings natural join dim_ferry")
        build = harbour.start(
            *("run", "--full-refresh", "--select", CROSSINGS, "dim_ferry"),
            ferry_column="yes",
            **WITH_LOAD,
        )
        harbour.wait_until(WAITING)
        expect_an_answer(harbour)
    build.ends_with(0)
    assert harbour.rows(FILLED) == [*MONTHS.items()]


def expect_an_answer(harbour: Harbour) -> None:
    with harbour.session() as reader:
        reader.execute("set statement_timeout = '3s'")
        rows = reader.execute("select count(*) from fct_crossings natural join dim_ferry")
        assert rows.fetchone() == (90,)


def test_a_full_refresh_with_the_same_columns_keeps_the_tables(harbour: Harbour) -> None:
    harbour.rows("create view mine as select * from fct_crossings natural join dim_port")
    keys = "select oid from pg_constraint where contype = 'f' and conparentid = 0 order by 1"
    before = tables(harbour), harbour.rows(keys)
    children = set(harbour.children().values())
    harbour.deliver("2024-02", 0)
    harbour.build(options=("--full-refresh",))
    assert (tables(harbour), harbour.rows(keys)) == before
    assert harbour.value("select count(*) from mine") == 60
    assert harbour.counts() == harbour.counts(TICKETS) == {"2024-01": 40, "2024-03": 20}
    assert not children & set(harbour.children().values())
    assert harbour.nobodys() == []


def test_a_full_refresh_with_other_columns_makes_the_tables_anew(harbour: Harbour) -> None:
    before = tables(harbour)
    indexes = {table: harbour.indexes(table) for table in (CROSSINGS, "dim_ferry")}
    harbour.build(
        "dim_ferry", CROSSINGS, options=("--full-refresh",), ferry_column="yes", **WITH_LOAD
    )
    after = tables(harbour)
    assert {name for name in before if after[name] != before[name]} == {CROSSINGS, "dim_ferry"}
    assert harbour.rows(FILLED) == [*MONTHS.items()]
    assert harbour.foreign_keys() == ALL_KEYS
    assert {table: harbour.indexes(table) for table in indexes} == indexes
    assert [table for (table,) in harbour.rows(PARTS)] == [
        *harbour.children().values(),
        *harbour.children("fct_ferry_days").values(),
        *harbour.children(TICKETS).values(),
    ]
    with harbour.session() as session:
        session.execute("set role harbour_reader")
        session.execute("select from fct_crossings natural join dim_ferry")


PARTS = """select relname::text from pg_class
    where relnamespace = 'harbour_parts'::regnamespace and relkind = 'r' order by 1"""


def test_empty_builds_are_made_good_by_the_next_one(harbour: Harbour) -> None:
    harbour.rows("drop schema harbour, harbour_parts, harbour_ops cascade; create schema harbour")
    harbour.build(options=("--empty",))
    assert (harbour.counts(), harbour.children()) == ({}, {})
    harbour.build()
    assert harbour.counts() == harbour.counts(TICKETS) == MONTHS
    harbour.build(TICKETS, "fct_ferry_days", options=("--empty", "--full-refresh"))
    assert harbour.counts(TICKETS) == harbour.counts("fct_ferry_days") == {}
    harbour.build()
    assert harbour.counts(TICKETS) == harbour.counts("fct_ferry_days") == MONTHS
    assert harbour.foreign_keys() == ALL_KEYS


def test_contracts_and_their_constraints_hold(harbour: Harbour) -> None:
    printed = harbour.build(TICKETS, expect=1, fare="text")
    assert "This model has an enforced contract that failed" in printed
    harbour.deliver("2024-02", 31, delivery=2)
    harbour.build(TICKETS)
    for month in ("2024-01", "2024-02"):
        wrong = f"(ticket_key, sold_at, fare, delivery) values (0, '{month}-01'"
        with pytest.raises(psycopg.errors.CheckViolation):
            harbour.rows(f"insert into {TICKETS} {wrong}, -1, 1)")
        with pytest.raises(psycopg.errors.NotNullViolation):
            harbour.rows(f"insert into {TICKETS} {wrong}, 1, null)")


def test_unit_tests_know_the_rows_that_stand(harbour: Harbour) -> None:
    printed = harbour.dbt("test", "--select", "test_type:unit")
    assert f"PASS {TICKETS}::a_ticket_remembers_its_first_fare" in printed
