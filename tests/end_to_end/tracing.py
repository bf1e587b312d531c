"""Trace rows of every mart of a built warehouse, and count what they are made of."""

import json
from collections.abc import Callable

from warehouse import Warehouse

from python_loaders.landing.log import CommitLog
from python_loaders.stage.base import Result
from python_loaders.trace.lineage import Lineage, total
from python_loaders.trace.model import Model, load_models

# Of how many flights a row of an aggregate says that it is made.
COUNTS = {
    "airport_hours": "scheduled_departures",
    "carrier_scorecard": "scheduled_flights",
    "delay_causes": "attributed_flights",
    "fct_airport_hourly": "scheduled_departures",
    "route_performance": "scheduled_flights",
    "weather_effect": "scheduled_flights",
}


def marts(warehouse: Warehouse) -> list[Model]:
    manifest = warehouse.data / "target" / "manifest.json"
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    names = {n["alias"] for n in nodes if n["resource_type"] == "model" and "marts" in n["fqn"]}
    return [model for name, model in load_models(manifest).items() if name in names]


def assert_every_mart_is_traced(
    warehouse: Warehouse, schema: str, query: Callable[[str], Result]
) -> None:
    """Rows of aggregates are made of as many rows as they count, all others of one at least."""
    lineage = Lineage(load_models(warehouse.data / "target" / "manifest.json"), schema, query)
    commits = CommitLog(warehouse.data / "landing").read()
    live = {(commit.seq, commit.batch_id) for commit in commits}
    for mart in marts(warehouse):
        grain = ", ".join(mart.grain)
        counted = COUNTS.get(mart.name)
        order = f"{counted} desc, {grain}" if counted else f"{grain} desc"
        found = query(f"select {grain} from {mart.relation(schema)} order by {order} limit 3")
        assert found.rows or mart.name == "fct_weather_hourly"
        for row in found.rows:
            values = {name: str(value) for name, value in zip(mart.grain, row, strict=True)}
            (traced,) = lineage.trace(mart, values)
            parts = {(part.seq, part.batch_id) for part in traced.parts}
            assert parts <= live
            if mart.made_of:
                assert not parts
            elif counted:
                assert total(traced.parts) == traced.row[counted], (mart.name, values)
            else:  # special members have a negative key
                assert parts or row[0] in (-1, -2), (mart.name, values)
