"""PostgreSQL: the raw tables of a state, in schemas raw_<source>_as_of_<number> of their own.

The tables of the present hold only what is live now, so the deliveries are copied from the landing
zone once more.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psycopg
from psycopg import sql

from python_loaders.contract.model import Table
from python_loaders.errors import ContrailError
from python_loaders.landing.log import Commit, live_commits
from python_loaders.landing.schema import landed_names, shown_table
from python_loaders.postgres.connection import Connection
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
from python_loaders.stage.postgres import PostgresStager
from python_loaders.stage.postgres_copy import copy_files
from python_loaders.stage.postgres_tables import ensure_table
from python_loaders.states.state import suffix


class PostgresStateStager:
    """A Stager (see stage/base.py) for one state."""

    def __init__(self, connection: Connection, landing: Path, seq: int) -> None:
        self._connection = connection
        self._landing = landing
        self._suffix = suffix(seq)

    def stage(self, tables: Sequence[Table], commits: Sequence[Commit]) -> None:
        """Make all raw tables of the state anew, in one transaction.

        Raises:
            ContrailError: a file of the landing zone is missing, or the server refuses.
        """
        live = live_commits(commits)
        require_files(self._landing, live)
        schemas = {LOG_SCHEMA} | {raw_schema(table.source) for table in tables}
        try:
            with self._connection.connect() as session:
                for schema in sorted(schemas):
                    name = sql.Identifier(schema + self._suffix)
                    session.execute(sql.SQL("drop schema if exists {} cascade").format(name))
                    session.execute(sql.SQL("create schema {}").format(name))
                for table in tables:
                    own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
                    self._stage_table(session, shown_table(table, commits), own)
                self._stage_log(session, commits)
        except psycopg.Error as error:
            raise ContrailError(
                f"{self._connection}: could not stage the state, which is as it was before. "
                f"{str(error).strip()}"
            ) from error

    def query(self, text: str) -> Result:
        """Run one statement that only reads in the schema of the state's marts."""
        schema = self._connection.schema + self._suffix
        return PostgresStager(replace(self._connection, schema=schema), self._landing).query(text)

    def _stage_table(
        self, session: psycopg.Connection, table: Table, live: Sequence[Commit]
    ) -> None:
        relation = self._relation(raw_schema(table.source), table.name)
        columns = {c.landed_name: c.type.name for c in table.landed_columns} | AUDIT_COLUMNS
        ensure_table(session, relation, columns, {})
        for commit in live:
            names = landed_names(table, commit)
            copy_files(session, relation, columns, commit.files, self._landing, names)
        session.execute(sql.SQL("analyze {}").format(relation))

    def _stage_log(self, session: psycopg.Connection, commits: Sequence[Commit]) -> None:
        deliveries = self._relation(LOG_SCHEMA, "deliveries")
        ensure_table(session, deliveries, DELIVERY_COLUMNS, {})
        marks = sql.SQL(", ").join([sql.Placeholder()] * len(DELIVERY_COLUMNS))
        session.cursor().executemany(
            sql.SQL("insert into {} values ({})").format(deliveries, marks), delivery_rows(commits)
        )
        rejects = self._relation(LOG_SCHEMA, "rejects")
        ensure_table(session, rejects, REJECT_COLUMNS, {})
        files = [file for commit in commits for file in commit.quarantine]
        copy_files(session, rejects, REJECT_COLUMNS, files, self._landing)

    def _relation(self, schema: str, name: str) -> sql.Identifier:
        return sql.Identifier(schema + self._suffix, name)
