"""All joins of a project's models, from dbt's manifest with compiled SQL."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from python_loaders.errors import ContrailError
from python_loaders.joins.declared import declared_relations
from python_loaders.joins.evaluate import Evaluator, Join
from python_loaders.joins.relation import Relation, comma


@dataclass(frozen=True)
class ModelJoin:
    """A join of a model."""

    model: str
    path: str
    join: Join

    @property
    def verdict(self) -> str:
        """Say in a word or two how the join stands."""
        if self.problem:
            return "to look at"
        return f"repeats: {self.join.reason}" if self.join.reason else "by a key"

    @property
    def problem(self) -> str | None:
        """Say what is wrong and what to do, None if nothing is."""
        join = self.join
        if join.is_covered:
            unneeded = "the comment says fan-out, but no row is repeated: take the comment away"
            return unneeded if join.reason is not None else None
        if join.reason:
            return None
        known = " or ".join(join.source.known_keys()) or "nothing that is declared"
        fixed = (
            f"joined on ({comma(join.fixed)})" if join.fixed else "joined on none of its columns"
        )
        return (
            f"may repeat rows: {join.source.name} is {fixed}, and unique by {known}. "
            "Join on all columns of a key, group by those you join on first, declare the key with "
            "a test, or say above the join why rows may repeat: -- fan-out: <why>"
        )


def check(manifest: dict[str, Any]) -> list[ModelJoin]:
    """Return all joins of the project's models.

    Raises:
        ContrailError: a model is not compiled, or its SQL cannot be read.
    """
    return list(Project(manifest).joins())


def load(manifest: Path) -> dict[str, Any]:
    """Return a manifest.

    Raises:
        ContrailError: dbt has not written it.
    """
    if not manifest.is_file():
        raise ContrailError(f"{manifest}: is not there. Run `dbt compile` first.")
    content: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
    return content


class Project:
    """The relations of a project, each evaluated once."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._manifest = manifest
        self._dialect = manifest["metadata"]["adapter_type"]
        self._project = manifest["metadata"]["project_name"]
        self._declared = declared_relations(manifest)
        self._joins: dict[str, list[Join]] = {}
        self._known: dict[str, Relation] = {}
        nodes = {**manifest["nodes"], **manifest["sources"]}
        self._ids = {
            (node["schema"].lower(), (node.get("alias") or node["identifier"]).lower()): unique_id
            for unique_id, node in nodes.items()
            if unique_id in self._declared
        }

    def joins(self) -> Iterator[ModelJoin]:
        """Yield the joins of all models of the project itself, in order of their names."""
        nodes = self._manifest["nodes"].items()
        for unique_id, node in sorted(nodes, key=lambda item: item[1]["name"]):
            is_sql = node["resource_type"] == "model" and node.get("language", "sql") == "sql"
            if is_sql and node["package_name"] == self._project:
                self._relation(unique_id)
                for join in self._joins[unique_id]:
                    yield ModelJoin(node["name"], node["original_file_path"], join)

    def _table(self, table: exp.Table) -> Relation:
        unique_id = self._ids.get((table.db.lower(), table.name.lower()))
        return self._relation(unique_id) if unique_id else Relation(name=table.name)

    def _relation(self, unique_id: str) -> Relation:
        """Return what is declared of a relation, and what its own SQL says beyond that."""
        if unique_id in self._known:
            return self._known[unique_id]
        declared = self._declared[unique_id]
        node = self._manifest["nodes"].get(unique_id)
        if node and node["resource_type"] == "model" and node.get("language", "sql") == "sql":
            self._known[unique_id] = declared
            evaluator = Evaluator(self._table)
            found = evaluator.relation(self._parsed(node), {})
            self._joins[unique_id] = evaluator.joins
            # What an incremental model keeps from earlier runs is not in its SQL.
            if node["config"]["materialized"] in ("view", "table", "ephemeral"):
                declared = Relation(
                    declared.columns or found.columns,
                    declared.keys,
                    declared.versions,
                    found.constants,
                    declared.name,
                ).with_keys(found.keys, found.versions)
        self._known[unique_id] = declared
        return declared

    def _parsed(self, node: dict[str, Any]) -> exp.Expression:
        if not node.get("compiled_code"):
            raise ContrailError(f"{node['name']}: is not compiled. Run `dbt compile` first.")
        try:
            return sqlglot.parse_one(node["compiled_code"], dialect=self._dialect)
        except SqlglotError as error:
            raise ContrailError(
                f"{node['name']}: its compiled SQL cannot be read: {error}"
            ) from None
