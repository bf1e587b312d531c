"""A landing zone and its warehouse, driven without a process for each command.

dbt parses the project once and builds the small warehouse in some two seconds. A template that was
built from an empty landing zone holds what depends on no delivery: views, seeds and fixed
dimensions. A build is then that of all tables and incremental models.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.contract.model import Table
from python_loaders.landing.log import Commit
from python_loaders.stage.duckdb import DuckDBStager

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("--select", "config.materialized:table", "config.materialized:incremental")
FIXED = ("--exclude", "dim_date", "dim_time_of_day", "dim_flight_status")
BUILT = re.compile(r"(\w+): (\d+) months to build(?:, (\S+) \.\. (\S+))?")


# Each relation with its number of rows and a hash of them.
Contents = dict[str, tuple[int, int]]


@cache
def tables() -> list[Table]:
    return loadable_tables(load_sources(ROOT / "models" / "staging"))


@contextmanager
def surroundings(data: Path) -> Iterator[None]:
    """What a user's shell says to dbt; put back afterwards."""
    before, here = dict(os.environ), Path.cwd()
    os.environ |= {
        "CONTRAIL_DATA": str(data),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(data / "target"),
        "DBT_LOG_PATH": str(data / "logs"),
    }
    os.chdir(ROOT)
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ |= before


class Dbt:
    """dbt in this process, with the project parsed once."""

    def __init__(self, scratch: Path) -> None:
        self.builds = 0
        with surroundings(scratch):
            result = dbtRunner().invoke(["--quiet", "--log-level-file", "none", "parse"])
        assert isinstance(result.result, Manifest), result.exception
        self._manifest = result.result

    def run(self, data: Path, *arguments: str) -> list[str]:
        """Run a command; return what the macros logged."""
        messages: list[str] = []

        def remember(event: EventMsg) -> None:
            if event.info.name == "JinjaLogInfo":
                messages.append(event.info.msg)

        options = ["--quiet", "--log-level-file", "none", "--no-write-json", "--no-version-check"]
        with surroundings(data):
            runner = dbtRunner(self._manifest, callbacks=[remember])
            result = runner.invoke([*options, *arguments])
            # dbt leaves the file open, which the next command of this process would share.
            DuckDBConnectionManager.env().close()
            DuckDBConnectionManager.close_all_connections()
        self.builds += 1
        assert result.success, failures(result)
        return messages


def failures(result: dbtRunnerResult) -> str:
    if result.exception:
        return repr(result.exception)
    good = ("success", "pass")
    return "\n".join(f"{r.node.name}: {r.message}" for r in result.result if r.status not in good)


@dataclass
class ReplayedWarehouse:
    """A warehouse of its own over a landing zone that it may share."""

    data: Path
    dbt: Dbt
    built: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def template(cls, data: Path, dbt: Dbt) -> "ReplayedWarehouse":
        """Build what there is before anything is landed."""
        warehouse = cls(data, dbt)
        warehouse.stage(data / "landing", [])
        dbt.run(data, "seed")
        dbt.run(data, "run")
        return warehouse

    def copied(self, data: Path) -> "ReplayedWarehouse":
        """A copy in another directory."""
        data.mkdir(parents=True)
        shutil.copy(self.path, data)
        return ReplayedWarehouse(data, self.dbt)

    @property
    def path(self) -> Path:
        return self.data / "warehouse.duckdb"

    def stage(self, landing: Path, commits: Sequence[Commit]) -> None:
        DuckDBStager(self.path, landing).stage(tables(), commits)

    def build(self, landing: Path, commits: Sequence[Commit], *arguments: str) -> None:
        """Stage and build; remember the first and last month of each partitioned model."""
        self.stage(landing, commits)
        self.built = {}
        for message in self.dbt.run(self.data, "run", *TABLES, *FIXED, *arguments):
            if found := BUILT.search(message):
                model, _, first, last = found.groups()
                self.built[model] = [first[:7], last[:7]] if first else []

    def as_of(self, seq: int, template: "ReplayedWarehouse") -> "ReplayedWarehouse":
        """The state after a commit, as `dbt run --vars '{as_of_seq: 3}'` builds it."""
        state = template.copied(self.data / "states" / f"as_of_{seq}")
        wanted = ["--vars", f"{{as_of_seq: {seq}}}", "--full-refresh"]
        self.dbt.run(self.data, "run", *TABLES, *FIXED, *wanted)
        return state

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def contents(self) -> Contents:
        """Every relation that the landing zone decides: its rows and a hash of them in no order."""
        decided = "table_schema in ('main', 'main_intermediate') or table_name = 'partition_state'"
        return self._hashed(decided, "*")

    def marts(self) -> Contents:
        """The same of what analysts see, but for the columns that name deliveries.

        So it is equal for deliveries that came in another order.
        """
        return self._hashed("table_schema = 'main'", "columns('^[^_]')")

    def _hashed(self, relations: str, columns: str) -> Contents:
        names = self.query(
            f"""select table_schema || '.' || table_name from information_schema.tables
            where {relations} order by 1"""
        )
        total = "count(*), coalesce(sum(cast(hash(r) as hugeint)), 0)"
        selects = [
            f"select '{name}', {total} from (select {columns} from {name}) as r"
            for (name,) in names
        ]
        found = self.query(" union all ".join(selects))
        return {name: (rows, digest) for name, rows, digest in found}


def differing(one: Contents, other: Contents) -> list[str]:
    """The relations that are not the same on both sides."""
    return sorted(name for name in one | other if one.get(name) != other.get(name))


def first_differences(
    one: ReplayedWarehouse, other: ReplayedWarehouse, relations: Sequence[str], limit: int = 4
) -> str:
    """Some rows that only one of two warehouses has, for each relation."""
    lines = []
    with duckdb.connect(str(one.path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{other.path}' as other (read_only)")
        for relation in relations:
            for here, there, only in (("", "other.", "incremental"), ("other.", "", "full")):
                rows = connection.execute(
                    f"select * from {here}{relation} except all select * from {there}{relation}"
                    f" limit {limit}"
                ).fetchall()
                lines.extend(f"{relation}, only in the {only} build: {row}" for row in rows)
    return "\n".join(lines)
