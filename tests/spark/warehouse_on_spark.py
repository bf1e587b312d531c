"""A warehouse on Spark, driven in this process, beside one on DuckDB over the same landing zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.events.base_types import EventMsg
from slices import Delivery
from warehouse_in_process import (
    BUILT,
    FIXED,
    ROOT,
    TABLES,
    Dbt,
    ReplayedWarehouse,
    failures,
    surroundings,
    tables,
)

from python_loaders.compare.compare import compare
from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.find import Sides
from python_loaders.compare.marts import load_marts
from python_loaders.compare.spark import SparkEngine
from python_loaders.landing.log import Commit, CommitLog
from python_loaders.settings import Settings
from python_loaders.spark.profile import Profile, load_profile
from python_loaders.stage.spark import SparkStager

SIDES = Sides("duckdb", "spark")
OPTIONS = ("--quiet", "--log-level-file", "none", "--no-version-check", "--no-use-colors")
# Some of every source.
FIRST = [
    Delivery("airportsdata", "2010-06-01"),
    Delivery("airports", "2010-06-01"),
    Delivery("airlines", "2010-06-01"),
    Delivery("planes", "2013-01-15"),
    Delivery("weather", "2016-04-29"),
    Delivery("bts", "2013-01"),
    Delivery("bts", "2013-02"),
    Delivery("selected", "2013-03/a"),
]


class SparkDbt:
    """dbt for Spark in this process, with the project parsed once."""

    def __init__(self, data: Path, target: str) -> None:
        self._target = target
        with surroundings(data):
            result = dbtRunner().invoke([*OPTIONS, "parse", "--target", target])
        assert isinstance(result.result, Manifest), result.exception
        self._manifest = result.result

    def run(self, data: Path, *arguments: str) -> list[str]:
        """Run a command; return what the macros logged."""
        messages: list[str] = []

        def remember(event: EventMsg) -> None:
            if event.info.name == "JinjaLogInfo":
                messages.append(event.info.msg)

        with surroundings(data):
            runner = dbtRunner(self._manifest, callbacks=[remember])
            own = ["--no-write-json", "--target", self._target]
            result = runner.invoke([*OPTIONS, *arguments, *own])
        assert result.success, failures(result)
        return messages


@dataclass
class SparkWarehouse:
    """The warehouse below a data directory; what replay's World needs, but on Spark."""

    data: Path
    dbt: SparkDbt
    duckdb: ReplayedWarehouse
    profile: Profile
    built: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def empty(cls, data: Path, duckdb: Path, target: str = "spark") -> "SparkWarehouse":
        """Start Spark and build what depends on no delivery, on both engines."""
        (data / "spark").mkdir(parents=True)
        with surroundings(data):
            profile = load_profile(Settings(project=ROOT, data=data), target)
            template = ReplayedWarehouse.template(duckdb, Dbt(duckdb))
            warehouse = cls(data, SparkDbt(data, target), template, profile)
            warehouse.stage(data / "landing", [])
        warehouse.dbt.run(data, "seed")
        warehouse.dbt.run(data, "run")
        return warehouse

    def stager(self) -> SparkStager:
        return SparkStager(self.profile, self.data / "landing")

    def stage(self, landing: Path, commits: Sequence[Commit]) -> None:
        SparkStager(self.profile, landing).stage(tables(), commits)

    def build(self, landing: Path, commits: Sequence[Commit], *arguments: str) -> None:
        """Stage and build; remember the first and last month of each partitioned model."""
        self.stage(landing, commits)
        self.built = {}
        for message in self.dbt.run(self.data, "run", *TABLES, *FIXED, *arguments):
            if found := BUILT.search(message):
                model, _, first, last = found.groups()
                self.built[model] = [first[:7], last[:7]] if first else []

    def query(self, sql: str) -> list[tuple]:
        return self.stager().query(sql).rows

    def contents(self) -> dict[str, tuple[int, int]]:
        """What World keeps of a first build to compare with later: differences() does it here."""
        return {}

    def files(self, relation: str) -> Mapping[str, set[str]]:
        """The files of each month of a partitioned relation."""
        files: dict[str, set[str]] = {}
        columns = "cast(partition_month as string), _metadata.file_name"
        for month, name in self.query(f"select {columns} from {relation} group by 1, 2"):
            files.setdefault(month[:7], set()).add(name)
        return files

    def differences(self, log: CommitLog) -> list[str]:
        """Build the one on DuckDB as well and compare every mart; say what differs."""
        self.duckdb.build(log.landing, log.read())
        engines = (DuckDBEngine(self.duckdb.data / "warehouse.duckdb"), SparkEngine(self.profile))
        marts = load_marts(self.data / "target" / "manifest.json")
        assert len(marts) > 20
        found = [(mart.name, compare(mart, SIDES, engines).difference) for mart in marts]
        return [f"{name}: {difference}" for name, difference in found if difference]
