"""Dimensions that are rebuilt while facts point to them and people's views stand on them."""

import time

import pytest
from harbour import ALL_KEYS, CROSSINGS, TICKETS, WAITING, Harbour

MEMBERS = "select ferry_key, ferry_name from dim_ferry order by 1"


@pytest.fixture
def without_calypso(harbour: Harbour) -> Harbour:
    """Ferry 3 is gone from the sources, and so are the rows that pointed to it."""
    harbour.rows("delete from raw.ferries where ferry_key = 3")
    for month, rows in harbour.counts().items():
        harbour.deliver(month, rows, delivery=2, ferry=2)
    return harbour


def test_changed_rows_and_a_vanished_member(without_calypso: Harbour) -> None:
    harbour = without_calypso
    harbour.rows(
        """update raw.ferries set ferry_name = 'Aurora II' where ferry_key = 1;
        create view mine as
        select ferry_name, count(*) from dim_ferry natural join fct_crossings group by 1;
        create table notes (ferry_key int references dim_ferry (ferry_key));
        insert into notes values (1)"""
    )
    ports = "select xmin::text, port_key from dim_port order by 2"
    untouched = harbour.rows(ports)
    harbour.build()
    assert harbour.rows(MEMBERS) == [(1, "Aurora II"), (2, "Borealis")]
    assert harbour.foreign_keys() == {*ALL_KEYS, ("notes", "dim_ferry", True)}
    assert harbour.rows("select * from mine") == [("Borealis", 90)]
    assert harbour.rows(ports) == untouched


def test_changed_rows_and_a_new_index(harbour: Harbour) -> None:
    harbour.rows("update raw.ferries set ferry_name = 'Aurora II' where ferry_key = 1")
    harbour.build("dim_ferry", ferry_index="yes")
    assert ("ferry_name", "btree", False) in harbour.indexes("dim_ferry")
    assert harbour.foreign_keys() == ALL_KEYS


def test_a_member_that_facts_still_point_to_fails_the_run(harbour: Harbour) -> None:
    harbour.rows("delete from raw.ferries where ferry_key = 3")
    printed = harbour.build("dim_ferry", expect=1)
    assert 'violates foreign key constraint "ferry_key_is_a_member"' in printed
    assert 'Key (ferry_key)=(3) is not present in table "dim_ferry"' in printed
    harbour.rows("insert into raw.ferries values (3, 'Calypso', 300)")
    harbour.build("dim_ferry")
    assert harbour.foreign_keys() == ALL_KEYS


def test_a_fact_that_points_nowhere_fails_the_run(harbour: Harbour) -> None:
    before = harbour.counts(), harbour.children()
    harbour.deliver("2024-04", 3, ferry=99)
    printed = harbour.build(CROSSINGS, expect=1)
    assert 'Key (ferry_key)=(99) is not present in table "dim_ferry"' in printed
    assert (harbour.counts(), harbour.children()) == before
    assert (harbour.nobodys(), harbour.foreign_keys()) == ([], ALL_KEYS)


def test_readers_pass_while_keys_wait_for_one_of_them(without_calypso: Harbour) -> None:
    """The keys of two facts are taken off together, or none is."""
    harbour = without_calypso
    with harbour.session() as one, harbour.session() as other, one.transaction():
        one.execute(f"select count(*) from {TICKETS}")
        build = harbour.start("run", "--select", "dim_ferry+")
        harbour.wait_until(WAITING)
        slowest = 0.0
        for _ in range(10):
            for session in (one, other):
                began = time.monotonic()
                session.execute("select count(*) from dim_ferry natural join fct_crossings")
                slowest = max(slowest, time.monotonic() - began)
            other.execute("select pg_sleep(0.1)")
        assert build.process.is_alive()
    assert slowest < 1.5
    build.ends_with(0)
    assert harbour.foreign_keys() == ALL_KEYS
