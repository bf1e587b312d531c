"""The two dbt projects that partitions.py runs: Contrail's way, and dbt-postgres's own.

Both have the same fact, made by the same select, and the same dimensions and indexes. The first
takes the macros of this repository, the second has none but dbt's.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
# The foreign keys in the order in which they are added, and what they refer to.
KEYS = {
    "carrier_key": "dim_carrier",
    "aircraft_key": "dim_aircraft",
    "origin_airport_key": "dim_airport",
    "destination_airport_key": "dim_airport",
    "diverted_to_airport_key": "dim_airport",
    "flight_date_key": "dim_date",
    "scheduled_arrival_date_key": "dim_date",
    "scheduled_departure_time_key": "dim_time_of_day",
    "departure_time_key": "dim_time_of_day",
    "scheduled_arrival_time_key": "dim_time_of_day",
    "arrival_time_key": "dim_time_of_day",
    "flight_status_key": "dim_flight_status",
}
INDEXES = [
    {"columns": ["flight_key", "flight_date"], "unique": True},
    {"columns": ["flight_date"], "type": "brin"},
    {"columns": ["aircraft_key"]},
    {"columns": ["origin_airport_key", "destination_airport_key"]},
]
UNIQUE = [{"columns": ["key"], "unique": True}]
DIMENSIONS = {
    "dim_carrier": "select distinct carrier_key as key from raw.year",
    "dim_aircraft": "select distinct aircraft_key as key from raw.year",
    "dim_airport": "select origin_airport_key as key from raw.year"
    " union select destination_airport_key from raw.year union select -1",
    "dim_date": "select cast(to_char(day, 'yyyymmdd') as integer) as key"
    " from generate_series(timestamp '2014-01-01', '2023-12-31', '1 day') as days (day)",
    "dim_time_of_day": "select generate_series(-1, 1439) as key",
    "dim_flight_status": "select generate_series(0, 4) as key",
}
OURS = f"""
{{{{ config(
    materialized='incremental', incremental_strategy='partition_overwrite', on_schema_change='fail',
    meta={{'partition': {{'field': 'flight_date', 'granularity': 'month'}}, 'indexed': {INDEXES}}}
) }}}}
{{%- set plan = partitions_to_build(inputs=source('raw', 'months')) %}}
select * from {{{{ source('raw', 'flights') }}}}
where {{{{ in_partitions('flight_date', plan) }}}}
order by flight_date
"""
PLAIN = f"""
{{{{ config(
    materialized='incremental', incremental_strategy='<strategy>', on_schema_change='fail',
    unique_key='flight_key', indexes={INDEXES},
    event_time='flight_date', begin='2014-01-01', batch_size='month', lookback=0
) }}}}
select * from {{{{ source('raw', 'flights') }}}}
<filter>
order by flight_date
"""
# Microbatch needs none: dbt filters the source by its event_time.
FILTER = """{{% if is_incremental() -%}}
where flight_date >= cast('{month}' as date) and flight_date < cast('{following}' as date)
{{%- endif %}}"""


class Ran(NamedTuple):
    """Seconds that dbt says a model took, and those of them in which PostgreSQL was at work."""

    seconds: float
    in_postgres: float


@dataclass(frozen=True)
class Project:
    """A dbt project of one fact and its dimensions; without a strategy it is Contrail's."""

    folder: Path
    month: date
    strategy: str = ""

    @property
    def ours(self) -> bool:
        """Whether the project has the macros of this repository."""
        return not self.strategy

    @property
    def schema(self) -> str:
        """Where its tables are; locks.py looks at the first."""
        return "contrail" if self.ours else "plain"

    @property
    def fact(self) -> str:
        """The table that is measured."""
        return f"{self.schema}.fct_flights"

    @property
    def following(self) -> date:
        """The month after the one that is replaced."""
        return date(self.month.year + self.month.month // 12, self.month.month % 12 + 1, 1)

    def write(self, keys: int) -> None:
        """Write the files, with tests for so many foreign keys."""
        (self.folder / "models").mkdir(parents=True, exist_ok=True)
        settings: dict = {"name": "contrail", "profile": "contrail"}
        if self.ours:
            settings |= {
                "macro-paths": [str(ROOT / "macros")],
                "on-run-start": ["{{ create_partition_state() }}"],
                "on-run-end": ["{{ sync_foreign_keys() }}"],
                "models": {"+post-hook": ["{{ record_partitions() }}", "{{ sync_indexes() }}"]},
            }
        self._file("dbt_project.yml", json.dumps(settings))
        own = FILTER.format(month=self.month, following=self.following)
        own = "" if self.strategy == "microbatch" else own
        plain = PLAIN.replace("<strategy>", self.strategy).replace("<filter>", own)
        self._file("models/fct_flights.sql", OURS if self.ours else plain)
        unique = f"meta={{'indexed': {UNIQUE}}}" if self.ours else f"indexes={UNIQUE}"
        for name, query in DIMENSIONS.items():
            self._file(
                f"models/{name}.sql", f"{{{{ config(materialized='table', {unique}) }}}}\n{query}"
            )
        flights = {"name": "flights", "config": {"event_time": "flight_date"}}
        source = {"name": "raw", "schema": "raw", "tables": [flights, {"name": "months"}]}
        columns = [relationship(*key) for key in list(KEYS.items())[:keys]] if self.ours else []
        models = [{"name": "fct_flights", "columns": columns}]
        self._file("models/models.yml", json.dumps({"sources": [source], "models": models}))

    def build(self) -> Ran:
        """Build everything from nothing."""
        return self._run()

    def replace(self) -> Ran:
        """Build the fact again."""
        batch = ("--event-time-start", str(self.month), "--event-time-end", str(self.following))
        return self._run("--select", "fct_flights", *(batch if "batch" in self.strategy else ()))

    def _run(self, *arguments: str) -> Ran:
        """Run dbt in this process, which saves its start."""
        # Not above: it takes seconds, and the process that watches the locks imports this file.
        from dbt.cli.main import dbtRunner

        os.environ["CONTRAIL_PG_SCHEMA"] = self.schema
        log = self.folder / "logs/dbt.log"
        log.unlink(missing_ok=True)
        done = dbtRunner().invoke(
            [
                *("run", "--target", "postgres", "--quiet", "--profiles-dir", str(ROOT)),
                *("--project-dir", str(self.folder), "--log-path", str(log.parent)),
                *("--target-path", str(self.folder / "target"), *arguments),
            ]
        )
        if not done.success:
            sys.exit(f"{self.folder}: {done.exception or log.read_text()[-3000:]}")
        [fact] = [r for r in done.result if r.node.name == "fct_flights"]
        statements = re.findall(r"Thread-\d+.*SQL status: .* in ([\d.]+) seconds", log.read_text())
        return Ran(fact.execution_time, sum(map(float, statements)))

    def _file(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)


def relationship(column: str, dimension: str) -> dict:
    """Return the column with the test from which its foreign key is made."""
    arguments = {"to": f"ref('{dimension}')", "field": "key"}
    return {"name": column, "data_tests": [{"relationships": {"arguments": arguments}}]}
