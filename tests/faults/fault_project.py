"""A project with one source, on which real processes are let loose."""

import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from forked import Child, ForkServer

from python_loaders.landing.log import Commit, CommitLog, live_commits

CONTRACT = """
version: 2
sources:
  - name: ferries
    tables:
      - name: crossings
        config:
          meta:
            extracts: [{files: ["crossings*.csv"], null_values: [NA]}]
            rejects: {max_rows: 1}
            delivery: {mode: replace, period: year, key_columns: [year]}
        columns:
          - {name: year, data_type: smallint, data_tests: [not_null]}
          - {name: ship, data_type: text}
          - {name: passengers, data_type: integer}
"""
HEADER = "year,ship,passengers\n"
CLOCK = "2026-01-01T00:00:00+00:00"


def delivery(year: int, ship: str, rows: int = 3, rejects: int = 0) -> str:
    """Return a file of a year in which every row names the ship."""
    good = "".join(f"{year},{ship},{number}\n" for number in range(rows))
    return HEADER + good + f"{year},{ship},many\n" * rejects


@dataclass
class FaultProject:
    """The project's directory, and what starts commands in it."""

    root: Path
    forks: ForkServer
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def build(cls, root: Path, forks: ForkServer, contract: str = CONTRACT) -> "FaultProject":
        (root / "data" / "inbox").mkdir(parents=True)
        (root / "dbt_project.yml").touch()
        path = root / "models" / "staging" / "ferries" / "_ferries__sources.yml"
        path.parent.mkdir(parents=True)
        path.write_text(contract)
        return cls(root, forks)

    @property
    def inbox(self) -> Path:
        return self.root / "data" / "inbox"

    @property
    def landing(self) -> Path:
        return self.root / "data" / "landing"

    @property
    def warehouse(self) -> Path:
        return self.root / "data" / "warehouse.duckdb"

    def deliver(self, name: str, content: str | bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    def start(
        self,
        *arguments: str,
        points: tuple[str, ...] = (),
        fault: str = "",
        clock: str = CLOCK,
        limits: dict[str, int] | None = None,
    ) -> Child:
        return self.forks.start(
            self.root,
            *arguments,
            points=points,
            fault=fault,
            clock=clock,
            limits=limits,
            environment=self.environment,
        )

    def run(
        self,
        *arguments: str,
        points: tuple[str, ...] = (),
        fault: str = "",
        clock: str = CLOCK,
        limits: dict[str, int] | None = None,
    ) -> tuple[int, str]:
        child = self.start(*arguments, points=points, fault=fault, clock=clock, limits=limits)
        return child.wait(), child.output

    def expect(self, *arguments: str, clock: str = CLOCK) -> str:
        code, output = self.run(*arguments, clock=clock)
        assert code == 0, output
        return output

    def copy(self, root: Path) -> "FaultProject":
        """Return the same project elsewhere."""
        shutil.copytree(self.root, root)
        return FaultProject(root, self.forks, self.environment)

    def commits(self) -> list[Commit]:
        return CommitLog(self.landing).read()

    def ships(self) -> dict[str, int]:
        """Count what readers of the landing zone see: the rows of each ship."""
        files = [self.landing / f.path for c in live_commits(self.commits()) for f in c.files]
        counts: dict[str, int] = {}
        for file in files:
            for ship, rows in pl.read_parquet(file)["ship"].value_counts().iter_rows():
                counts[ship] = counts.get(ship, 0) + rows
        return counts

    def tree(self, *below: str) -> dict[str, str]:
        """Return every file with the sha256 of its content; locks are no content."""
        found = {}
        for name in below or ("landing",):
            directory = self.root / "data" / name
            for path in sorted(directory.rglob("*")):
                if path.is_file() and path.name != ".lock":
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                    found[path.relative_to(directory.parent).as_posix()] = content
        return found
