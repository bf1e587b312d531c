"""The examples of docs/databases.md, run as they are written there, against real servers."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from macro import REPOSITORY
from shop import MysqlShop, PostgresShop, Shop

from python_loaders.contract import fetch_database
from python_loaders.fetch.database import mysql_types, postgres_types

GUIDE = (REPOSITORY / "docs" / "databases.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def section(title: str) -> str:
    return GUIDE.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The contracts and models of the page, in a project with our macros and settings."""
    for block in [*blocks("yaml"), *blocks("sql")]:
        name, _, content = block.partition("\n")
        if match := re.fullmatch(r"(?:#|--) (models/\S+)", name):
            path = tmp_path / match[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    (tmp_path / "macros").symlink_to(REPOSITORY / "macros")
    (tmp_path / "dbt_project.yml").write_text((REPOSITORY / "dbt_project.yml").read_text())
    return tmp_path


def statements() -> list[list[str]]:
    """Return what happens in the shop: first, and then."""
    plain = [block for block in blocks("sql") if not block.startswith("-- models/")]
    return [[text for text in re.split(r";\n", block) if text.strip()] for block in plain]


def fill(shop: Shop, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the example find the shop's table, which the page calls public.orders."""
    path = project / "models" / "staging" / "shop" / "_shop__sources.yml"
    content = path.read_text()
    assert content.count("public.orders") == 1
    path.write_text(content.replace("public.orders", shop.table))
    monkeypatch.setenv("CATALOGUE_DSN", "mysql://nobody:none@127.0.0.1:1/none")
    first, then = statements()
    for statement in first:
        shop.run(statement)
    shop.fetch("shop")
    shop.land()
    for statement in then:
        shop.run(statement)


def dbt(project: Path, *arguments: str) -> None:
    environment = os.environ | {
        "CONTRAIL_DATA": str(project / "data"),
        "DBT_PROFILES_DIR": str(REPOSITORY),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--quiet", *arguments]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_shop_of_the_guide(
    postgres: PostgresShop, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(postgres, project, monkeypatch)
    [commands] = [block for block in blocks("console") if "contrail land" in block]
    *steps, query = [line.removeprefix("$ ").split(" ", 1) for line in commands.splitlines()]
    for program, rest in steps:
        if program == "dbt":
            dbt(project, *rest.split())
        else:
            assert postgres.contrail(*rest.split()).exit_code == 0
    [sql] = re.findall(r'query "(.*)" --format csv', query[1])
    result = postgres.contrail("query", sql, "--format", "csv")
    assert result.stdout == blocks("text")[0]


def test_the_macro_on_postgres(
    postgres: PostgresShop, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same warehouse on the other engine."""
    fill(postgres, project, monkeypatch)
    postgres.fetch("shop")
    postgres.land()
    place = postgres.server.start()
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CONTRAIL_PG_SCHEMA", postgres.name)
    assert postgres.contrail("stage", "--target", "postgres").exit_code == 0
    try:
        dbt(project, "run", "--target", "postgres", "--select", "+int_orders__current")
        columns = "order_id, status, amount, updated_at_utc"
        rows = postgres.run(
            f"select {columns} from {postgres.name}_intermediate.int_orders__current order by 1"
        )
        text = "\n".join([columns.replace(" ", ""), *(",".join(map(str, row)) for row in rows), ""])
        assert text == blocks("text")[0]
    finally:
        schemas = [f"{postgres.name}_{layer}" for layer in ("staging", "intermediate")]
        for schema in [*schemas, "raw_shop", "raw_catalogue", "raw_contrail"]:
            postgres.run(f"drop schema if exists {schema} cascade")


def test_the_catalogue_of_the_guide(
    mysql: MysqlShop, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project == mysql.root
    mysql.run(
        "create table products (product_id bigint unsigned primary key, name varchar(40), "
        "price decimal(8,2), is_sold tinyint(1), listed_on date, internal_note text)"
    )
    mysql.run("insert into products values (1, 'Ladder', 9.90, 1, '0000-00-00', 'x')")
    monkeypatch.setenv("CATALOGUE_DSN", mysql.dsn)
    [commands] = [block for block in blocks("console") if "CATALOGUE_DSN" in block]
    _, first, second = re.split(r"^\$ .*\n", commands, flags=re.MULTILINE)[1:]
    for expected in (first, second):
        said = re.sub(r"\d{8}T\d{6}Z", "20240203T040506Z", mysql.fetch("catalogue").stderr)
        assert said.startswith(expected), said
    mysql.land()
    assert mysql.staged("from raw_catalogue.products select product_id, is_sold, listed_on") == [
        (1, True, None)
    ]


def test_every_key_of_a_contract_is_described() -> None:
    described = set(re.findall(r"`(\w+)", GUIDE))
    models = (fetch_database.PostgresFetch, fetch_database.Cursor, fetch_database.Deletes)
    keys = {name for model in (*models, fetch_database.Tls) for name in model.model_fields}
    assert keys <= described
    policies = fetch_database.Cursor.model_fields["null"].annotation.__args__
    assert set(policies) <= described


@pytest.mark.parametrize("types", [postgres_types.TEXTS, mysql_types.TEXTS])
def test_every_type_that_is_read_as_text_is_described(types: tuple[str, ...]) -> None:
    other_words = {"bpchar": "char", "enum": "enum", "macaddr8": "macaddr"}
    described = section("Types")
    for name in types:
        word = other_words.get(name, name).removeprefix("tiny").removeprefix("medium")
        assert word.removeprefix("long") in described, name
