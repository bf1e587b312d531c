"""Readers while months are swapped: they never fail, never wait long, and see whole months."""

import time

from harbour import ALL_KEYS, CROSSINGS, MONTHS, TICKETS, WAITING, Harbour
from readers import Readers

# With the manifest kept apart, because other variables make dbt parse everything again.
IMPATIENT = ("--vars", "{lock_wait: 2s}", "--target-path", "impatient")


def test_a_reader_who_stays_fails_the_build_and_nobody_else(harbour: Harbour) -> None:
    harbour.deliver("2024-02", 31, delivery=2)
    select = ("--resource-type", "model", "--select", CROSSINGS)
    with harbour.session() as reader, reader.transaction(), Readers(harbour) as others:
        reader.execute("select count(*) from fct_crossings")
        printed = harbour.dbt("build", *select, *IMPATIENT, expect=1)
        assert "longer than lock_wait (2s)" in printed
        assert "Run dbt retry, or see who reads" in printed
        assert reader.execute("select count(*) from fct_crossings").fetchone() == (90,)
    assert others.slowest < 1.5
    assert harbour.counts() == MONTHS
    # What was built and could not take its place is complete, and dropped by the next build.
    [nobodys] = harbour.nobodys()
    assert harbour.indexes(nobodys) == harbour.indexes(CROSSINGS)
    harbour.dbt("retry", *IMPATIENT)
    assert harbour.counts() == MONTHS | {"2024-02": 31}
    assert (harbour.nobodys(), harbour.foreign_keys()) == ([], ALL_KEYS)


def test_another_model_that_reads_a_dimension_is_waited_for_longer(harbour: Harbour) -> None:
    harbour.deliver("2024-02", 31, delivery=2)
    with harbour.session() as reader, reader.transaction():
        reader.execute("set application_name = 'dbt'")
        reader.execute("select count(*) from dim_port")
        build = harbour.start("run", "--select", CROSSINGS, *IMPATIENT)
        harbour.wait_until(WAITING)
        time.sleep(3)
        assert harbour.counts() == MONTHS
        # In the other order than the build locks them.
        assert reader.execute("select count(*) from fct_crossings").fetchone() == (90,)
    build.ends_with(0)
    assert harbour.counts() == MONTHS | {"2024-02": 31}


def test_two_facts_are_swapped_under_readers_in_every_order(harbour: Harbour) -> None:
    for month in ("2024-04", "2024-05", "2024-06"):
        harbour.deliver(month, 10)
    harbour.build()
    swap_under_readers(harbour, rounds=3)


def swap_under_readers(harbour: Harbour, rounds: int) -> None:
    """Deliver every month again, in every round, while readers look at both facts."""
    months = list(harbour.counts())
    with Readers(harbour) as readers:
        for delivery in range(100, 100 + rounds):
            for month in months:
                harbour.deliver(month, delivery, delivery)
            harbour.dbt("run", "--select", CROSSINGS, TICKETS, "--threads", "2")
    assert harbour.counts() == harbour.counts(TICKETS) == dict.fromkeys(months, 99 + rounds)
    assert readers.answers > 100
    assert readers.slowest < 1.5


def test_two_facts_drop_what_belongs_to_nobody_at_once(harbour: Harbour) -> None:
    for fact in (CROSSINGS, TICKETS):
        harbour.rows(
            f"""create table harbour_parts.{harbour.prefix(fact)}_202402_24010112000000
            (like {fact}, foreign key (port_key) references dim_port (port_key))"""
        )
    harbour.deliver("2024-02", 31, delivery=2)
    with harbour.session() as other, other.transaction():
        # Both stop before a foreign key of a new child.
        other.execute("lock table dim_port in share row exclusive mode")
        build = harbour.start("run", "--select", CROSSINGS, TICKETS, "--threads", "2")
        harbour.wait_until("select count(*) = 2 from pg_locks where not granted")
    build.ends_with(0)
    assert harbour.nobodys() == []
