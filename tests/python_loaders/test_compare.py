"""Two warehouses that are alike, and every way in which they can be unlike."""

import json
from pathlib import Path

import duckdb
import pytest
from ferry_project import Project

from python_loaders.compare import command
from python_loaders.compare.compare import Comparison, compare
from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.find import Sides
from python_loaders.compare.marts import Mart

SIDES = Sides("here", "there")
ROWS = 100_000  # several batches
TABLE = f"""
create table crossings as select
    cast(i as bigint) as crossing_key,
    date '2020-01-01' + cast(i % 366 as integer) as crossing_date,
    i / 7.0::double as wind,
    case when i % 11 <> 0 then i % 13 end as delay,
    cast(i / 4.0 as decimal(12, 2)) as fare,
    case i % 3 when 0 then 'Aurora' when 1 then '' end as ship,
    case when i % 5 <> 0 then i % 2 = 0 end as is_late,
    timestamp '2020-01-01 10:00:00' + to_seconds(i) as left_at
from range({ROWS}) as r(i)
"""
MART = Mart("crossings", ("crossing_key",))


def warehouse(path: Path, *statements: str) -> DuckDBEngine:
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    return DuckDBEngine(path)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> DuckDBEngine:
    return warehouse(tmp_path_factory.mktemp("here") / "here.duckdb", TABLE)


def compared(here: DuckDBEngine, there: DuckDBEngine, mart: Mart = MART) -> Comparison:
    forth = compare(mart, SIDES, (here, there))
    back = compare(mart, Sides("there", "here"), (there, here))
    assert (forth.difference is None) == (back.difference is None)
    assert forth.rows == back.rows[::-1]
    return forth


def difference(here: DuckDBEngine, tmp_path: Path, change: str) -> str | None:
    return compared(here, warehouse(tmp_path / "there.duckdb", TABLE, change)).difference


def test_the_same_rows_in_another_order_are_equal(here: DuckDBEngine, tmp_path: Path) -> None:
    shuffled = "create or replace table crossings as from crossings order by hash(crossing_key)"
    there = warehouse(tmp_path / "there.duckdb", TABLE, shuffled)
    assert compared(here, there) == Comparison("crossings", (ROWS, ROWS), None)


@pytest.mark.parametrize(
    "change",
    [
        "alter table crossings alter crossing_key type integer",
        "alter table crossings alter crossing_key type hugeint",
        "alter table crossings alter fare type decimal(18, 6)",
    ],
)
def test_the_width_and_the_scale_of_a_number_do_not_count(
    here: DuckDBEngine, tmp_path: Path, change: str
) -> None:
    assert difference(here, tmp_path, change) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (  # the last bit
            "update crossings set wind = wind + 1.8e-12 where crossing_key = 70001",
            "crossing_key 70001: wind is 10000.142857142857 in here, 10000.142857142859 in there",
        ),
        (
            (
                "create or replace table crossings as select * replace"
                " (case when crossing_key = 0 then -wind else wind end as wind) from crossings"
            ),
            "crossing_key 0: wind is 0.0 in here, -0.0 in there",
        ),
        (
            "update crossings set fare = fare + 0.01 where crossing_key = 5",
            "crossing_key 5: fare is 1.25 in here, 1.26 in there",
        ),
        (
            "update crossings set left_at = left_at + to_microseconds(1) where crossing_key = 9",
            "left_at is 2020-01-01 10:00:09 in here, 2020-01-01 10:00:09.000001 in there",
        ),
        (
            "update crossings set crossing_date = crossing_date + 1 where crossing_key = 9",
            "crossing_date is 2020-01-10 in here, 2020-01-11 in there",
        ),
        (
            "update crossings set ship = null where crossing_key = 1",
            "crossing_key 1: ship is '' in here, NULL in there",
        ),
        (
            "update crossings set ship = '' where crossing_key = 2",
            "crossing_key 2: ship is NULL in here, '' in there",
        ),
        (
            "update crossings set ship = 'Aurora ' where crossing_key = 3",
            "crossing_key 3: ship is 'Aurora' in here, 'Aurora ' in there",
        ),
        (
            "update crossings set is_late = null where crossing_key = 1",
            "crossing_key 1: is_late is False in here, NULL in there",
        ),
        (
            "update crossings set delay = null, ship = 'x', is_late = true where crossing_key = 4",
            "crossing_key 4: delay is 4 in here, NULL in there (also ship)",
        ),
        ("delete from crossings where crossing_key = 77777", "crossing_key 77777 is only in here"),
        (
            "insert into crossings by name select -1 as crossing_key",
            "crossing_key -1 is only in there",
        ),
        (
            "insert into crossings from crossings where crossing_key = 500",
            "crossing_key 500: the number of its rows is 1 in here, 2 in there",
        ),
        (
            "update crossings set crossing_key = -5 where crossing_key = 5",
            "crossing_key -5 is only in there",
        ),
        (
            "insert into crossings by name select null as crossing_key",
            "crossing_key NULL is only in there",
        ),
        ("alter table crossings drop wind", "column wind is only in here"),
        ("alter table crossings add note text", "column note is only in there"),
        (
            "alter table crossings alter delay type double",
            "column delay is integer in here, float in there",
        ),
        (
            "create or replace table crossings as select wind, * exclude (wind) from crossings",
            "column 1 is crossing_key in here, wind in there",
        ),
        ("drop table crossings", "is missing in there"),
    ],
)
def test_a_difference_is_found_and_named(
    here: DuckDBEngine, tmp_path: Path, change: str, words: str
) -> None:
    assert words in (difference(here, tmp_path, change) or "equal")


