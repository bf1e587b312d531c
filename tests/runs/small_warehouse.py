"""The smallest project that remembers its runs, on DuckDB, with dbt in this process."""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

ROOT = Path(__file__).resolve().parents[2]
# dbt reads a project's tests as templates, so the message of the failing one is no template here.
HOSTILE = "it's \\ \"x\" $$ $body$ {{ nothing }} {% endif %} -- 漢字 😀\n'); drop table b; --"
FILES = {
    "dbt_project.yml": """
        name: contrail
        version: "0.1.0"
        profile: small
        flags: {send_anonymous_usage_stats: false}
        on-run-start: ["{{ create_ops_tables() }}"]
        on-run-end: ["{{ remember_run() }}"]
        vars: {keep_runs_days: 11}
        macro-paths: [macros, own]
        """,
    "profiles.yml": """
        small:
          target: duckdb
          outputs:
            duckdb:
              type: duckdb
              path: "{{ env_var('SMALL_WAREHOUSE') }}"
              threads: 2
              config_options: {access_mode: "{{ env_var('SMALL_ACCESS', 'automatic') }}"}
        """,
    "models/a.sql": "select 1 as id, timestamp '2026-01-01' as landed_at",
    "models/b.sql": "{{ config(materialized='table') }} select * from {{ ref('a') }}",
    "models/schema.yml": """
        sources:
          - name: made
            schema: main
            tables:
              - name: b
                config:
                  loaded_at_field: landed_at
                  freshness: {warn_after: {count: 1, period: day}}
        models:
          - name: a
            columns:
              - name: id
                data_tests: [unique]
        """,
    # What no command line can say.
    "own/remember_halves.sql": r"""
        {% macro remember_halves() %}
        {% do remember_results([{'message': 'a\ud800b\udc00c\ud83d\ude00d\x00e\\ud800'}]) %}
        {% endmacro %}
        """,
    "tests/finds_a_row.sql": "select * from {{ ref('b') }} where {{ env_var('FINDS', 'false') }}",
}


@dataclass
class SmallWarehouse:
    """A project in a directory of its own, and its warehouse."""

    directory: Path

    def __post_init__(self) -> None:
        for name, text in FILES.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("\n        ", "\n"))
        (self.directory / "macros").symlink_to(ROOT / "macros")

    @property
    def database(self) -> Path:
        return self.directory / "warehouse.duckdb"

    def dbt(self, *arguments: str, **environment: str) -> dbtRunnerResult:
        before = dict(os.environ)
        os.environ |= {"SMALL_WAREHOUSE": str(self.database), **environment}
        place = ["--project-dir", str(self.directory), "--profiles-dir", str(self.directory)]
        try:
            quiet = ["--quiet", "--log-path", str(self.directory / "logs")]
            return dbtRunner().invoke([*quiet, *arguments, *place])
        finally:
            # dbt leaves the file open, which the next command of this process would share.
            if DuckDBConnectionManager._ENV:
                DuckDBConnectionManager.env().close()
                DuckDBConnectionManager.close_all_connections()
            os.environ.clear()
            os.environ |= before

    def remember(self, results: object) -> None:
        """Let the macro remember results that dbt did not make."""
        arguments = yaml.safe_dump({"results": results})
        done = self.dbt("run-operation", "remember_results", "--args", arguments)
        assert done.success, done.exception or done.result.results[0].message

    def rows(self, sql: str, *, read_only: bool = True) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=read_only) as connection:
            return connection.execute(sql).fetchall()

    def runs(self) -> list[str]:
        query = "select command from main_ops.invocations order by started_at_utc"
        return [command for (command,) in self.rows(query)]
