"""Where states are kept, and what they were built from."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.engine import Engine
from python_loaders.compare.postgres import PostgresEngine
from python_loaders.errors import ContrailError, UsageError
from python_loaders.postgres.connection import Connection
from python_loaders.settings import Settings
from python_loaders.states.state import suffix
from python_loaders.targets import Target

DIRECTORY = re.compile(r"as_of_(\d+)")


class StateStore(Protocol):
    """The states in one target."""

    def numbers(self) -> list[int]:
        """Return the commits whose states there are, in order."""
        ...

    def origin(self, seq: int) -> str | None:
        """Return what a state was built from, None if it is not there or not complete."""
        ...

    def remember(self, seq: int, origin: str | None) -> None:
        """Say what a state was built from, None while it is being built."""
        ...

    def drop(self, seq: int) -> None:
        """Remove a state."""
        ...

    def engine(self, seq: int) -> Engine:
        """Return what reads its marts."""
        ...


def open_store(target: Target, settings: Settings) -> StateStore:
    """Return the states of a target."""
    match target:
        case Target.DUCKDB:
            return DuckDBStates(settings)
        case Target.POSTGRES:
            return PostgresStates(Connection.from_environment())


def require_state(target: Target, settings: Settings, seq: int) -> None:
    """Check that there is a state.

    Raises:
        UsageError: nobody has built it.
    """
    if seq not in open_store(target, settings).numbers():
        raise UsageError(
            f"the warehouse as it was after commit {seq} is not built in {target}. Run `contrail "
            f"diff --target {target} --from {seq}`, which builds it; `contrail log` lists the "
            "commits."
        )


@dataclass(frozen=True)
class DuckDBStates:
    """Each state is a directory: the file, and a note of what it was built from."""

    settings: Settings

    def numbers(self) -> list[int]:
        """Return the commits whose states there are, in order."""
        files = self.settings.states.glob(f"*/{self.settings.warehouse.name}")
        names = (DIRECTORY.fullmatch(file.parent.name) for file in files)
        return sorted(int(name[1]) for name in names if name)

    def origin(self, seq: int) -> str | None:
        """Return what a state was built from, None if it is not there or not complete."""
        note = self._note(seq)
        if not note.exists() or not self.settings.state(seq).exists():
            return None
        return note.read_text().strip()

    def remember(self, seq: int, origin: str | None) -> None:
        """Say what a state was built from, None while it is being built."""
        if origin is None:
            self._note(seq).unlink(missing_ok=True)
        else:
            self._note(seq).write_text(origin + "\n")

    def drop(self, seq: int) -> None:
        """Remove a state."""
        shutil.rmtree(self.settings.state(seq).parent)

    def engine(self, seq: int) -> Engine:
        """Return what reads its marts."""
        return DuckDBEngine(self.settings.state(seq))

    def _note(self, seq: int) -> Path:
        return self.settings.state(seq).with_name("built-from")


@dataclass(frozen=True)
class PostgresStates:
    """Each state is a set of schemas; a comment on that of the marts says what made it."""

    connection: Connection

    def numbers(self) -> list[int]:
        """Return the commits whose states there are, in order."""
        return sorted(self._schemas())

    def origin(self, seq: int) -> str | None:
        """Return what a state was built from, None if it is not there or not complete."""
        with self._session() as session:
            row = session.execute(
                "select obj_description(to_regnamespace(%s), 'pg_namespace')", [self._schema(seq)]
            ).fetchone()
            return row[0] if row else None

    def remember(self, seq: int, origin: str | None) -> None:
        """Say what a state was built from, None while it is being built."""
        schema = self._schema(seq)
        with self._session() as session:
            there = session.execute("select to_regnamespace(%s) is not null", [schema]).fetchone()
            if there and there[0]:
                session.execute(
                    sql.SQL("comment on schema {} is {}").format(
                        sql.Identifier(schema), sql.Literal(origin)
                    )
                )

    def drop(self, seq: int) -> None:
        """Remove a state."""
        schemas = self._schemas().get(seq, [])
        with self._session() as session:
            for schema in schemas:
                name = sql.Identifier(schema)
                session.execute(sql.SQL("drop schema {} cascade").format(name))

    def engine(self, seq: int) -> Engine:
        """Return what reads its marts."""
        return PostgresEngine(replace(self.connection, schema=self._schema(seq)))

    def _schema(self, seq: int) -> str:
        return self.connection.schema + suffix(seq)

    def _schemas(self) -> dict[int, list[str]]:
        """Return the schemas of each state: of the sources, the marts and the other layers."""
        own = re.escape(self.connection.schema)
        pattern = re.compile(rf"(?:{own}|raw_\w+?)_as_of_(\d+)(?:_[a-z]\w*)?")
        found: dict[int, list[str]] = {}
        with self._session() as session:
            for (name,) in session.execute("select nspname from pg_namespace order by 1"):
                if match := pattern.fullmatch(name):
                    found.setdefault(int(match[1]), []).append(name)
        return found

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection]:
        try:
            with self.connection.connect() as session:
                yield session
        except psycopg.Error as error:
            raise ContrailError(f"{self.connection}: {str(error).strip()}") from error
