"""What the tests of unusual days find and what they report for nothing.

python benchmarks/anomalies.py [SEED]

The SQL is that of macros/anomalies, compiled by dbt; nothing of it is written again here. The
series are the daily flights of 2013 and 2023 in the built warehouse (CONTRAIL_DATA): all, each
airport, each carrier with more than 10,000 flights a year. From the 71st day on 25 days of each are
drawn; in a copy of the series that ends with that day it is multiplied by a factor, and the copy is
scored. Then growing shops, made up, in the same way, and the seconds of the project's monitors.
The figures stand in docs/benchmarks/anomalies.md; the days of alerts go to standard error.
"""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
from dbt.cli.main import dbtRunner

ROOT = Path(__file__).resolve().parents[1]
WAREHOUSE = Path(os.environ.get("CONTRAIL_DATA", "data")).resolve() / "warehouse.duckdb"
FACTORS = (0.0, 0.5, 0.7, 0.8, 1.3, 2.0)
THRESHOLDS = (3.5, 5.0)
FIRST_TESTED = 70
FAULTS = 25
SCORES = """{{ unusual_days(
    'copies', 'day', 'sum(flights)', 'volume', filled='coalesce(spine.measured, 0)', by='series',
    holidays='holidays', warn_at=0
) }}"""
SERIES = {
    "'all'": "true",
    "origin_code": "true",
    "carrier_code": """carrier_code in (
        select carrier_code {days} group by carrier_code having count(*) > 10000
    )""",
}
Series = dict[str, dict[date, int]]


def compiled() -> tuple[str, dict[str, str]]:
    """Return the SQL that scores days, and that of the project's monitors by name."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {
            "CONTRAIL_DATA": scratch,
            "DBT_PROFILES_DIR": str(ROOT),
            "DBT_TARGET_PATH": f"{scratch}/target",
            "DBT_LOG_PATH": f"{scratch}/logs",
        }
        os.chdir(ROOT)
        found = []
        for what in (["--inline", SCORES], ["--select", "tag:anomalies"]):
            result = dbtRunner().invoke(["--quiet", "compile", "--log-level", "none", *what])
            if not result.success:
                raise SystemExit(f"dbt compile {what}: {result.exception or result.result}")
            found.append({run.node.name: run.node.compiled_code for run in result.result})
    [scores] = found[0].values()
    return scores, found[1]


def real_series(warehouse: duckdb.DuckDBPyConnection, year: int) -> Series:
    """Daily flights of a year: all, by airport, by large carrier."""
    series: Series = {}
    days = f"from flights where source_system = 'nycflights{year % 100}'"
    for name, condition in SERIES.items():
        rows = warehouse.execute(
            f"select {name}, flight_date, count(*) {days} and {condition.format(days=days)}"
            " group by all"
        ).fetchall()
        for key, day, flights in rows:
            series.setdefault(key, {})[day] = flights
    return series


def growing_shops(weekly: float, seed: int) -> Series:
    """Four shops of 200 days with a weekly season, 6 % noise and so much growth a week."""
    shops: Series = {}
    season = (1.0, 1.0, 0.9, 1.0, 1.3, 1.6, 0.7)
    for shop in range(4):
        chance = random.Random(f"{seed} {shop}")  # noqa: S311 (nothing secret)
        shops[f"shop {shop}"] = {
            date(2024, 1, 1) + timedelta(days=n): round(
                100 * math.exp(weekly * n / 7) * season[n % 7] * chance.gauss(1, 0.06)
            )
            for n in range(200)
        }
    return shops


def score(warehouse: duckdb.DuckDBPyConnection, sql: str, series: Series, seed: int) -> dict:
    """Score the series as they are (factor 1), and copies with one fault each.

    Returns:
        The absolute score by series, day and factor, of the tested days; no score is 0.
    """
    chance = random.Random(seed)  # noqa: S311 (nothing secret)
    copies, tested = [], {}
    for name, days in sorted(series.items()):
        order = sorted(days)
        copies += [(name, day, float(flights)) for day, flights in days.items()]
        tested |= {(name, day): (name, day, 1.0) for day in order[FIRST_TESTED:]}
        for fault in chance.sample(order[FIRST_TESTED:], FAULTS):
            for factor in FACTORS:
                copy = f"{name} {fault} {factor}"
                tested[copy, fault] = (name, fault, factor)
                copies += [
                    (copy, day, days[day] * (factor if day == fault else 1))
                    for day in order
                    if day <= fault
                ]
    rows = pl.DataFrame(copies, schema=["series", "day", "flights"], orient="row")
    warehouse.register("copies", rows)
    found = {row[:2]: abs(row[4]) for row in warehouse.execute(sql).fetchall()}
    warehouse.unregister("copies")
    return {key: found.get(place, 0.0) for place, key in tested.items()}


def show(title: str, scores: dict, holidays: set[date]) -> None:
    """Print a line for each threshold, and the alerts on days that were not touched."""
    for threshold in THRESHOLDS:
        cells = [title, f"{threshold}"]
        untouched = [key for key in scores if key[2] == 1]
        alerts = [key for key in untouched if scores[key] >= threshold]
        cells.append(f"{100 * len(alerts) / len(untouched):.2f}")
        for special in (False, True):
            for factor in FACTORS if not special else (0.0,):
                asked = [
                    value >= threshold
                    for (_, day, times), value in scores.items()
                    if times == factor and (day in holidays) is special
                ]
                cells.append(f"{100 * sum(asked) / len(asked):.0f}" if asked else "")
        print(f"| {' | '.join(cells)} |")
    by_day: dict[date, list[str]] = {}
    for name, day, factor in scores:
        if factor == 1 and scores[name, day, factor] >= THRESHOLDS[0]:
            by_day.setdefault(day, []).append(name)
    for day, names in sorted(by_day.items()):
        print(f"    {day:%a %d %b %Y}: {', '.join(names)}", file=sys.stderr)


def main() -> None:
    """Print the tables."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    sql, monitors = compiled()
    with duckdb.connect(str(WAREHOUSE), read_only=True) as warehouse:
        warehouse.execute("set threads = 2; set timezone = 'UTC'")
        warehouse.execute("create temp view holidays as select * from dim_date")
        holidays = {
            day
            for (day,) in warehouse.execute(
                """select calendar_date from dim_date where is_federal_holiday
                or is_federal_holiday_observed or is_day_before_holiday or is_day_after_holiday"""
            ).fetchall()
        }
        factors = " | ".join(f"x{factor:g}" for factor in FACTORS)
        print(f"| series | from score | false alerts per 100 | {factors} | x0 on a holiday |")
        print(f"|{'---|' * (len(FACTORS) + 4)}")
        for year in (2013, 2023):
            series = real_series(warehouse, year)
            show(f"{year}, {len(series)} series", score(warehouse, sql, series, seed), holidays)
        for weekly in (-0.03, 0.0, 0.02, 0.05, 0.1):
            shops = score(warehouse, sql, growing_shops(weekly, seed), seed)
            show(f"shops, {weekly:+.0%} a week", shops, holidays)
        for name, monitor in monitors.items():
            start = time.perf_counter()
            alerts = len(warehouse.execute(monitor).fetchall())
            print(f"{name}: {time.perf_counter() - start:.2f} s, {alerts} alerts")


if __name__ == "__main__":
    main()
