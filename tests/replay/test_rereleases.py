"""Real re-releases of airports, planes, airlines and weather, landed in any order.

Each stands for the date in its name. The warehouse is the same whichever came first, and whatever
was built in between.
"""

import random
from collections.abc import Callable

import pytest
from operations import Build, Step, World
from slices import Delivery, rereleases
from warehouse_in_process import differing

FLIGHTS = Delivery("flights13", "2013")
TABLES = ("airports", "weather", "planes", "airlines")
RELEASES = [
    Delivery(f"rerelease of {table}", name) for table in TABLES for name in rereleases(table)
]
DIMENSIONS = {"airport": "airport_code", "carrier": "carrier_code", "aircraft": "tail_number"}


def with_builds(deliveries: list[Delivery], every: int) -> list[Step]:
    steps: list[Step] = []
    for number, delivery in enumerate(deliveries, start=1):
        steps += [delivery] + [Build()] * (number % every == 0)
    return steps


def shuffled() -> list[Delivery]:
    deliveries = [FLIGHTS, *RELEASES]
    random.Random(2013).shuffle(deliveries)
    return deliveries


@pytest.fixture(scope="module")
def in_order(new_world: Callable[[], World]) -> World:
    """All of them as they were released, and then built."""
    return played(new_world(), [FLIGHTS, *RELEASES])


def played(world: World, steps: list[Step]) -> World:
    world.play([*steps, Build()])
    return world


def assert_versions_are_whole(world: World) -> None:
    """Half-open, from the beginning to the end of time, and exactly one is current."""
    for dimension, code in DIMENSIONS.items():
        wrong = world.warehouse.query(
            f"""with versions as (
                select
                    *,
                    lag(valid_to, 1, date '1900-01-01') over member as begins,
                    lead(valid_from, 1, date '9999-12-31') over member as ends,
                    count(*) filter (is_current) over (partition by {code}) as current_versions
                from dim_{dimension}
                where {code} is not null
                window member as (partition by {code} order by valid_from)
            )
            select {code}, valid_from, valid_to from versions
            where
                valid_from != begins or valid_to != ends or valid_from >= valid_to
                or current_versions != 1 or is_current != (valid_to = date '9999-12-31')"""
        )
        assert not wrong, dimension


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(with_builds([*RELEASES[::-1], FLIGHTS], 4), id="the newest first"),
        pytest.param(with_builds(shuffled(), 3), id="shuffled", marks=pytest.mark.soak),
    ],
)
def test_any_order_gives_the_same_warehouse(
    new_world: Callable[[], World], in_order: World, steps: list[Step]
) -> None:
    world = played(new_world(), steps)
    assert_versions_are_whole(world)
    assert not differing(world.warehouse.marts(), in_order.warehouse.marts())


def test_the_corrections_of_ten_years_are_versions(in_order: World) -> None:
    assert_versions_are_whole(in_order)
    versions = in_order.warehouse.query(
        """select airport_code, airport_name, cast(valid_from as text), is_current from dim_airport
        where airport_code in ('IMM', 'BFT', '23M') order by airport_code, valid_from"""
    )
    assert versions == [
        # added in 2016, and nothing older is known of it
        ("23M", "Clarke CO", "1900-01-01", True),
        # twice in the release of 2014
        ("BFT", "Beaufort", "1900-01-01", True),
        ("IMM", "Immokalee ", "1900-01-01", False),
        ("IMM", "Immokalee", "2016-07-28", True),
    ]


def test_the_newest_weather_counts_and_what_it_leaves_out_is_gone(in_order: World) -> None:
    hours = in_order.warehouse.query(
        """select strftime(min(observed_hour_at_utc), '%m-%d %H'), count(*),
            max(wind_gust_mph is not null and wind_gust_mph = wind_speed_mph * 1.15078)
        from fct_weather_hourly"""
    )
    assert hours == [("01-01 06", 51, False)]
    known = "select count(*) filter (is_weather_known), count(*) from flights"
    assert in_order.warehouse.query(known) == [(40, 40)]


def test_members_that_vanish_are_closed_and_open_again(new_world: Callable[[], World]) -> None:
    world = played(
        new_world(),
        [FLIGHTS, Delivery("airports", "2010-06-01"), Delivery("airports", "2013-03-10")],
    )
    # comes late, and belongs between the two
    played(world, [Delivery("airports", "2013-02-01", "without a third")])
    assert world.warehouse.built["fct_flights"] == ["2013-02", "2013-03"]
    assert_versions_are_whole(world)
    versions = world.warehouse.query(
        """select member_status, cast(valid_from as text), is_current from dim_airport
        where airport_code = 'ATL' order by valid_from"""
    )
    assert versions == [
        ("delivered", "1900-01-01", False),
        ("withdrawn", "2013-02-01", False),
        ("delivered", "2013-03-10", True),
    ]
    keys = "select count(distinct airport_durable_key) from dim_airport where airport_code = 'ATL'"
    assert world.warehouse.query(keys) == [(1,)]
