"""kill -9 at every step of staging on PostgreSQL, before and after its commits."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from fault_project import FaultProject, delivery
from forked import ForkServer
from kill_matrix import matrix

from python_loaders.postgres.connection import Connection
from python_loaders.postgres.server import Server


class StagedProject(FaultProject):
    """A project and its database: a copy has a copy of the database."""

    connection: Connection

    def copy(self, root: Path) -> "StagedProject":
        plain = super().copy(root)
        return staged_on(plain, self.connection, template=self.connection.dbname)

    def look(self) -> object:
        """Return what a reader sees: the rows, and which deliveries they are said to be."""
        with self.connection.connect() as session:
            rows = "select ship, count(*) from raw_ferries.crossings group by 1 order by 1"
            batches = "select batch_id, rows_staged from raw_contrail.batches order by 1"
            return [session.execute(sql).fetchall() for sql in (rows, batches)]

    def deliveries(self) -> object:
        with self.connection.connect() as session:
            live = "select seq, is_live from raw_contrail.deliveries order by 1"
            rejects = "select count(*) from raw_contrail.rejects"
            return [session.execute(sql).fetchall() for sql in (live, rejects)]


def staged_on(plain: FaultProject, connection: Connection, template: str) -> StagedProject:
    name = f"kill_{uuid4().hex[:12]}"
    own = dataclasses.replace(connection, dbname="postgres")
    with psycopg.connect(**own.parameters, autocommit=True) as session:
        session.execute(f"create database {name} template {template}")
    project = StagedProject(plain.root, plain.forks)
    project.connection = dataclasses.replace(connection, dbname=name)
    project.environment = project.connection.environment()
    return project


@pytest.fixture
def corrected(server: Server, tmp_path: Path, forks: ForkServer) -> Iterator[StagedProject]:
    """Two staged years, and the correction of one and a third that are landed."""
    connection = server.start()
    plain = FaultProject.build(tmp_path / "project", forks)
    project = staged_on(plain, connection, template="template0")
    project.deliver("crossings.csv", delivery(2020, "Aurora", 3))
    project.expect("land")
    project.expect("stage", "--target", "postgres")
    project.deliver("crossings.csv", delivery(2020, "Borealis", 4, rejects=1))
    project.expect("land")
    yield project
    with psycopg.connect(**connection.parameters, autocommit=True) as session:
        made = session.execute("select datname from pg_database where datname like 'kill\\_%'")
        for (name,) in made.fetchall():
            session.execute(f"drop database {name} with (force)")


def moments(name: str) -> tuple[str, ...]:
    """What follows a statement is the next statement, but for a commit, which may be the last."""
    return ("before", "after") if "commit" in name else ("before",)


@pytest.mark.fault(
    "kill -9 while staging PostgreSQL", outcome="each delivery as before or all of the new one"
)
def test_stage_postgres(corrected: StagedProject, printed: list[str]) -> None:
    command = ("stage", "--target", "postgres")
    matrix(corrected, command, ("files", "postgres"), StagedProject.look, printed, moments)
    ends = {str(hit.deliveries()) for hit in databases(corrected)}
    assert ends == {"[[(1, False), (2, True)], [(1,)]]"}


def databases(first: StagedProject) -> Iterator[StagedProject]:
    """Return the databases in which a second run has ended."""
    with first.connection.connect() as session:
        made = session.execute("select datname from pg_database where datname like 'kill\\_%'")
        names = [name for (name,) in made.fetchall() if name != first.connection.dbname]
    for name in names:
        project = StagedProject(first.root, first.forks)
        project.connection = dataclasses.replace(first.connection, dbname=name)
        yield project
