"""What the readers of readers.py ask, which answers are right, and the lines of its table."""

from __future__ import annotations

import statistics
from math import inf
from typing import NamedTuple

DATES = "flight_date >= date '{first}' and flight_date < date '{next}'"
COUNT = f"select count(*) from fct_flights where {DATES}"
SCORECARD = "select cast(coalesce(sum(scheduled_flights), 0) as bigint) from carrier_scorecard"
NAMES = [
    *("readers", "looks", "failures", "neither old nor new", "of two builds", "versions seen"),
    *("p50 ms", "p95", "p99", "max"),
]
HEADER = f"| {' | '.join(NAMES)} |\n|{'---|' * len(NAMES)}"
# Each gives one number. The first three are the flights of the month, the next is 0 if the fact and
# a mart on it are of one build, and the last is the number of all flights. Counting what comes from
# a dimension sees to it that a dimension without its rows is noticed, too.
MONTH, AGREE, LONG = "month", "agree", "long"
LOOKS = {
    MONTH: [
        COUNT,
        f"""select cast(coalesce(sum(flights), 0) as bigint) from (
            select count(carrier_code) as flights, avg(arrival_delay_minutes) as delay
            from flights where {DATES} group by carrier_code) as carriers""",
        f"{SCORECARD} where flight_month = date '{{first}}'",
    ],
    AGREE: [f"select ({COUNT}) - ({SCORECARD} where flight_month = date '{{first}}')"],
    LONG: [
        """select cast(coalesce(sum(flights), 0) as bigint) from (
            select count(origin_code) as flights, avg(knocked_on) as knocked_on
            from (
                select origin_code, carrier_code, departure_delay_minutes
                    - lag(arrival_delay_minutes) over
                    (partition by tail_number order by scheduled_departure_at_utc) as knocked_on
                from flights) as legs
            group by origin_code, carrier_code) as routes
        where coalesce(knocked_on, 0) > -1000000"""
    ],
}


class Look(NamedTuple):
    """One answer, or the error that came instead."""

    kind: str
    began: float
    ended: float
    answer: int | str


class Build(NamedTuple):
    """A build of the corrected month; it never ended if it failed."""

    missing: int
    began: float
    ended: float


def legal(look: Look, full: int, builds: list[Build]) -> set[int]:
    """Return the answers that a look may give: those of the versions there were in its time.

    A version is seen at the earliest when its build begins, and at the latest when a later build
    has ended.
    """
    if look.kind == AGREE:
        return {0}
    versions = [Build(0, -inf, -inf), *builds]
    return {
        full - version.missing
        for number, version in enumerate(versions, 1)
        if version.began <= look.ended
        and look.began <= min((later.ended for later in versions[number:]), default=inf)
    }


def line(name: str, looks: list[Look], full: dict[str, int], builds: list[Build]) -> str:
    """Return a line of the table for some looks; `full` has the answers before the first build."""
    answered = [look for look in looks if isinstance(look.answer, int)]
    wrong = [
        look for look in answered if look.answer not in legal(look, full.get(look.kind, 0), builds)
    ]
    mixed = sum(1 for look in wrong if look.kind == AGREE)
    versions = {look.answer for look in answered if look.kind != AGREE}
    took = [1000 * (look.ended - look.began) for look in looks]
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return (
        f"| {name} | {len(looks)} | {len(looks) - len(answered)} | {len(wrong) - mixed} | {mixed} |"
        f" {len(versions)} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} | {max(took):.0f} |"
    )
