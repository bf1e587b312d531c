"""What the tables of runs tell: runs of dbt, tests, times. See docs/runs.md."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_loaders.errors import ContrailError
from python_loaders.stage.base import Result

Row = Mapping[str, Any]
Query = Callable[[str], Result]

# The newest runs of a target, oldest first.
RUNS = 40
NAMES = ("invocations", "node_results", "test_history", "test_reliability", "model_run_times")
NAMES += ("critical_path", "source_freshness")


@dataclass(frozen=True)
class Ran:
    """What dbt did on one target; `problem` says why nothing is known."""

    runs: list[Row] = field(default_factory=list)
    tests: list[Row] = field(default_factory=list)
    unsteady: list[Row] = field(default_factory=list)
    last_build: list[Row] = field(default_factory=list)
    critical_path: list[Row] = field(default_factory=list)
    times: list[Row] = field(default_factory=list)
    limits: list[Row] = field(default_factory=list)
    problem: str = ""

    @property
    def build(self) -> Row | None:
        """The last build, if there was one."""
        builds = [run for run in self.runs if run["command"] in ("build", "run") and run["nodes"]]
        return builds[-1] if builds else None


def read_ran(query: Query, schema: str, target: str) -> Ran:
    """Ask the views on runs.

    Args:
        query: runs one statement on the warehouse.
        schema: where the marts are; the tables of runs are in <schema>_ops.
        target: the name of the target.
    """
    ops = f"{schema}_ops"
    names = ", ".join(f"'{name}'" for name in NAMES)
    try:
        [(present,)] = query(
            "select count(*) from information_schema.tables "  # noqa: S608
            f"where table_schema = '{ops}' and table_name in ({names})"
        ).rows
        if present != len(NAMES):
            return Ran(problem="No run has been remembered here yet: run `make build`.")
        return _read(query, ops, f"target_name = '{target}'")
    except ContrailError as error:
        return Ran(problem=str(error))


def _read(query: Query, ops: str, of_target: str) -> Ran:
    def rows(sql: str) -> list[Row]:
        result = query(sql)
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    newest = f"select * from {ops}.invocations where {of_target} and not is_empty"  # noqa: S608
    newest += f" order by started_at_utc desc limit {RUNS}"
    build = (
        f"select invocation_id from {ops}.invocations where {of_target} "  # noqa: S608
        "and command in ('build', 'run') and nodes > 0 order by started_at_utc desc limit 1"
    )
    return Ran(
        runs=rows(newest)[::-1],
        tests=rows(f"select * from {ops}.test_reliability where {of_target}"),  # noqa: S608
        unsteady=rows(
            "select h.unique_id, h.test_name, h.invocation_id, h.status, h.failures, h.message, "  # noqa: S608
            f"h.run_started_at_utc from {ops}.test_history as h "
            f"inner join {ops}.test_reliability as r on h.unique_id = r.unique_id "
            "and h.target_name = r.target_name "
            f"where h.{of_target} and not r.is_always_passing order by h.run_started_at_utc"
        ),
        last_build=rows(
            f"select * from {ops}.node_results where invocation_id in ({build}) "  # noqa: S608
            "order by started_at_utc, unique_id"
        ),
        critical_path=rows(
            f"select * from {ops}.critical_path where {of_target} order by critical_step"  # noqa: S608
        ),
        times=rows(
            f"select * from {ops}.model_run_times where {of_target} order by last_seconds desc"  # noqa: S608
        ),
        limits=rows(f"select * from {ops}.source_freshness"),  # noqa: S608
    )


def read_advice(manifest: Path) -> dict[str, str]:
    """Return what to do when a test fails, by unique_id, as far as dbt has written it."""
    try:
        nodes = json.loads(manifest.read_bytes())["nodes"]
        return {
            name: str(node["config"]["meta"]["on_failure"])
            for name, node in nodes.items()
            if node.get("config", {}).get("meta", {}).get("on_failure")
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
