"""Does a test notice a mutant? The model, what is downstream of it and their tests, in one process.

A copy of the fixture holds every model as a table. For a mutant its own table and those that
change with it are built anew within a transaction, the data tests of what has changed and the unit
tests of the model are run until one fails, and all is rolled back.
"""

from collections import Counter
from dataclasses import dataclass, field

import duckdb
from mutants import Mutant, Query
from mutation_fixture import Fixture

Digest = tuple[object, ...]
# Tests whose answers are about all flights of two years, not about the few of the fixture.
OF_ALL_FLIGHTS = {"known_answer"}
NOT_SQL = (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        outcome: killed, survived, or invalid (not SQL that the engine takes).
        by: the test, `contract` or `error` that killed it.
        changed: whether a row of the fixture is another.
        is_unit: whether the test is a unit test.
    """

    outcome: str
    by: str = ""
    changed: bool = False
    is_unit: bool = False


@dataclass
class Model:
    """A model as the judge needs it."""

    query: Query
    relation: str
    has_contract: bool
    children: list[str] = field(default_factory=list)
    data_tests: list[str] = field(default_factory=list)
    unit_tests: list[str] = field(default_factory=list)
    digest: Digest = ()


class Judge:
    """Holds the warehouse open, and everything compiled.

    Args:
        fixture: whose warehouse is changed: every model becomes a table.
        unit_tests: the model and the statement of each, by its name.
    """

    def __init__(self, fixture: Fixture, unit_tests: dict[str, tuple[str, str]]) -> None:
        self._connection = duckdb.connect(str(fixture.path))
        self._connection.execute("set TimeZone = 'UTC'")
        self._connection.execute("set threads = 1")
        self.models: dict[str, Model] = {}
        self.not_passing: list[str] = []
        self._data_tests: dict[str, tuple[str, set[str]]] = {}
        self._unit_tests: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._materialize_sources()
        self._load_models(fixture)
        self._load_data_tests(fixture)
        for name, (model, sql) in unit_tests.items():
            self._unit_tests[name] = sql
            self.models[model].unit_tests.append(name)

    def close(self) -> None:
        self._connection.close()

    def _materialize_sources(self) -> None:
        views = self._connection.execute(
            "select schema_name, view_name from duckdb_views() where schema_name like 'raw_%'"
        ).fetchall()
        for schema, name in views:
            self._connection.execute(f"create table {schema}.new as from {schema}.{name}")
            self._connection.execute(f"drop view {schema}.{name}")
            self._connection.execute(f'alter table {schema}.new rename to "{name}"')

    def _load_models(self, fixture: Fixture) -> None:
        """Take the models in the order in which they are built."""
        waiting = [n for n in fixture.nodes.values() if n["resource_type"] == "model"]
        names = {node["unique_id"]: node["name"] for node in waiting}
        while waiting:
            node = waiting.pop(0)
            parents = [names[p] for p in node["depends_on"]["nodes"] if p in names]
            if all(parent in self.models for parent in parents):
                self._load_model(node)
                for parent in parents:
                    self.models[parent].children.append(node["name"])
            else:
                waiting.append(node)
        for node in fixture.nodes.values():
            if node["resource_type"] in ("model", "seed"):
                self._names[node["relation_name"]] = f"__dbt__cte__{node['name']}"
        for relation, name in fixture.sources.items():
            self._names[relation] = f"__dbt__cte__{name}"

    def _load_model(self, node: dict) -> None:
        model = Model(
            query=Query(node["name"], node["compiled_code"]),
            relation=f'{node["schema"]}."{node["alias"]}"',
            has_contract=node["config"]["contract"]["enforced"],
        )
        if node["config"]["materialized"] == "view":
            self._connection.execute(f"drop view {model.relation}")
        self._build(model, model.query.text)
        model.digest = self._digest(model)
        self.models[node["name"]] = model

    def _build(self, model: Model, sql: str) -> None:
        self._connection.execute(f"create or replace table {model.relation} as {sql}")

    def _digest(self, model: Model) -> Digest:
        """Return columns with types, number of rows, and a hash of the rows in no order."""
        columns = self._connection.execute(f"describe {model.relation}").fetchall()
        rows = self._connection.execute(
            f"select count(*), coalesce(sum(cast(hash(r) as hugeint)), 0) from {model.relation} r"
        ).fetchone()
        return (tuple(column[:2] for column in columns), *(rows or ()))

    def _load_data_tests(self, fixture: Fixture) -> None:
        for node in fixture.nodes.values():
            if node["resource_type"] != "test" or node["config"]["severity"].lower() != "error":
                continue
            if (node.get("test_metadata") or {}).get("name") in OF_ALL_FLIGHTS:
                continue
            parents = [fixture.nodes.get(p) for p in node["depends_on"]["nodes"]]
            read = {p["name"] for p in parents if p and p["name"] in self.models}
            sql = f"select 1 from ({node['compiled_code']}) limit 1"
            if self._connection.execute(sql).fetchall():
                self.not_passing.append(node["name"])
            elif read:
                self._data_tests[node["name"]] = (sql, read)
                for name in read:
                    self.models[name].data_tests.append(node["name"])

    def judge(self, mutant: Mutant) -> Verdict:
        """Make the mistake, see who notices, and take it back."""
        self._connection.execute("begin")
        try:
            return self._judged(mutant)
        finally:
            self._connection.execute("rollback")

    def _judged(self, mutant: Mutant) -> Verdict:
        model = self.models[mutant.model]
        part, written = model.query.parts[mutant.part], mutant.written(model.query)
        try:
            self._build(model, model.query.text.replace(part, written, 1))
            digest = self._digest(model)
        except NOT_SQL:
            return Verdict("invalid")
        except duckdb.Error:
            return Verdict("killed", "error", changed=True)
        changed = digest != model.digest
        if model.has_contract and digest[0] != model.digest[0]:
            return Verdict("killed", "contract", changed)
        own = [t for t in model.data_tests if self._data_tests[t][1] == {mutant.model}]
        by = self._failing(own if changed else [], model.data_tests)
        by = by or self._failing_unit(model, part, written)
        if not by and changed:
            by = self._failing_downstream(model, set(own))
        is_unit = by in model.unit_tests
        return Verdict("killed" if by else "survived", by, changed, is_unit)

    def _failing(self, names: list[str], order: list[str]) -> str:
        """Return a test that fails; it is asked first the next time."""
        for name in names:
            try:
                found = self._connection.execute(self._data_tests[name][0]).fetchall()
            except duckdb.Error:
                return name
            if found:
                if name in order:
                    order.insert(0, order.pop(order.index(name)))
                return name
        return ""

    def _failing_unit(self, model: Model, part: str, written: str) -> str:
        for relation, name in self._names.items():
            part, written = part.replace(relation, name), written.replace(relation, name)
        for name in model.unit_tests:
            sql = self._unit_tests[name]
            # A test that puts something else in the place of what a macro writes cannot notice.
            if sql.count(part) == 1 and self._unit_fails(sql.replace(part, written)):
                model.unit_tests.insert(0, model.unit_tests.pop(model.unit_tests.index(name)))
                return name
        return ""

    def _unit_fails(self, sql: str) -> bool:
        try:
            rows = self._connection.execute(sql).fetchall()
        except duckdb.Error:
            return True
        sides: dict[str, Counter[str]] = {"actual": Counter(), "expected": Counter()}
        for row in rows:
            sides[row[-1]][repr(row[:-1])] += 1
        return sides["actual"] != sides["expected"]

    def _failing_downstream(self, model: Model, done: set[str]) -> str:
        """Build what changes with the model, and run the tests that read something that changed."""
        changed, waiting = {model.query.model}, list(model.children)
        order = list(self.models)
        while waiting:
            name = min(waiting, key=order.index)
            waiting = [other for other in waiting if other != name]
            child = self.models[name]
            try:
                self._build(child, child.query.text)
                digest = self._digest(child)
            except duckdb.Error:
                return f"error in {name}"
            if digest != child.digest:
                if child.has_contract and digest[0] != child.digest[0]:
                    return f"contract of {name}"
                changed.add(name)
                waiting += child.children
        near = [t for t in model.data_tests if t not in done]
        far = [t for t, (_, read) in self._data_tests.items() if read & changed]
        return self._failing([*near, *(t for t in far if t not in done and t not in near)], [])

    def unit_tests_that_differ(self) -> list[str]:
        """Return the unit tests in which no part of their model is found: something is wrong."""
        lost = []
        for model in self.models.values():
            for test in model.unit_tests:
                parts = list(model.query.parts.values())
                for relation, name in self._names.items():
                    parts = [part.replace(relation, name) for part in parts]
                if not all(part in self._unit_tests[test] for part in parts):
                    lost.append(test)
        return lost
