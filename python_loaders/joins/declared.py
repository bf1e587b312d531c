"""The keys that a project declares: tests of uniqueness, constraints, `meta.grain`, versions."""

import re
from collections.abc import Iterator
from typing import Any

from python_loaders.joins.relation import Key, Relation, Versions

# Tests by the name of their macro, with the argument that holds the columns.
UNIQUE = {
    "unique": "column_name",
    "unique_combination": "columns",
    "unique_combination_of_columns": "combination_of_columns",
}
UNIQUE_CONSTRAINTS = {"primary_key", "unique"}
VERSIONS = "gapless_versions"

Node = dict[str, Any]


def declared_relations(manifest: dict[str, Any]) -> dict[str, Relation]:
    """Return every model, seed, snapshot and source by its id, with the keys that it declares."""
    nodes: dict[str, Node] = {**manifest["nodes"], **manifest["sources"]}
    relations = {}
    for unique_id, node in nodes.items():
        if node["resource_type"] in ("model", "seed", "snapshot", "source"):
            columns = tuple(name.lower() for name in node["columns"]) or None
            relation = Relation(columns=columns, name=node["name"])
            relations[unique_id] = relation.with_keys(_keys_of_node(node))
    for test in manifest["nodes"].values():
        tested = test.get("attached_node") or _only_parent(test)
        if test["resource_type"] == "test" and test.get("test_metadata") and tested in relations:
            relations[tested] = _with_test(relations[tested], test)
    return relations


def _only_parent(test: Node) -> str:
    """Return what a test of a source reads: dbt attaches it to nothing."""
    parents = test.get("depends_on", {}).get("nodes", [])
    return str(parents[0]) if len(parents) == 1 else ""


def _keys_of_node(node: Node) -> Iterator[Key]:
    config = node.get("config") or {}
    grain = (config.get("meta") or {}).get("grain") or (node.get("meta") or {}).get("grain")
    if isinstance(grain, list):
        yield _key(grain)
    for constraint in node.get("constraints") or []:
        if constraint["type"] in UNIQUE_CONSTRAINTS and constraint.get("columns"):
            yield _key(constraint["columns"])
    for name, column in node["columns"].items():
        if any(c["type"] in UNIQUE_CONSTRAINTS for c in column.get("constraints") or []):
            yield _key([name])


def _with_test(relation: Relation, test: Node) -> Relation:
    metadata = test["test_metadata"]
    arguments = metadata["kwargs"]
    if metadata["name"] in UNIQUE:
        value = arguments.get(UNIQUE[metadata["name"]]) or []
        key = _key([value] if isinstance(value, str) else value)
        # A column of a test may be an expression, too; that is no column of the relation.
        if key and _holds_for_all(test, key) and all(re.fullmatch(r"\w+", c) for c in key):
            return relation.with_keys([key])
    if metadata["name"] == VERSIONS:
        code = _key([arguments["code"]])
        versions = Versions(code, "valid_from", "valid_to", "is_current")
        if _holds_for_all(test, code):
            return relation.with_keys([code | {"valid_from"}, code | {"valid_to"}], [versions])
    return relation


def _holds_for_all(test: Node, key: Key) -> bool:
    """Say whether a test looks at every row that an equality can find: none has a null key."""
    where = (test["config"].get("where") or "").strip().lower()
    found = re.fullmatch(r"(\w+) is not null", where)
    return not where or bool(found and found.group(1) in key)


def _key(columns: list[str]) -> Key:
    return frozenset(column.strip('"`').lower() for column in columns)
