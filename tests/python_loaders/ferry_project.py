"""A small dbt project: a source that the repository does not know, and the command line in it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
from typer.testing import CliRunner, Result

from python_loaders.cli import app
from python_loaders.landing.log import Commit, CommitLog

REPOSITORY = Path(__file__).parents[2]
CONTRACT = """
version: 2
sources:
  - name: ferries
    tables:
      - name: crossings
        config:
          meta:
            extracts:
              - files: ["crossings*.csv"]
                null_values: [NA]
            delivery: {mode: replace, period: year, key_columns: [year]}
        columns:
          - {name: year, data_type: smallint, data_tests: [not_null]}
          - name: Ship
            data_type: text
            data_tests: [not_null]
            config: {meta: {aliases: [Vessel]}}
          - {name: passengers, data_type: integer}
          - {name: fare, data_type: "decimal(6,2)"}
          - {name: wind, data_type: double}
          - {name: left_at, data_type: timestamp}
          - {name: note, data_type: text, config: {meta: {optional: true}}}
          - {name: _seq, data_type: bigint}
"""
HEADER = "year,ship,passengers,fare,wind,left_at\n"
ROWS = (
    "2020,Aurora,120,12.50,3.5,2020-05-01T10:00:00Z\n"
    "2020,Borealis,NA,NA,NA,NA\n"
    '2020,"Old ""Ann"", of 1901",7,1.00,-0.5,2020-05-01T11:30:00Z\n'
)


@dataclass
class Project:
    """A project directory, its inbox, and the command line run inside it."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "data" / "inbox"

    @property
    def landing(self) -> Path:
        return self.root / "data" / "landing"

    def describe(self, contract: str, source: str = "ferries") -> None:
        path = self.root / "models" / "staging" / source / f"_{source}__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contract)

    def deliver(self, name: str, content: str | bytes, seconds: int = 0) -> Path:
        """Put a file into the inbox; `seconds` orders the files by modification time."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (1_600_000_000 + seconds, 1_600_000_000 + seconds))
        return path

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def land(self, *arguments: str) -> Result:
        return self.run("land", *arguments)

    def commits(self) -> list[Commit]:
        return CommitLog(self.landing).read()

    def staged(self, sql: str) -> list[tuple[object, ...]]:
        """Stage, then query the warehouse."""
        result = self.run("stage")
        assert result.exit_code == 0, result.output
        with duckdb.connect(self.root / "data" / "warehouse.duckdb", read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def queried(self, sql: str) -> list[dict[str, object]]:
        result = self.run("query", sql, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def parquet(self) -> list[Path]:
        return sorted(self.landing.rglob("*.parquet"))
