"""One server for all tests of this folder, started by the code under test; a database for each."""

import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from fault_fixtures import forks, printed
from ferries import CONTRACT, Ferries
from harbour import Harbour

from python_loaders.postgres.installation import Account
from python_loaders.postgres.server import Server

__all__ = ["forks", "printed"]


@pytest.fixture(autouse=True, scope="session")
def no_server_is_given() -> Iterator[None]:
    """Let no variable of the caller lead the tests to a server of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        names = ("HOST", "PORT", "USER", "PASSWORD", "DBNAME", "SSLMODE", "SCHEMA")
        for name in names:
            patch.delenv(f"CONTRAIL_PG_{name}", raising=False)
        patch.delenv("CONTRAIL_DATA", raising=False)
        yield


@pytest.fixture(scope="session")
def open_directory() -> Iterator[Path]:
    """A directory that every user reaches; those of pytest are closed."""
    path = Path(tempfile.mkdtemp(prefix="contrail-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def server(open_directory: Path) -> Iterator[Server]:
    started = Server(open_directory / "server", Account.choose())
    started.start()
    yield started
    started.stop()


@pytest.fixture
def ferries(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ferries]:
    connection = server.start()
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(**connection.parameters, autocommit=True) as session:
        session.execute(f"create database {name} template template0")
    (tmp_path / "dbt_project.yml").touch()
    project = Ferries(tmp_path, dataclasses.replace(connection, dbname=name))
    project.describe(CONTRACT)
    monkeypatch.chdir(tmp_path)
    for variable, value in project.connection.environment().items():
        monkeypatch.setenv(variable, value)
    yield project
    with psycopg.connect(**server.start().parameters, autocommit=True) as session:
        session.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def first_build(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Harbour:
    """The small project, built and tested once."""
    harbour = Harbour.at(tmp_path_factory.mktemp("harbour") / "project", server.start())
    harbour.build_first()
    return harbour


@pytest.fixture
def harbour(first_build: Harbour) -> Harbour:
    """The small project as it was after its first build."""
    first_build.restore()
    return first_build
