"""A build that is killed: whatever it has left, the next one ends in the right rows."""

from harbour import ALL_KEYS, CROSSINGS, MONTHS, Harbour

BUILD = ("run", "--select", CROSSINGS)
WAITS = "fct_crossings: waits for another build of it"
DELIVERED = MONTHS | {"2024-02": 31, "2024-03": 21}


def deliver(harbour: Harbour) -> None:
    for month in ("2024-02", "2024-03"):
        harbour.deliver(month, DELIVERED[month], delivery=2)


def expect_all_is_well(harbour: Harbour) -> None:
    assert harbour.counts() == DELIVERED
    assert (harbour.nobodys(), harbour.foreign_keys()) == ([], ALL_KEYS)


def test_between_building_and_swapping(harbour: Harbour) -> None:
    deliver(harbour)
    with harbour.session() as reader, reader.transaction():
        reader.execute("select from fct_crossings")
        build = harbour.start(*BUILD)
        harbour.wait_until(
            """select count(*) = 2 from pg_class
            where relnamespace = 'harbour_parts'::regnamespace and relkind = 'r'
            and not relispartition"""
        )
        build.kill()
        harbour.rows(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dbt'"
        )
    assert (harbour.counts(), len(harbour.nobodys())) == (MONTHS, 2)
    harbour.dbt(*BUILD)
    expect_all_is_well(harbour)


def test_between_two_swaps_while_its_session_goes_on(harbour: Harbour) -> None:
    deliver(harbour)
    march = harbour.children()["2024-03"]
    with harbour.session() as reader, reader.transaction():
        reader.execute(f"select from {march}")
        build = harbour.start(*BUILD)
        harbour.wait_until("select count(*) = 91 from fct_crossings")
        build.kill()
        assert harbour.counts() == DELIVERED | {"2024-03": 20}
        again = harbour.start(*BUILD)
        again.wait_until_printed(WAITS)
    again.ends_with(0)
    expect_all_is_well(harbour)


def test_while_building_and_its_session_goes_on(harbour: Harbour) -> None:
    """The server does not notice that the client is gone; the next build waits for the first."""
    deliver(harbour)
    with harbour.session() as other, other.transaction():
        other.execute("lock table dim_port in share row exclusive mode")
        build = harbour.start(*BUILD)
        harbour.wait_until("select count(*) = 1 from pg_locks where not granted")
        build.kill()
        again = harbour.start(*BUILD)
        again.wait_until_printed(WAITS)
    again.ends_with(0)
    expect_all_is_well(harbour)
