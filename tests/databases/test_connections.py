"""How a database is reached: addresses, encryption, and what a session may do."""

import dataclasses

import psycopg
import pymysql
import pytest
from mariadb import TLS
from shop import MysqlShop, PostgresShop, Shop

from python_loaders.contract.fetch_database import MysqlFetch, PostgresFetch
from python_loaders.errors import ContractError
from python_loaders.fetch import mysql as fetch_mysql
from python_loaders.fetch import postgres as fetch_postgres
from python_loaders.fetch.database.address import find_address


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.create()
    shop.order(1, 1)
    return shop


def secure(shop: MysqlShop, host: str, **tls: str) -> None:
    """Describe a table that is read by a user who must use TLS."""
    shop.run(
        f"create or replace user secure@'%' identified by '{shop.server.password}' require ssl"
    )
    shop.run("grant select on *.* to secure@'%'")
    shop.create()
    shop.order(1, 1)
    dsn = f"mysql://secure:{shop.server.password}@{host}:{shop.server.port}/{shop.name}"
    shop.setenv("SECURE_DSN", dsn)
    shop.describe(dsn="env:SECURE_DSN", **({"tls": tls} if tls else {}))


def test_tls_with_the_authority_of_the_contract(mysql: MysqlShop) -> None:
    secure(mysql, "localhost", ca=str(TLS / "server.pem"))
    mysql.fetch()
    assert mysql.fetched()["order_id"] == [1]


def test_tls_without_looking_who_answers(mysql: MysqlShop) -> None:
    secure(mysql, "127.0.0.1", mode="require")
    mysql.fetch()
    assert mysql.fetched()["order_id"] == [1]


@pytest.mark.parametrize(
    ("host", "tls", "message"),
    [
        ("localhost", {"mode": "off"}, "Access denied"),
        ("localhost", {}, "Access denied"),  # nothing leaves the machine, so nobody encrypts
        ("localhost", {"mode": "verify"}, "certificate verify failed"),
        ("127.0.0.1", {"ca": str(TLS / "server.pem")}, "certificate verify failed"),
        ("localhost", {"ca": "/nowhere.pem"}, "there is no such file"),
    ],
)
def test_tls_that_cannot_be(mysql: MysqlShop, host: str, tls: dict[str, str], message: str) -> None:
    secure(mysql, host, **tls)
    result = mysql.contrail("fetch")
    assert result.exit_code in (1, 4)
    assert message in result.stderr
    assert mysql.files() == []


