"""Real servers, one of each kind for all tests of this folder, and a project that reads them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from mariadb import MariaDb, UnavailableError, running
from shop import MysqlShop, PostgresShop, Shop

from python_loaders.contract import secrets as contract_secrets
from python_loaders.fetch import mysql as fetch_mysql
from python_loaders.fetch import postgres as fetch_postgres
from python_loaders.postgres.installation import Account
from python_loaders.postgres.server import Server

REQUIRED = ("CI", "CONTRAIL_REQUIRE_MARIADB")


@pytest.fixture(autouse=True, scope="session")
def no_setting_of_the_caller() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith(("CONTRAIL_PG_", "PG"))]:
            patch.delenv(name)
        patch.delenv("CONTRAIL_DATA", raising=False)
        yield


@pytest.fixture(autouse=True)
def no_secret_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test conceals, such as a password `p`, is taken out of no other's messages."""
    monkeypatch.setattr(contract_secrets, "_known", {})


@pytest.fixture(scope="session")
def open_directory() -> Iterator[Path]:
    """A directory that every user reaches; those of pytest are closed."""
    path = Path(tempfile.mkdtemp(prefix="contrail-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def postgres_server(open_directory: Path) -> Iterator[Server]:
    started = Server(open_directory / "postgres", Account.choose())
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def mariadb_server(open_directory: Path) -> Iterator[MariaDb]:
    """MariaDB; where it cannot be had its tests are skipped, except in continuous integration."""
    try:
        with running(open_directory / "mariadb") as started:
            yield started
            started.stop(kill=True)
    except UnavailableError as error:
        if any(os.environ.get(name) in ("1", "true") for name in REQUIRED):
            pytest.fail(f"MariaDB is required here: {error}", pytrace=False)
        pytest.skip(str(error))


@pytest.fixture
def postgres(
    postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PostgresShop]:
    """A shop whose table is in a schema of its own."""
    shop = PostgresShop(tmp_path, f"test_{uuid4().hex[:12]}", monkeypatch.setenv, postgres_server)
    shop.run(f"create schema {shop.name}")
    yield from _opened(shop, monkeypatch)
    shop.run(f"drop schema {shop.name} cascade")
    shop.close()


@pytest.fixture
def mysql(
    mariadb_server: MariaDb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MysqlShop]:
    """A shop whose table is in a database of its own."""
    name = f"test_{uuid4().hex[:12]}"
    with mariadb_server.connect() as session:
        session.cursor().execute(f"create database {name} character set utf8mb4")
    shop = MysqlShop(tmp_path, name, monkeypatch.setenv, mariadb_server)
    yield from _opened(shop, monkeypatch)
    shop.close()
    with mariadb_server.connect() as session:
        session.cursor().execute(f"drop database {name}")


@pytest.fixture(params=["postgres", "mysql"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """The same on each."""
    return request.getfixturevalue(request.param)


def _opened(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    (shop.root / "dbt_project.yml").touch()
    monkeypatch.chdir(shop.root)
    monkeypatch.setenv("SHOP_DSN", shop.dsn)
    yield shop
    for module in (fetch_postgres, fetch_mysql):
        for database in module._databases.values():
            database.close()
        module._databases.clear()