def test_columns_that_change_places_are_found(here: DuckDBEngine, tmp_path: Path) -> None:
    """The values of two columns, in every row or between two rows: all sums stay the same."""
    columns = "create or replace table crossings as select * replace (wind as delay, delay as wind)"
    there = "update crossings set delay = 5 - delay where crossing_key in (2, 3)"
    assert "delay is 2 in here, 3 in there" in (difference(here, tmp_path, there) or "equal")
    floats = "alter table crossings alter delay type double"
    one = warehouse(tmp_path / "one.duckdb", TABLE, floats)
    other = warehouse(tmp_path / "other.duckdb", TABLE, floats, f"{columns} from crossings")
    found = compared(one, other).difference or "equal"
    assert "crossing_key" in found
    assert "(also delay)" in found


def test_everything_may_differ(here: DuckDBEngine, tmp_path: Path) -> None:
    assert "fare is" in (difference(here, tmp_path, "update crossings set fare = fare + 1") or "")


def test_marts_without_rows_or_without_a_grain(tmp_path: Path) -> None:
    table = "create table crossings (ship text, wind double)"
    empty = warehouse(tmp_path / "empty.duckdb", table)
    twice = "insert into crossings values ('Aurora', 'NaN'), ('Aurora', 'NaN')"
    full = warehouse(tmp_path / "full.duckdb", table, twice)
    same = warehouse(tmp_path / "same.duckdb", table, twice)
    mart = Mart("crossings", ())
    assert compared(empty, empty, mart).difference is None
    assert compared(full, same, mart).difference is None
    assert "ship 'Aurora', wind nan is only in there" in (
        compared(empty, full, mart).difference or "equal"
    )


def write_manifest(project: Project, **grains: list[str]) -> None:
    nodes = {
        name: {
            "resource_type": "model",
            "alias": name,
            "fqn": ["contrail", "marts", "facts", name],
            "config": {"meta": {"grain": grain}},
        }
        for name, grain in grains.items()
    }
    other = {"resource_type": "model", "alias": "x", "fqn": ["contrail", "staging", "marts"]}
    target = project.root / "target"
    target.mkdir()
    manifest = {"nodes": nodes | {"other": other}}
    (target / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def two_targets(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two DuckDB files as its targets."""
    data = project.root / "data"
    monkeypatch.delenv("DBT_TARGET_PATH", raising=False)
    warehouse(data / "warehouse.duckdb", TABLE, "create view late as from crossings")
    there = warehouse(data / "there.duckdb", TABLE, "create view late as from crossings limit 9")
    monkeypatch.setitem(command.ENGINES, "there", lambda _: there)
    write_manifest(project, late=["crossing_key"], crossings=["crossing_key"])
    return project


def test_the_command_lists_every_mart(two_targets: Project) -> None:
    result = two_targets.run("compare", "--targets", "duckdb,there")
    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["crossings", "100,000", "100,000", "equal"] in lines
    assert ["late", "100,000", "9", "different"] in lines
    assert "late: crossing_key" in result.stderr
    assert "1 of 2 marts differ" in result.stderr


def test_the_command_takes_some_marts(two_targets: Project) -> None:
    result = two_targets.run("compare", "crossings", "--targets", "duckdb,there")
    assert result.exit_code == 0
    assert "all marts are equal" in result.stderr
    result = two_targets.run("compare", "crosings", "--targets", "duckdb,there")
    assert result.exit_code == 2
    assert "Did you mean 'crossings'?" in result.stderr


@pytest.mark.parametrize("targets", ["duckdb", "duckdb,duckdb", "duckdb,oracle", "duckdb,there,x"])
def test_the_command_wants_targets_that_it_knows(two_targets: Project, targets: str) -> None:
    result = two_targets.run("compare", "--targets", targets)
    assert result.exit_code == 2
    assert "name two or more of duckdb, postgres, spark, spark_thrift, there" in result.stderr


def test_the_command_compares_more_targets_with_the_first(
    two_targets: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = two_targets.root / "data" / "same.duckdb"
    monkeypatch.setitem(
        command.ENGINES,
        "same",
        lambda _: warehouse(same, TABLE, "create view late as from crossings"),
    )
    result = two_targets.run("compare", "--targets", "duckdb,same,there")
    assert result.exit_code == 1
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines.count(["crossings", "100,000", "100,000", "equal"]) == 2
    assert ["late", "100,000", "9", "different"] in lines
    assert "1 of 4 marts differ" in result.stderr


def test_the_command_needs_the_manifest(two_targets: Project) -> None:
    (two_targets.root / "target" / "manifest.json").unlink()
    result = two_targets.run("compare", "--targets", "duckdb,there")
    assert result.exit_code == 1
    assert "manifest.json: does not exist yet. Run `dbt parse`" in result.stderr
