"""The project in small_project/, with raw tables to deliver into and a database to build in."""

import shutil
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from dbt_process import Run
from psycopg.rows import TupleRow

from python_loaders.postgres.connection import Connection

ROOT = Path(__file__).resolve().parents[2]
CROSSINGS = "fct_crossings"
TICKETS = "fct_tickets_sold_at_counters_and_on_deck"
FACTS = {CROSSINGS: "crossed_on", TICKETS: "sold_at"}
RAW = """
    create schema raw;
    create table raw.ferries (ferry_key int, ferry_name text, seats int);
    insert into raw.ferries values (1, 'Aurora', 100), (2, 'Borealis', 200), (3, 'Calypso', 300);
    create table raw.ports (port_key int, port_name text);
    insert into raw.ports values (1, 'Kiel'), (2, 'Oslo');
    create table raw.crossings (
        crossing_key int, crossed_on date, ferry_key int, port_key int, passengers int, delivery int
    );
    create table raw.tickets (
        ticket_key int, sold_at timestamp, ferry_key int, port_key int, fare numeric(8, 2),
        delivery int
    );
    create schema harbour;
    grant usage on schema harbour, raw to harbour_reader;
"""
WAITING = "select count(*) > 0 from pg_locks where not granted"
MONTHS = {"2024-01": 40, "2024-02": 30, "2024-03": 20}


@dataclass
class Harbour:
    """Where the project and the server are."""

    directory: Path
    connection: Connection

    @classmethod
    def at(cls, directory: Path, server: Connection) -> "Harbour":
        """Copy the project; link the macros under test."""
        shutil.copytree(Path(__file__).parent / "small_project", directory)
        (directory / "macros").symlink_to(ROOT / "macros")
        (directory / "printed").mkdir()
        return cls(directory, replace(server, dbname="harbour"))

    def build_first(self) -> None:
        """Deliver three months, build and test them, and keep a copy of the database."""
        self.server("create role harbour_reader")
        self.restore("template0")
        self.rows(RAW)
        for month, rows in MONTHS.items():
            self.deliver(month, rows)
        self.dbt("build", "--exclude-resource-type", "unit_test")
        shutil.copytree(self.directory / "target", self.directory / "state")
        self.server("create database built template harbour")

    def restore(self, template: str = "built") -> None:
        """Make the database anew."""
        self.server("drop database if exists harbour with (force)")
        self.server(f"create database harbour template {template}")

    def server(self, command: str) -> None:
        parameters = self.connection.parameters | {"dbname": "postgres"}
        with psycopg.connect(**parameters, autocommit=True) as session:
            session.execute(command)

    def session(self) -> psycopg.Connection:
        path = "-c search_path=harbour,harbour_parts"
        return psycopg.connect(**self.connection.parameters, autocommit=True, options=path)

    def rows(self, sql: str) -> list[TupleRow]:
        with self.session() as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def value(self, sql: str) -> object:
        [[value]] = self.rows(sql)
        return value

    def deliver(self, month: str, rows: int, delivery: int = 1, ferry: int | None = None) -> None:
        """Replace a month of both raw tables by so many rows."""
        first = int(month.replace("-", "")) * 1000
        for table, day in {"crossings": "crossed_on", "tickets": "sold_at"}.items():
            self.rows(
                f"""delete from raw.{table} where date_trunc('month', {day}) = '{month}-01';
                insert into raw.{table}
                select
                    {first} + i, date '{month}-01' + i % 28, coalesce({ferry or "null"}, 1 + i % 3),
                    1 + i % 2, i, {delivery}
                from generate_series(1, {rows}) as i"""
            )

    def start(self, *arguments: str, **switches: str) -> Run:
        """Start dbt; the switch `columns` is the variable HARBOUR_COLUMNS, which a model reads."""
        environment = self.connection.environment() | {
            "DBT_PROFILES_DIR": str(self.directory),
            "DBT_PROJECT_DIR": str(self.directory),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
        }
        environment |= {f"HARBOUR_{name.upper()}": value for name, value in switches.items()}
        return Run([*arguments], environment, self.directory / "printed" / uuid.uuid4().hex)

    def dbt(self, *arguments: str, expect: int = 0, **switches: str) -> str:
        return self.start(*arguments, **switches).ends_with(expect)

    def build(
        self, *models: str, options: tuple[str, ...] = (), expect: int = 0, **switches: str
    ) -> str:
        """Build some models, or all, without their tests."""
        select = ("--select", *models) if models else ()
        command = ("build", "--resource-type", "model", *select, *options)
        return self.dbt(*command, expect=expect, **switches)

    def wait_until(self, sql: str) -> None:
        """Ask until the answer is true."""
        deadline = time.monotonic() + 60
        while not self.value(sql):
            assert time.monotonic() < deadline, sql
            time.sleep(0.02)

    def children(self, fact: str = CROSSINGS) -> dict[str, str]:
        """The child of each month."""
        return dict(
            self.rows(
                f"""select
                    substring(pg_get_expr(c.relpartbound, c.oid) from '\\d{{4}}-\\d\\d'), c.relname
                from pg_inherits as i inner join pg_class as c on i.inhrelid = c.oid
                where i.inhparent = '{fact}'::regclass order by 1"""
            )
        )

    def prefix(self, fact: str) -> str:
        """What the names of a fact's children begin with."""
        return self.children(fact)["2024-01"][: -len("_202401_24010112000000")]

    def columns(self, table: str) -> list[str]:
        with self.session() as session:
            return [column.name for column in session.execute(f"table {table}").description or ()]

    def nobodys(self) -> list[str]:
        """Tables in the schema of the parts that belong to no fact."""
        return [
            name
            for (name,) in self.rows(
                """select relname from pg_class where relnamespace = 'harbour_parts'::regnamespace
                and relkind = 'r' and not relispartition"""
            )
        ]

    def counts(self, fact: str = CROSSINGS) -> dict[str, int]:
        """The number of rows of each month."""
        return dict(
            self.rows(
                f"""select to_char({FACTS.get(fact, "crossed_on")}, 'YYYY-MM') as month, count(*)
                from {fact} group by 1 order by 1"""
            )
        )

    def foreign_keys(self) -> set[tuple[str, str, bool]]:
        """Fact, dimension and whether it is valid, of every foreign key that is no part's."""
        return set(
            self.rows(
                """select
                    conrelid::regclass::text, confrelid::regclass::text, bool_and(convalidated)
                from pg_constraint where contype = 'f' and conparentid = 0 group by 1, 2"""
            )
        )

    def indexes(self, table: str) -> set[tuple[str, str, bool]]:
        """Columns, type and uniqueness of the valid indexes of a table."""
        return set(
            self.rows(
                f"""select
                    (select string_agg(attname, ',' order by attnum)
                     from pg_attribute where attrelid = indexrelid),
                    amname::text, indisunique
                from pg_index inner join pg_class as c on indexrelid = c.oid
                inner join pg_am as a on c.relam = a.oid
                where indrelid = '{table}'::regclass and indisvalid"""
            )
        )


ALL_KEYS = {(fact, dimension, True) for fact in FACTS for dimension in ("dim_ferry", "dim_port")}
