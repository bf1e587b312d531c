"""Spark: views over external tables that know the live files one by one, never over directories.

Each raw relation is a view. What it reads is an external table with a partition for each file that
the log names: the partition leads to the file's directory, and the view keeps to the file of that
name. So a file that no record names does not exist here either. A table is named by a digest of all
it holds and never changed; staging makes the next one and turns the view to it, at once. Files are
not read, moved or copied by any of this. See docs/adr/0010-spark.md.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from python_loaders.contract.model import Table
from python_loaders.contract.types import parse_type
from python_loaders.errors import UsageError
from python_loaders.landing.log import Commit, DataFile, live_commits
from python_loaders.landing.schema import landed_names, shown_table
from python_loaders.spark.connection import Spark, SparkError, connect
from python_loaders.spark.profile import Profile
from python_loaders.spark.text import literal, name_of
from python_loaders.stage.base import (
    AUDIT_COLUMNS,
    DELIVERY_COLUMNS,
    LOG_SCHEMA,
    REJECT_COLUMNS,
    Result,
    Value,
    delivery_rows,
    raw_schema,
    require_files,
)

# What a table of files is partitioned by: the delivery, and the name of the file.
BATCH, FILE = "_batch_id", "_file"
DIGEST_DIGITS = 12
PARTITIONS_AT_A_TIME = 200


class SparkStager:
    """A Stager (see base.py) for the warehouse of one profile."""

    def __init__(self, profile: Profile, landing: Path) -> None:
        self._profile = profile
        self._landing = landing

    def stage(self, tables: Sequence[Table], commits: Sequence[Commit]) -> None:
        """Turn each raw relation to the live deliveries, one relation after the other."""
        tables = [shown_table(table, commits) for table in tables]
        live = live_commits(commits)
        require_files(self._landing, live)
        with connect(self._profile) as spark:
            for schema in sorted({LOG_SCHEMA} | {raw_schema(table.source) for table in tables}):
                for name in (schema, _store(schema)):
                    spark.run(f"create schema if not exists {name_of(name)}")
            for table in tables:
                own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
                self._stage_table(spark, table, own)
            rows = delivery_rows(commits)
            files = [file for commit in commits for file in commit.quarantine]
            _keep_rows(spark, "deliveries", DELIVERY_COLUMNS, _values(rows))
            _keep_rows(spark, "rejects", REJECT_COLUMNS, self._quarantine(files))

    def query(self, sql: str) -> Result:
        """Run one statement in the schema of the marts; only one that reads can stand in a FROM."""
        with connect(self._profile) as spark:
            try:
                spark.run(f"use {name_of(self._profile.schema)}")
                return spark.run(f"select * from (\n{sql.strip().removesuffix(';')}\n)")  # noqa: S608
            except SparkError as error:
                raise UsageError(f"Spark: {error}") from error

    def _stage_table(self, spark: Spark, table: Table, commits: Sequence[Commit]) -> None:
        schema = raw_schema(table.source)
        wanted = {c.landed_name: c.type.name for c in table.landed_columns} | AUDIT_COLUMNS
        selects, kept = [], []
        by_columns = sorted(commits, key=lambda commit: sorted(commit.columns.items()))
        for landed, group in groupby(by_columns, key=lambda commit: commit.columns):
            alike = list(group)
            files = self._register(spark, table, landed | AUDIT_COLUMNS, alike)
            names = landed_names(table, alike[0])
            selects.append(_select(wanted, landed | AUDIT_COLUMNS, names, _store(schema), files))
            kept.append(files)
        _turn(spark, schema, table.name, wanted, selects)
        _drop_others(spark, schema, table.name, kept)

    def _register(
        self, spark: Spark, table: Table, landed: Mapping[str, str], commits: Sequence[Commit]
    ) -> str:
        """Make the table of these files, unless it is there, and return its name."""
        root = self._landing / table.source / table.name / "data"
        places = {(commit.batch_id, file.path) for commit in commits for file in commit.files}
        name = f"{table.name}_{_digest(str(root), landed, sorted(places))}"
        relation = name_of(_store(raw_schema(table.source)), name)
        columns = ", ".join(
            f"{name_of(column)} {parse_type(kind).spark}" for column, kind in landed.items()
        )
        spark.run(
            f"create external table if not exists {relation} ({columns}, {name_of(FILE)} string) "
            f"using parquet partitioned by ({name_of(BATCH)}, {name_of(FILE)}) "
            f"location {literal(str(root))}"
        )
        if len(spark.run(f"show partitions {relation}").rows) == len(places):
            return name
        parts = [
            f"partition ({name_of(BATCH)} = {literal(batch)}, "
            f"{name_of(FILE)} = {literal(Path(path).name)}) "
            f"location {literal(str((self._landing / path).parent))}"
            for batch, path in sorted(places)
        ]
        for start in range(0, len(parts), PARTITIONS_AT_A_TIME):
            some = " ".join(parts[start : start + PARTITIONS_AT_A_TIME])
            spark.run(f"alter table {relation} add if not exists {some}")
        return name

    def _quarantine(self, files: Sequence[DataFile]) -> str:
        """Return a query on the rejects, which are few, of all files, which lie in few places."""
        columns = ", ".join(map(name_of, REJECT_COLUMNS))
        return " union all ".join(
            f"select {columns} from parquet.{name_of(str(self._landing / file.path))}"  # noqa: S608
            for file in files
        )


def _store(schema: str) -> str:
    """Return the schema that holds the tables behind the views of a raw schema."""
    return f"{schema}_files"


def _select(
    wanted: Mapping[str, str],
    landed: Mapping[str, str],
    names: Mapping[str, str],
    schema: str,
    table: str,
) -> str:
    """Return a query on a table of files, with the columns and types to show."""
    columns = []
    for name, kind in wanted.items():
        source = names.get(name, name)
        value = name_of(source) if source in landed else "null"
        if landed.get(source) != kind:
            value = f"cast({value} as {parse_type(kind).spark})"
        columns.append(f"{value} as {name_of(name)}")
    return (
        f"select {', '.join(columns)} from {name_of(schema, table)} "  # noqa: S608
        f"where _metadata.file_name = {name_of(FILE)}"
    )


def _keep_rows(spark: Spark, name: str, columns: Mapping[str, str], query: str) -> None:
    """Keep the rows of a query in a table of their own and turn the view of a name to it."""
    table = f"{name}_{_digest(columns, query)}"
    listed = ", ".join(
        f"cast({name_of(column)} as {parse_type(kind).spark}) as {name_of(column)}"
        for column, kind in columns.items()
    )
    if query:
        spark.run(
            f"create table if not exists {name_of(_store(LOG_SCHEMA), table)} using parquet as "  # noqa: S608
            f"select {listed} from ({query}) as kept ({', '.join(map(name_of, columns))})"
        )
    selects = [f"select * from {name_of(_store(LOG_SCHEMA), table)}"] if query else []  # noqa: S608
    _turn(spark, LOG_SCHEMA, name, columns, selects)
    _drop_others(spark, LOG_SCHEMA, name, [table] if query else [])


def _values(rows: Sequence[tuple[Value, ...]]) -> str:
    lines = [f"({', '.join(map(literal, row))})" for row in rows]
    return f"values {', '.join(lines)}" if lines else ""


def _turn(
    spark: Spark, schema: str, name: str, columns: Mapping[str, str], selects: Sequence[str]
) -> None:
    """Replace a view; without selects it has columns and no rows."""
    nothing = ", ".join(
        f"cast(null as {parse_type(kind).spark}) as {name_of(column)}"
        for column, kind in columns.items()
    )
    body = " union all ".join(selects) or f"select {nothing} where false"
    spark.run(f"create or replace view {name_of(schema, name)} as {body}")


def _drop_others(spark: Spark, schema: str, name: str, kept: Sequence[str]) -> None:
    """Drop the tables that the view of a name does not read any more; files of landing stay."""
    own = re.compile(rf"{re.escape(name)}_[0-9a-f]{{{DIGEST_DIGITS}}}")
    for _, table, *_ in spark.run(f"show tables in {name_of(_store(schema))}").rows:
        if own.fullmatch(str(table)) and table not in kept:
            spark.run(f"drop table {name_of(_store(schema), str(table))}")


def _digest(*what: object) -> str:
    text = json.dumps(what, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_DIGITS]
