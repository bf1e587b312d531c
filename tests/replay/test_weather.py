"""A corrected weather file changes exactly the flights that it touches, an outdated one none."""

from collections.abc import Callable

from operations import Build, World
from slices import Delivery

RELEASE = "2018-06-20b"
# On the last evening of January by the airport's clock, in February by UTC.
OF_THE_HOUR = """
    select flight_key, visibility_miles from flights where origin_code = 'JFK'
    and date_trunc('hour', scheduled_departure_at_utc) = timestamp '2013-02-01 04:00'
"""


def flights(world: World) -> dict[int, tuple]:
    """The flights with what is known of their weather, by their key."""
    rows = world.warehouse.query("select columns('^[^_]') from flights")
    return {row[0]: row for row in rows}


def effect(world: World) -> set[tuple]:
    return set(world.warehouse.query("select * from weather_effect"))


def test_only_flights_of_the_corrected_hour_change(new_world: Callable[[], World]) -> None:
    world = new_world()
    world.play([Delivery("flights13", "2013"), Delivery("weather", RELEASE), Build()])
    before, effect_before = flights(world), effect(world)

    world.play([Delivery("weather", "2016-04-29", "windy"), Build()])
    assert not any(world.warehouse.built.values())
    assert flights(world) == before

    world.play([Delivery("weather", RELEASE, "one hour"), Build()])
    assert world.warehouse.built["fct_flights"] == []
    after, touched = flights(world), dict(world.warehouse.query(OF_THE_HOUR))
    assert {key for key in before if before[key] != after[key]} == set(touched)
    assert set(touched.values()) == {0.25}
    moved = effect_before ^ effect(world)
    assert {(str(row[0]), row[1]) for row in moved} == {("2013-01-01", "JFK")}
