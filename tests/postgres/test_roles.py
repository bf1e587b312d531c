"""The roles of docs/postgres.md can do their work, and no more."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from ferries import Ferries, year

from python_loaders.postgres.connection import Connection

PAGE = Path(__file__).parents[2] / "docs" / "postgres.md"
ROLES = ["contrail_loader", "contrail_transformer", "contrail_reader"]


@pytest.fixture
def roles(ferries: Ferries, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Connection]]:
    [page_sql] = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    database = f"on database {ferries.connection.dbname}"
    ferries.execute(page_sql.replace("on database contrail", database))
    for role in ROLES:
        ferries.execute(f"alter role {role} password 'secret'")
    loader, *_ = connections = [
        dataclasses.replace(ferries.connection, user=role, password="secret") for role in ROLES
    ]
    for variable, value in loader.environment().items():
        monkeypatch.setenv(variable, value)
    ferries.land("crossings.csv", year(2020))
    ferries.stage()
    yield dict(zip(("loader", "transformer", "reader"), connections, strict=True))
    for role in ROLES:
        ferries.execute(f"drop owned by {role} cascade; drop role {role}")


def refused(connection: Connection, sql: str) -> bool:
    with connection.connect() as session:
        try:
            session.execute(sql)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
            return True
    return False


def test_each_role_can_do_its_work_and_no_more(roles: dict[str, Connection]) -> None:
    count = "select count(*) from raw_ferries.crossings"
    with roles["transformer"].connect() as session:
        assert session.execute(count).fetchone() == (3,)
        session.execute("create schema contrail_staging")
        session.execute("create view contrail_staging.s as select ship from raw_ferries.crossings")
        session.execute("create table contrail.ships as select ship from contrail_staging.s")
    with roles["reader"].connect() as session:
        assert session.execute("select count(*) from ships").fetchone() == (3,)
    never = {
        "loader": ["select * from contrail.ships", "drop schema contrail cascade"],
        "transformer": ["delete from raw_ferries.crossings", "drop table raw_ferries.crossings"],
        "reader": [
            count,
            "select * from contrail_staging.s",
            "set transaction read write; delete from contrail.ships",
            "set transaction read write; create table contrail.x ()",
            "set transaction read write; create table public.x ()",
            "set transaction read write; create schema x",
            "create table contrail.x ()",
        ],
    }
    allowed = [
        (role, sql)
        for role, all_sql in never.items()
        for sql in all_sql
        if not refused(roles[role], sql)
    ]
    assert allowed == []


def test_the_reader_asks_with_the_command_line(
    ferries: Ferries, roles: dict[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with roles["transformer"].connect() as session:
        session.execute("create table contrail.ships as select 1 as n")
    monkeypatch.setenv("CONTRAIL_PG_USER", "contrail_reader")
    query = ("query", "select n from ships", "--target", "postgres", "--format", "csv")
    assert ferries.run(*query).stdout == "n\n1\n"
