"""Sequences after which an incremental build once differed from a full one, and what was wrong."""

import pytest
from operations import Build, Replay, Step
from slices import Delivery

FOUND: dict[str, list[Step]] = {
    # The months of weather did not depend on the time zones of its airports, nor on whether these
    # were known: local hours stayed NULL, and keys -1.
    "weather came before its airports": [
        Delivery("weather", "2016-04-29"),
        Build(),
        Delivery("airportsdata", "2010-06-01"),
    ],
    "weather came before flights named its airports": [
        Delivery("weather", "2016-04-29"),
        Build(),
        Delivery("bts", "2013-02"),
    ],
    "the zone of a weather station was corrected": [
        Delivery("weather", "2016-04-29"),
        Delivery("airportsdata", "2010-06-01"),
        Build(),
        Delivery("airportsdata", "2013-03-10", "another zone"),
    ],
}


@pytest.mark.parametrize("steps", FOUND.values(), ids=FOUND)
def test_what_once_differed(replay: Replay, steps: list[Step]) -> None:
    replay(steps)
