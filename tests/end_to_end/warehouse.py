"""A landing zone and its warehouse in a directory of their own, driven as a user would."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


@dataclass
class Warehouse:
    """`data` is what CONTRAIL_DATA points to."""

    data: Path
    target: str = "duckdb"
    environment: dict[str, str] = field(default_factory=dict)
    built: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inbox.mkdir(parents=True, exist_ok=True)

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    def run(self, *command: str, expect: int = 0) -> str:
        """Run a command of the environment; return all that it printed."""
        environment = os.environ | {
            "CONTRAIL_DATA": str(self.data),
            "DBT_PROFILES_DIR": str(ROOT),
            "DBT_TARGET_PATH": str(self.data / "target"),
            "DBT_LOG_PATH": str(self.data / "logs"),
            "DBT_USE_COLORS": "false",
            **self.environment,
        }
        result = subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = result.stdout + result.stderr
        assert result.returncode == expect, f"{' '.join(command)}: {result.returncode}\n{printed}"
        return printed

    def land(self) -> str:
        return self.run("contrail", "land") + self.stage()

    def stage(self) -> str:
        return self.run("contrail", "stage", "--target", self.target)

    def build(self, *arguments: str, expect: int = 0) -> str:
        """Build without tests; remember the months that each partitioned model built."""
        command = ["dbt", "build", "--target", self.target]
        models_only = ["--exclude-resource-type", "test", "unit_test"]
        printed = self.run(*command, *models_only, *arguments, expect=expect)
        self.built = {
            model: [] if not first else _months(first, last or first, int(count))
            for model, count, first, last in re.findall(
                r"(\w+): (\d+) months to build(?:, (\d{4}-\d\d)-01 \.\. (\d{4}-\d\d)-01)?", printed
            )
        }
        return printed

    def rebuilt_elsewhere(self, data: Path) -> "Warehouse":
        """A warehouse built from nothing but this one's landing zone."""
        data.mkdir()
        (data / "landing").symlink_to(self.data / "landing")
        other = Warehouse(data)
        other.stage()
        other.build()
        return other

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.data / "warehouse.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def contents(self) -> dict[str, tuple[int, int]]:
        """Every table and view of the star: number of rows and a hash without regard to order."""
        relations = self.query(
            """select table_schema || '.' || table_name from information_schema.tables
            where table_schema in ('main', 'main_intermediate')"""
        )
        return {
            relation: self.query(
                f"select count(*), coalesce(sum(cast(hash(r) as hugeint)), 0) from {relation} as r"
            )[0]
            for (relation,) in sorted(relations)
        }


def _months(first: str, last: str, count: int) -> list[str]:
    """The months from first to last if they are that many, else only the ends."""
    year, month = map(int, first.split("-"))
    months = []
    while (text := f"{year}-{month:02}") <= last:
        months.append(text)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months if len(months) == count else [first, "...", last]
