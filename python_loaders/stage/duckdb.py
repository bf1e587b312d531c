"""DuckDB: views over the Parquet files that the log names, never over globs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from glob import escape
from itertools import groupby
from pathlib import Path

import duckdb

from python_loaders.contract.model import Table
from python_loaders.contract.types import parse_type
from python_loaders.errors import ContrailError, UsageError
from python_loaders.landing.log import Commit, DataFile, live_commits
from python_loaders.landing.schema import landed_names, shown_table
from python_loaders.stage.base import (
    AUDIT_COLUMNS,
    DELIVERY_COLUMNS,
    LOG_SCHEMA,
    REJECT_COLUMNS,
    Result,
    delivery_rows,
    raw_schema,
    require_files,
)

READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


class DuckDBStager:
    """A Stager (see base.py) for one DuckDB file."""

    def __init__(self, warehouse: Path, landing: Path) -> None:
        self._warehouse = warehouse
        self._landing = landing

    def stage(self, tables: Sequence[Table], commits: Sequence[Commit]) -> None:
        """Replace every raw relation in one transaction."""
        tables = [shown_table(table, commits) for table in tables]
        self._warehouse.parent.mkdir(parents=True, exist_ok=True)
        live = live_commits(commits)
        require_files(self._landing, live)
        with (
            open_warehouse(self._warehouse, read_only=False) as connection,
            _transaction(connection),
        ):
            for schema in {LOG_SCHEMA} | {raw_schema(table.source) for table in tables}:
                connection.execute(f"create schema if not exists {_quoted(schema)}")
            for table in tables:
                own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
                connection.execute(self._table_view(table, own))
            connection.execute(self._rejects_view(commits))
            columns = ", ".join(
                f"{name} {parse_type(kind).duckdb}" for name, kind in DELIVERY_COLUMNS.items()
            )
            connection.execute(f"create or replace table {LOG_SCHEMA}.deliveries ({columns})")
            marks = ", ".join("?" for _ in DELIVERY_COLUMNS)
            if rows := delivery_rows(commits):
                connection.executemany(
                    f"insert into {LOG_SCHEMA}.deliveries values ({marks})",  # noqa: S608
                    rows,
                )

    def query(self, sql: str) -> Result:
        """Run one reading statement; files outside of the landing zone are out of reach."""
        if not self._warehouse.exists():
            raise ContrailError(f"{self._warehouse}: does not exist yet. Run `contrail stage`.")
        with open_warehouse(self._warehouse, read_only=True) as connection:
            # As it is, and as the views spell it.
            allowed = {str(self._landing), escape(str(self._landing))}
            directories = ", ".join(_literal(directory) for directory in sorted(allowed))
            connection.execute(f"set allowed_directories = [{directories}]")
            connection.execute("set enable_external_access = false")
            try:
                statements = connection.extract_statements(sql)
                if len(statements) != 1 or statements[0].type not in READING:
                    raise UsageError("query runs exactly one statement, and only one that reads")
                cursor = connection.execute(statements[0])
                return Result([item[0] for item in cursor.description or []], cursor.fetchall())
            except duckdb.Error as error:
                raise UsageError(f"DuckDB: {error}") from error

    def _table_view(self, table: Table, commits: Sequence[Commit]) -> str:
        """Return a view with the contract's columns and types, whatever contract a file kept."""
        wanted = {column.landed_name: column.type.name for column in table.landed_columns}
        name = f"{_quoted(raw_schema(table.source))}.{_quoted(table.name)}"
        selects = []
        by_columns = sorted(commits, key=lambda commit: sorted(commit.columns.items()))
        for landed, group in groupby(by_columns, key=lambda commit: commit.columns):
            alike = list(group)
            names = landed_names(table, alike[0])
            files = [file for commit in alike for file in commit.files]
            selects.append(
                self._select(wanted | AUDIT_COLUMNS, landed | AUDIT_COLUMNS, files, names)
            )
        return _view(name, wanted | AUDIT_COLUMNS, selects)

    def _rejects_view(self, commits: Sequence[Commit]) -> str:
        files = [file for commit in commits for file in commit.quarantine]
        selects = [self._select(REJECT_COLUMNS, REJECT_COLUMNS, files, {})] if files else []
        return _view(f"{LOG_SCHEMA}.rejects", REJECT_COLUMNS, selects)

    def _select(
        self,
        wanted: Mapping[str, str],
        landed: Mapping[str, str],
        files: Sequence[DataFile],
        names: Mapping[str, str],
    ) -> str:
        """Return a query on files.

        Args:
            wanted: names and types of the columns to show.
            landed: names and types of the columns of the files.
            files: what the log names.
            names: the landed names of columns that were renamed since.
        """
        columns = []
        for name, kind in wanted.items():
            source = names.get(name, name)
            value = _quoted(source) if source in landed else "null"
            if landed.get(source) != kind:
                value = f"cast({value} as {parse_type(kind).duckdb})"
            columns.append(f"{value} as {_quoted(name)}")
        # DuckDB takes paths for patterns.
        paths = ", ".join(_literal(escape(str(self._landing / file.path))) for file in files)
        return (
            f"select {', '.join(columns)} "  # noqa: S608
            f"from read_parquet([{paths}], hive_partitioning = false)"
        )


@contextmanager
def open_warehouse(path: Path, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file; times are UTC.

    Raises:
        ContrailError: the file cannot be opened, as when another process holds it.
    """
    try:
        connection = duckdb.connect(path, read_only=read_only)
    except duckdb.IOException as error:
        raise ContrailError(
            f"{path}: cannot be opened. End the process that holds it, which the "
            f"following message names if it knows, and try again. {error}"
        ) from error
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
        connection.execute("commit")
    except duckdb.Error as error:
        with suppress(duckdb.Error):  # a commit that failed leaves nothing to roll back
            connection.execute("rollback")
        raise ContrailError(
            f"DuckDB could not stage, and the warehouse is as it was before: {error}"
        ) from error


def _view(name: str, columns: dict[str, str], selects: Sequence[str]) -> str:
    """Return the statement that makes a view; without selects it has columns and no rows."""
    nothing = ", ".join(
        f"cast(null as {parse_type(kind).duckdb}) as {_quoted(column)}"
        for column, kind in columns.items()
    )
    body = " union all ".join(selects) or f"select {nothing} where false"
    return f"create or replace view {name} as {body}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
