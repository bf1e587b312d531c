"""The same deliveries on DuckDB and PostgreSQL: equal rows, and what only PostgreSQL has."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from deliveries import FEBRUARY, JANUARY, airportsdata, flight, monthly_file
from tracing import assert_every_mart_is_traced
from warehouse import Warehouse

from python_loaders.postgres.installation import Account
from python_loaders.postgres.server import Server
from python_loaders.stage.postgres import PostgresStager

FEBRUARY_CORRECTED = [*FEBRUARY[:2], flight("2024-02-29", 4, Tail_Number="N999ZZ", Origin="JFK")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not below pytest's directories: the server's user could not reach them.
    home = Path(tempfile.mkdtemp(prefix="contrail-"))
    home.chmod(0o755)
    server = Server(home / "server", Account.choose())
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("both") / "data")


@pytest.fixture(scope="module")
def postgres(server: Server, duckdb: Warehouse) -> Warehouse:
    """The warehouse on PostgreSQL of the landing zone that the one on DuckDB has, too."""
    environment = server.start().environment()
    duckdb.environment.update(environment)
    warehouse = Warehouse(duckdb.data, target="postgres", environment=environment)
    airportsdata(warehouse.inbox, "2026-01-01")
    monthly_file(warehouse.inbox, "2024-01", JANUARY)
    monthly_file(warehouse.inbox, "2024-02", FEBRUARY)
    warehouse.land()
    warehouse.build()
    return warehouse


@pytest.fixture
def session(server: Server) -> Iterator[psycopg.Connection]:
    connection = server.start()
    with psycopg.connect(**connection.parameters, autocommit=True) as session:
        session.execute(f"set search_path to {connection.schema}")
        yield session


DIFF = ("contrail", "diff", "--from", "3", "--rows", "1")


def rows(session: psycopg.Connection, sql: str) -> list[tuple]:
    return session.execute(sql).fetchall()


def children(session: psycopg.Connection) -> dict[str, str]:
    """The child of each month of fct_flights."""
    found = rows(
        session,
        """select substring(pg_get_expr(c.relpartbound, c.oid) from '[0-9]{4}-[0-9]{2}'), c.relname
        from pg_inherits as i inner join pg_class as c on i.inhrelid = c.oid
        where i.inhparent = 'fct_flights'::regclass""",
    )
    return dict(found)


def assert_equal_on_both(duckdb: Warehouse) -> None:
    duckdb.stage()
    duckdb.build()
    assert "all marts are equal" in duckdb.run(
        "contrail", "compare", "--targets", "duckdb,postgres"
    )


def test_both_engines_give_the_same_rows(duckdb: Warehouse, postgres: Warehouse) -> None:
    assert postgres.built["fct_flights"] == ["2024-01", "2024-02"]
    assert_equal_on_both(duckdb)


def test_rows_of_every_mart_lead_back_to_their_deliveries(
    server: Server, postgres: Warehouse
) -> None:
    connection = server.start()
    stager = PostgresStager(connection, postgres.data / "landing")
    assert_every_mart_is_traced(postgres, connection.schema, stager.query)
    command = ["contrail", "trace", "carrier_scorecard", "flight_month=2024-01-01"]
    shown = postgres.run(*command, "--target", "postgres")
    assert "carrier_scorecard: flight_month 2024-01-01, carrier_code AA" in shown
    assert shown.count("line") == 2


def test_a_corrected_month_is_swapped_in_alone(
    duckdb: Warehouse, postgres: Warehouse, session: psycopg.Connection
) -> None:
    session.execute("create view mine as select carrier_name, count(*) from flights group by 1")
    keys = "select conname from pg_constraint where conrelid = 'fct_flights'::regclass order by 1"
    before, foreign_keys = children(session), rows(session, keys)
    assert len(foreign_keys) > 10

    monthly_file(postgres.inbox, "2024-02", FEBRUARY_CORRECTED)
    postgres.land()
    postgres.build()

    after = children(session)
    assert postgres.built["fct_flights"] == ["2024-02"]
    assert after["2024-01"] == before["2024-01"]
    assert after["2024-02"] != before["2024-02"]
    assert rows(session, keys) == foreign_keys
    assert rows(session, "select sum(count) from mine") == [(5,)]
    # Nothing but the live children is left in the schema of the parts.
    parts = "select count(*) from pg_tables where tablename like 'fct\\_flights\\_2024%'"
    assert rows(session, parts) == [(len(after),)]
    assert_equal_on_both(duckdb)


def diff(warehouse: Warehouse) -> list[str]:
    """The differences since commit 3, without the lines that tell what is built and how long."""
    printed = warehouse.run(*DIFF, "--target", warehouse.target).splitlines()
    return [" ".join(line.split()) for line in printed if line and "uil" not in line]


def test_the_past_is_the_same_on_both_engines(
    duckdb: Warehouse, postgres: Warehouse, session: psycopg.Connection
) -> None:
    before = duckdb.contents()
    # In the directory of `contrail diff`, which then need not parse the project again.
    directory = ("--target-path", str(duckdb.data / "target" / "as_of"))
    wanted = ("--target", "postgres", "--vars", "{as_of_seq: 3}", *directory)
    said = " ".join(postgres.run("dbt", "build", *wanted, expect=2).split())
    assert "Run `contrail stage --target postgres --as-of 3` first" in said

    differences = diff(postgres)
    assert differences == diff(duckdb)
    assert "fct_flights 5 5 1 1 0" in differences
    assert "dim_date 17,899 17,899 0 0 0" in differences
    assert "- flight_date 2024-02-20, flight_number 3" in " ".join(differences)
    assert "+ flight_date 2024-02-29, flight_number 4" in " ".join(differences)
    assert duckdb.contents() == before
    assert rows(session, "select max(flight_date) = date '2024-02-29' from flights") == [(True,)]


def test_the_past_is_queried_listed_and_dropped(
    duckdb: Warehouse, postgres: Warehouse, session: psycopg.Connection
) -> None:
    query = ("contrail", "query", "select max(flight_date) as day from flights", "--format", "csv")
    for warehouse in (duckdb, postgres):
        target = ("--target", warehouse.target)
        assert warehouse.run(*query, "--as-of", "3", *target) == "day\n2024-02-20\n"
        warehouse.run("contrail", "states", "drop", "3", *target)
    assert list((duckdb.data / "states").iterdir()) == []
    schemas = "select nspname from pg_namespace where nspname like '%as\\_of\\_%'"
    assert rows(session, schemas) == []
    assert rows(session, "select max(flight_date) = date '2024-02-29' from flights") == [(True,)]
