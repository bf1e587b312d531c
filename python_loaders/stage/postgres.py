"""PostgreSQL: tables that hold the live deliveries, each copied in a transaction of its own.

`raw_contrail.batches` says which deliveries the tables hold. It changes in the transaction that
changes the rows, so they agree whatever happens, and staging again does what is missing.
See docs/adr/0007-postgres-stage.md.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from python_loaders.contract.model import Table
from python_loaders.errors import ContrailError, UsageError
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
from python_loaders.stage.postgres_batches import (
    BATCH_COLUMNS,
    BATCHES,
    Batch,
    forget,
    remember,
    staged_batches,
)
from python_loaders.stage.postgres_copy import copy_files
from python_loaders.stage.postgres_tables import ensure_table

# Any number that other programs are unlikely to lock on the same server.
STAGING_LOCK = 0x636F6E747261696C
DELIVERIES = sql.Identifier(LOG_SCHEMA, "deliveries")
REJECTS = sql.Identifier(LOG_SCHEMA, "rejects")


class PostgresStager:
    """A Stager (see base.py) for one PostgreSQL database."""

    def __init__(self, connection: Connection, landing: Path) -> None:
        self._connection = connection
        self._landing = landing

    def stage(self, tables: Sequence[Table], commits: Sequence[Commit]) -> None:
        """Copy the deliveries that are not there yet, each in one transaction, then the log."""
        tables = [shown_table(table, commits) for table in tables]
        live = live_commits(commits)
        require_files(self._landing, live)
        with self._session() as session:
            session.execute("select pg_advisory_lock(%s)", [STAGING_LOCK])
            with session.transaction():
                _ensure_relations(session, tables)
            for table in tables:
                own = [c for c in live if (c.source, c.table) == (table.source, table.name)]
                self._stage_table(session, table, own)
            self._stage_log(session, tables, commits)

    def query(self, text: str) -> Result:
        """Run one statement in the schema of the marts, in a transaction that cannot write."""
        with self._connection.connect() as session:
            session.read_only = True
            # A superuser could write files even so; pg_read_all_data reads tables and no more.
            if session.info.parameter_status("is_superuser") == "on":
                session.execute("set local role pg_read_all_data")
            schema = sql.Identifier(self._connection.schema)
            session.execute(sql.SQL("set local search_path to {}").format(schema))
            try:
                cursor = session.execute(text, prepare=True)  # a prepared statement is one
                if cursor.description is None:
                    raise UsageError("query runs exactly one statement, and only one that reads")
                return Result([column.name for column in cursor.description], cursor.fetchall())
            except psycopg.Error as error:
                raise UsageError(f"PostgreSQL: {str(error).strip()}") from error

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        """Open a connection; outside of a transaction block each statement is committed."""
        try:
            with self._connection.connect() as session:
                session.autocommit = True
                # Whatever the server's default: what was said to be staged outlives a crash.
                session.execute("set synchronous_commit to on")
                yield session
        except psycopg.Error as error:
            raise ContrailError(
                f"{self._connection}: could not stage. The delivery that was being copied is as it "
                "was before, those before it are staged; run `contrail stage` again. "
                f"{str(error).strip()}"
            ) from error

    def _stage_table(
        self, session: psycopg.Connection, table: Table, live: Sequence[Commit]
    ) -> None:
        relation = _relation(table)
        staged = staged_batches(session, table, relation)
        changed = False
        for commit in live:
            batch = Batch.of(commit, table)
            if batch in staged:
                continue
            with session.transaction():
                forget(session, relation, [b for b in staged if b.gives_way_to(batch)])
                names = landed_names(table, commit)
                count = copy_files(
                    session, relation, _columns(table), commit.files, self._landing, names
                )
                if count != commit.rows_landed:
                    raise ContrailError(
                        f"{table.full_name} {commit.key}: the server took {count} rows where "
                        f"commit {commit.seq} landed {commit.rows_landed}. Nothing of this "
                        "delivery was changed; compare its files with the log."
                    )
                remember(session, batch)
            changed = True
        if changed:
            session.execute(sql.SQL("analyze {}").format(relation))

    def _stage_log(
        self, session: psycopg.Connection, tables: Sequence[Table], commits: Sequence[Commit]
    ) -> None:
        """Delete what is live no more, and replace deliveries and rejects if they differ."""
        live = {commit.batch_id for commit in live_commits(commits)}
        wanted = delivery_rows(commits)
        with session.transaction():
            for table in tables:
                relation = _relation(table)
                held = staged_batches(session, table, relation)
                forget(session, relation, [b for b in held if b.batch_id not in live])
            names = sql.SQL(", ").join(map(sql.Identifier, DELIVERY_COLUMNS))
            query = sql.SQL("select {} from {} order by seq").format(names, DELIVERIES)
            if session.execute(query).fetchall() == wanted:
                return
            for relation in (DELIVERIES, REJECTS):
                session.execute(sql.SQL("delete from {}").format(relation))
            marks = sql.SQL(", ").join([sql.Placeholder()] * len(DELIVERY_COLUMNS))
            session.cursor().executemany(
                sql.SQL("insert into {} ({}) values ({})").format(DELIVERIES, names, marks), wanted
            )
            files = [file for commit in commits for file in commit.quarantine]
            copy_files(session, REJECTS, REJECT_COLUMNS, files, self._landing)
        for relation in (DELIVERIES, REJECTS, BATCHES):
            session.execute(sql.SQL("analyze {}").format(relation))


def _ensure_relations(session: psycopg.Connection, tables: Sequence[Table]) -> None:
    for schema in sorted({LOG_SCHEMA} | {raw_schema(table.source) for table in tables}):
        session.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    ensure_table(session, BATCHES, BATCH_COLUMNS, {})
    ensure_table(session, DELIVERIES, DELIVERY_COLUMNS, {})
    ensure_table(session, REJECTS, REJECT_COLUMNS, {})
    for table in tables:
        # A delivery is replaced by its batch, and models ask for ranges of dates.
        dates = [name for name, kind in _columns(table).items() if kind == "date"]
        indexes = {"_batch_id": "btree"} | dict.fromkeys(dates, "brin")
        ensure_table(session, _relation(table), _columns(table), indexes)


def _relation(table: Table) -> sql.Identifier:
    return sql.Identifier(raw_schema(table.source), table.name)


def _columns(table: Table) -> dict[str, str]:
    return {c.landed_name: c.type.name for c in table.landed_columns} | AUDIT_COLUMNS
