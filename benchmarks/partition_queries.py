"""What analysts ask of the facts of partitions.py, with and without partitions and indexes."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import psycopg

REPEAT = 5
MONTH = "flight_date >= date '{month}' and flight_date < date '{month}' + interval '1 month'"
WEEK = "flight_date >= date '{month}' + 7 and flight_date < date '{month}' + 14"
YEAR = "flight_date >= date '2015-01-01' and flight_date < date '2016-01-01'"
ROUTE = (
    "origin_airport_key = hashtextextended('JFK', 0)"
    " and destination_airport_key = hashtextextended('LAX', 0)"
)
DELAYS = "select carrier_key, count(*), avg(arrival_delay_minutes) from {fact}"
QUESTIONS = {
    "one month by carrier": f"{DELAYS} where {MONTH} group by 1",
    "one week by carrier and day": DELAYS.replace("select", "select flight_date,")
    + f" where {WEEK} group by 1, 2",
    "one day": f"{DELAYS} where flight_date = date '{{month}}' + 14 group by 1",
    "an aircraft, all years": "select count(*), sum(distance_miles) from {fact}"
    " where aircraft_key = hashtextextended('N328AA', 0)",
    "an aircraft, one month": "select count(*), sum(distance_miles) from {fact}"
    f" where aircraft_key = hashtextextended('N328AA', 0) and {MONTH}",
    "a route, one year": f"{DELAYS} where {ROUTE} and {YEAR} group by 1",
    "a flight by key and date": "select * from {fact}"
    " where flight_key = {key} and flight_date = date '{day}'",
    "a flight by key alone": "select * from {fact} where flight_key = {key}",
    "everything by carrier": f"{DELAYS} group by 1",
}
SCANS = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
INDEXES = """
    select distinct on (name) name, method || ' (' || columns || ')' from (
        select
            c.relname as name, a.amname as method,
            array_to_string(array(
                select attname from pg_attribute where attrelid = i.indrelid
                and attnum = any(i.indkey) order by array_position(i.indkey::int2[], attnum)
            ), ', ') as columns
        from pg_index as i
        inner join pg_class as c on i.indexrelid = c.oid
        inner join pg_am as a on c.relam = a.oid
    ) as indexes"""


def ask_all(session: psycopg.Connection, facts: dict[str, str], month: date) -> Iterator[str]:
    """Give a line for each question: milliseconds by fact with and without indexes, and plans."""
    session.prepare_threshold = None  # Or psycopg keeps a plan, whatever is switched off.
    known = dict(session.execute(INDEXES).fetchall())
    [(key, day)] = session.execute(
        f"select flight_key, flight_date from {facts['partitions']}"
        f" where flight_date = date '{month}' + 9 limit 1"
    ).fetchall()
    for name, question in QUESTIONS.items():
        taken: dict[tuple[str, bool], list[float]] = {}
        used: dict[str, str] = {}
        for number in range(REPEAT + 1):
            for layout, fact in facts.items():
                query = question.format(fact=fact, month=month, key=key, day=day)
                for indexed in (True, False):
                    with session.transaction():
                        if not indexed:
                            for scan in SCANS:
                                session.execute(f"set local {scan} = off")
                        began = time.perf_counter()
                        session.execute(query).fetchall()
                        seconds = time.perf_counter() - began
                    if number:  # The first only warms up.
                        taken.setdefault((layout, indexed), []).append(seconds)
                used[layout] = plan(session, query, known)
        cells = [
            f"{1000 * median(taken[layout, indexed]):.1f}"
            for indexed in (False, True)
            for layout in facts
        ]
        yield f"| {name} | {' | '.join([*cells, *(used[layout] for layout in facts)])} |"


def plan(session: psycopg.Connection, query: str, known: dict[str, str]) -> str:
    """Return how a query reads the fact."""
    lines = [line for (line,) in session.execute(f"explain {query}").fetchall()]
    indexes = {
        found.group(1)
        for line in lines
        if (found := re.search(r"(?:using|Bitmap Index Scan on) \"?(\w+)", line))
    }
    scans = sum(1 for line in lines if "Seq Scan on" in line)
    ways = sorted({known[name] for name in indexes})
    return " and ".join(ways) or f"sequential scan of {scans}"