def test_a_login_that_needs_encryption(mysql: MysqlShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of MySQL 8, for which pymysql would need another package."""

    def connect(**_: object) -> None:
        raise RuntimeError("'cryptography' package is required for caching_sha2_password")

    mysql.describe()
    with monkeypatch.context() as patch:
        patch.setattr(pymysql, "connect", connect)
        result = mysql.contrail("fetch")
    assert result.exit_code == 1
    assert "Encrypt the connection with tls: {mode: require}" in result.stderr


def test_a_server_without_tls_is_not_read_unencrypted(postgres: PostgresShop) -> None:
    postgres.create()
    postgres.describe(tls={"mode": "require"})
    result = postgres.contrail("fetch")
    assert result.exit_code == 1
    assert "server does not support SSL" in result.stderr


@pytest.mark.parametrize(
    ("host", "expected"),
    [("db.example.com", "verify-full"), ("10.1.2.3", "verify-full"), ("127.0.0.1", None)],
)
def test_what_leaves_the_machine_is_encrypted_and_verified(host: str, expected: str | None) -> None:
    place = {"host": host, "database": "d", "table": "a.b"}
    postgres = find_address(PostgresFetch.model_validate(place | {"kind": "postgres"}))
    assert psycopg.conninfo.conninfo_to_dict(postgres.for_libpq()).get("sslmode") == expected
    mysql = find_address(MysqlFetch.model_validate(place | {"kind": "mysql"}))
    assert (mysql.for_mysql() is not None) == (expected is not None)


def test_a_dsn_may_say_itself_how_it_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSN", "postgresql://u:p@db.example.com/d?sslmode=disable")
    rules = {"kind": "postgres", "dsn": "env:DSN", "table": "a.b"}
    address = find_address(PostgresFetch.model_validate(rules))
    assert psycopg.conninfo.conninfo_to_dict(address.for_libpq())["sslmode"] == "disable"
    with pytest.raises(ContractError, match="both say how"):
        find_address(PostgresFetch.model_validate(rules | {"tls": {"mode": "verify"}}))


@pytest.mark.parametrize(
    ("kind", "dsn"),
    [
        ("postgres", "postgresql://user:kanarienvogel@host:port/database"),
        ("postgres", "user:kanarienvogel@host"),
        ("mysql", "postgresql://user:kanarienvogel@host/database"),
        ("mysql", "mysql://user:kanarienvogel@host:99999/database"),
        ("mysql", "mysql://user:kanarienvogel@host/database?ssl=off"),
        ("mysql", "mysql://user:kanarienvogel@host/"),
        ("postgres", "postgresql://user:kanarienvogel@host/"),
    ],
)
def test_a_dsn_that_is_none(monkeypatch: pytest.MonkeyPatch, kind: str, dsn: str) -> None:
    monkeypatch.setenv("DSN", dsn)
    rules = {"kind": kind, "dsn": "env:DSN", "table": "a.b"}
    model = PostgresFetch if kind == "postgres" else MysqlFetch
    with pytest.raises(ContractError, match="env:DSN") as caught:
        find_address(model.model_validate(rules))
    assert "kanarienvogel" not in str(caught.value)


def test_the_parts_of_an_address(filled: Shop) -> None:
    """Instead of a dsn; each may be a reference."""
    address = find_address(
        (PostgresFetch if filled.kind == "postgres" else MysqlFetch).model_validate(
            {"kind": filled.kind, "dsn": "env:SHOP_DSN", "table": filled.table}
        )
    )
    (filled.root / "password").write_text(address.password.get_secret_value() + "\n")
    filled.setenv("SHOP_PORT", str(address.port))
    filled.describe(
        dsn=None,
        host="127.0.0.1",
        port="env:SHOP_PORT",
        user="contrail",
        password=f"file:{filled.root}/password",
        database=address.database,
    )
    filled.fetch()
    assert filled.fetched()["order_id"] == [1]


@pytest.mark.parametrize(
    "change",
    [
        {"host": "localhost"},
        {"dsn": None},
        {"dsn": "postgresql://u:p@localhost/d"},
        {"dsn": None, "host": "h", "database": "d", "password": "secret"},
        {"table": "a.b.c"},
        {"table": ""},
        {"cursor": {"column": "updated_at"}},
        {"cursor": {"column": "updated_at", "lag": "soon"}},
        {"query": "select 1"},
    ],
)
def test_contracts_that_cannot_be(filled: Shop, change: dict[str, object]) -> None:
    filled.describe(**change)
    result = filled.contrail("fetch")
    assert result.exit_code == 4, result.output
    assert "fetch" in result.stderr


def test_tables_of_one_address_share_their_connections(filled: Shop) -> None:
    filled.describe()
    path = filled.root / "models" / "staging" / "shop" / "_shop__sources.yml"
    other = path.with_name("_other__sources.yml")
    text = path.read_text().replace("name: shop", "name: other")
    other.write_text(text.replace("shop.orders@", "other.orders@"))
    filled.fetch()
    assert len(list(filled.inbox.glob("*.parquet"))) == 2
    module = fetch_postgres if filled.kind == "postgres" else fetch_mysql
    [database] = module._databases.values()
    if filled.kind == "postgres":
        assert database._pool.get_stats()["connections_num"] == 1
        assert database._pool.get_stats()["requests_num"] == 2


def test_a_session_cannot_write(postgres: PostgresShop) -> None:
    postgres.create()
    postgres.order(1, 1)
    postgres.run(
        "create function noted() returns text language sql as "
        f"$$ insert into {postgres.name}.orders values (2, 'x', null) returning status $$"
    )
    postgres.run("create view noting as select order_id, noted() as status, updated_at from orders")
    postgres.describe(table=f"{postgres.name}.noting")
    result = postgres.contrail("fetch")
    assert result.exit_code == 1
    assert "cannot execute INSERT in a read-only transaction" in result.stderr


def test_a_session_of_mysql_cannot_write(mysql: MysqlShop) -> None:
    mysql.create()
    mysql.order(1, 1)
    mysql.run("create table notes (n integer)")
    mysql.run(
        "create function noted() returns text begin insert into notes values (1); return 'x'; end"
    )
    mysql.run("create view noting as select order_id, noted() as status, updated_at from orders")
    mysql.describe(table="noting")
    result = mysql.contrail("fetch")
    assert result.exit_code == 4
    assert "none of its columns can be seen" in result.stderr
    assert mysql.run("select count(*) from notes") == [(0,)]


def test_rows_that_a_policy_hides_are_an_error(postgres: PostgresShop) -> None:
    postgres.create()
    postgres.order(1, 1)
    user = f"limited_{postgres.name}"
    postgres.run(f"create role {user} login password 'limited'")
    try:
        postgres.run(f"grant usage on schema {postgres.name} to {user}")
        postgres.run(f"grant select on orders to {user}")
        postgres.run("alter table orders enable row level security")
        postgres.run("create policy visible on orders using (order_id > 1)")
        place = postgres.server.start()
        postgres.setenv("DSN", f"postgresql://{user}:limited@127.0.0.1:{place.port}/{place.dbname}")
        postgres.describe(dsn="env:DSN")
        result = postgres.contrail("fetch")
        assert result.exit_code == 1
        assert "let it bypass the policies" in result.stderr
    finally:
        postgres.run(f"drop owned by {user}; drop role {user}")


def test_an_encoding_that_is_none_is_refused(postgres: PostgresShop) -> None:
    name = f"ascii_{postgres.name}"
    postgres.run(f"create database {name} encoding 'SQL_ASCII' locale 'C' template template0")
    try:
        place = dataclasses.replace(postgres.server.start(), dbname=name)
        with psycopg.connect(**place.parameters) as session:
            session.execute("create table orders (order_id bigint)")
        dsn = f"postgresql://{place.user}:{place.password}@127.0.0.1:{place.port}/{name}"
        postgres.setenv("DSN", dsn)
        postgres.describe({"order_id": "bigint"}, dsn="env:DSN", table="public.orders")
        result = postgres.contrail("fetch")
        assert result.exit_code == 4
        assert "SQL_ASCII" in result.stderr
    finally:
        postgres.run(f"drop database {name} with (force)")


@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_a_table_without_snapshots_is_refused(mysql: MysqlShop, engine: str) -> None:
    mysql.run(f"create table orders (order_id bigint primary key) engine={engine}")
    mysql.describe({"order_id": "bigint"})
    result = mysql.contrail("fetch")
    assert result.exit_code == 4
    assert f"is a table of {engine}, which has no snapshots" in result.stderr
