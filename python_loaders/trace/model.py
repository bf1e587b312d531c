"""What dbt's manifest says of a model: its grain, and where its rows come from.

A model whose rows each come from one row of a delivery carries the audit columns. Any other says
in `config.meta.trace` which rows of another model it is made from, in SQL over `mart` (its own row)
and `source` (a row of the other):

    trace:
      - {rows_of: flights, where: source.flight_date = mart.flight_date}

The first of several steps that finds rows counts. A model that is made from no delivery says so:
`trace: {made_of: the calendar}`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_loaders.errors import ContrailError, UsageError, did_you_mean
from python_loaders.sql import quoted

AUDIT_COLUMNS = ("_seq", "_batch_id", "_source_file", "_source_row")


@dataclass(frozen=True)
class Step:
    """Which rows of another model a row is made from."""

    rows_of: str
    where: str


@dataclass(frozen=True)
class Model:
    """A model as the manifest describes it.

    Attributes:
        name: of the relation.
        schema: what dbt adds to the schema of the target, None for nothing.
        grain: the columns that tell its rows apart.
        columns: all columns, in order.
        steps: where its rows come from, if they do not carry it themselves.
        made_of: what it is made of instead of deliveries.
    """

    name: str
    schema: str | None
    grain: tuple[str, ...]
    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    made_of: str | None

    @property
    def is_audited(self) -> bool:
        """Whether each row says itself which row of which delivery it is."""
        return set(AUDIT_COLUMNS) <= set(self.columns)

    def relation(self, schema: str) -> str:
        """Return its name in SQL, in a target whose schema is given."""
        own = f"{schema}_{self.schema}" if self.schema else schema
        return f"{quoted(own)}.{quoted(self.name)}"


def load_models(manifest: Path) -> dict[str, Model]:
    """Return the models by name.

    Raises:
        ContrailError: dbt has not written the manifest.
    """
    if not manifest.is_file():
        raise ContrailError(f"{manifest}: does not exist yet. Run `dbt parse`.")
    nodes = json.loads(manifest.read_bytes())["nodes"].values()
    models = (_model(node) for node in nodes if node["resource_type"] == "model")
    return {model.name: model for model in models}


def find_model(models: dict[str, Model], name: str) -> Model:
    """Return a model.

    Raises:
        UsageError: there is none of this name.
    """
    if name not in models:
        raise UsageError(f"{name}: there is no such model.{did_you_mean(name, list(models))}")
    return models[name]


def _model(node: dict[str, Any]) -> Model:
    meta = node["config"]["meta"]
    trace = meta.get("trace", [])
    is_made = isinstance(trace, dict)
    return Model(
        name=node["alias"],
        schema=node["config"].get("schema"),
        grain=tuple(meta.get("grain", ())),
        columns=tuple(node["columns"]),
        steps=() if is_made else tuple(Step(**step) for step in trace),
        made_of=trace["made_of"] if is_made else None,
    )
