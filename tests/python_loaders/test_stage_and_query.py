import subprocess
import sys

import duckdb
import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

FIRST = HEADER + ROWS
AUDIT = ["_batch_id", "_seq", "_delivery_key", "_source_file", "_source_row", "_landed_at"]


def test_a_table_without_deliveries_has_columns_and_no_rows(project: Project) -> None:
    described = project.staged("describe raw_ferries.crossings")
    assert [(name, kind) for name, kind, *_ in described] == [
        ("year", "SMALLINT"),
        ("ship", "VARCHAR"),
        ("passengers", "INTEGER"),
        ("fare", "DECIMAL(6,2)"),
        ("wind", "DOUBLE"),
        ("left_at", "TIMESTAMP"),
        ("note", "VARCHAR"),
        *zip(
            AUDIT, ["VARCHAR", "BIGINT", "VARCHAR", "VARCHAR", "BIGINT", "TIMESTAMP"], strict=True
        ),
    ]
    for relation in ("raw_ferries.crossings", "raw_contrail.deliveries", "raw_contrail.rejects"):
        assert project.staged(f"select count(*) from {relation}") == [(0,)]


def test_the_types_do_not_depend_on_what_is_landed(project: Project) -> None:
    relations = ["raw_ferries.crossings", "raw_contrail.deliveries", "raw_contrail.rejects"]
    project.describe(
        CONTRACT.replace(
            "            delivery:", "            rejects: {max_rows: 1}\n            delivery:"
        )
    )
    before = [project.staged(f"describe {relation}") for relation in relations]
    project.deliver("crossings.csv", FIRST + "2020\n")
    assert project.land().exit_code == 0
    assert [project.staged(f"describe {relation}") for relation in relations] == before


@pytest.mark.fault(
    "file that no commit names", outcome="read by nobody, named by verify, removed by gc"
)
def test_only_files_that_the_log_names_are_read(project: Project) -> None:
    project.deliver("crossings.csv", FIRST)
    project.land()
    [path] = project.parquet()
    path.with_name("9-deadbeef.parquet").write_bytes(path.read_bytes())
    assert project.staged("select count(*) from raw_ferries.crossings") == [(3,)]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_staging_replaces_everything_or_nothing(project: Project, damage: str) -> None:
    project.deliver("crossings.csv", FIRST)
    project.land()
    assert project.staged("select count(*) from raw_ferries.crossings") == [(3,)]
    [before] = project.parquet()
    project.deliver("crossings.csv", FIRST.replace("2020,", "2021,"))
    project.land()
    [path] = set(project.parquet()) - {before} if damage != "changed" else [before]
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(whole[:-9] + (b"" if damage == "cut" else b"x" * 9))
    result = project.run("stage")
    assert result.exit_code == 1
    assert str(path) in result.output
    with duckdb.connect(project.root / "data" / "warehouse.duckdb", read_only=True) as warehouse:
        query = "select count(*) from raw_contrail.deliveries"
        assert warehouse.execute(query).fetchall() == [(1,)]


def test_a_busy_warehouse_is_an_error_that_says_what_to_do(project: Project) -> None:
    project.run("stage")
    path = project.root / "data" / "warehouse.duckdb"
    hold = f"import duckdb,sys; c = duckdb.connect({str(path)!r}); print('x', flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold], text=True, **pipes) as holder:
        holder.stdout.readline()
        result = project.run("stage")
        assert result.exit_code == 1
        assert "warehouse.duckdb: cannot be opened. End the process that holds it" in result.output
        assert str(holder.pid) in result.output
        holder.communicate("\n")
    assert project.run("stage").exit_code == 0


@pytest.fixture
def staged(project: Project) -> Project:
    project.deliver("crossings.csv", FIRST)
    project.land()
    project.run("stage")
    return project


SQL = "select ship, passengers, fare, left_at from raw_ferries.crossings order by _source_row"


def test_query_as_csv(staged: Project) -> None:
    assert staged.run("query", SQL, "--format", "csv").stdout == (
        "ship,passengers,fare,left_at\n"
        "Aurora,120,12.50,2020-05-01 10:00:00\n"
        "Borealis,,,\n"
        '"Old ""Ann"", of 1901",7,1.00,2020-05-01 11:30:00\n'
    )


def test_query_as_json(staged: Project) -> None:
    assert staged.queried(SQL)[:2] == [
        {"ship": "Aurora", "passengers": 120, "fare": "12.50", "left_at": "2020-05-01 10:00:00"},
        {"ship": "Borealis", "passengers": None, "fare": None, "left_at": None},
    ]


def test_query_as_table(staged: Project) -> None:
    lines = staged.run("query", "select 'a [b] c' as text, 1234567 as n").stdout.splitlines()
    assert next(line.split() for line in lines if line.strip()) == ["text", "n"]
    assert "a [b] c" in lines[-2]
    assert lines[-2].rstrip().endswith("1234567")


def test_query_shows_times_in_utc(staged: Project) -> None:
    assert staged.queried("select '2020-05-01 10:00:00+02'::timestamptz::text as t") == [
        {"t": "2020-05-01 08:00:00+00"}
    ]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("drop view raw_ferries.crossings", "only one that reads"),
        ("copy (select 1) to 'x.csv'", "only one that reads"),
        ("select 1; select 2", "exactly one statement"),
        ("", "exactly one statement"),
        ("set enable_external_access = true", "only one that reads"),
        ("select * from read_csv('/etc/hostname')", "DuckDB: Permission Error"),
        ("select nope", "DuckDB: Binder Error"),
        ("selec 1", "DuckDB: Parser Error"),
    ],
)
def test_query_only_reads_the_warehouse(staged: Project, sql: str, words: str) -> None:
    result = staged.run("query", sql)
    assert result.exit_code == 2
    assert words in result.output
    assert not (staged.root / "x.csv").exists()


def test_query_before_stage(project: Project) -> None:
    result = project.run("query", "select 1")
    assert result.exit_code == 1
    assert "Run `contrail stage`" in result.output


def test_status_shows_every_table(staged: Project) -> None:
    lines = [line.split() for line in staged.run("status").stdout.splitlines()]
    assert [
        "ferries", "crossings", "1", "3", "0", "2020", "2020", "0", "min", "ago",
    ] in lines  # fmt: skip


def test_status_without_deliveries(project: Project) -> None:
    assert "never" in project.run("status").stdout


def test_version(project: Project) -> None:
    assert project.run("--version").stdout.startswith("contrail ")


def test_an_unknown_target_is_a_usage_error(project: Project) -> None:
    assert project.run("stage", "--target", "oracle").exit_code == 2
