"""One warehouse on Spark through a life of deliveries, equal to the one on DuckDB at every turn."""

from pathlib import Path

import pytest
from operations import Again, Build, Undo, World
from slices import Delivery
from warehouse_in_process import ROOT
from warehouse_on_spark import FIRST

from python_loaders.errors import UsageError
from python_loaders.landing.log import live_commits
from python_loaders.spark.connection import STRICT, SparkError, connect
from python_loaders.spark.text import literal

FACTS = ["int_flights__members", "int_flights__timed", "fct_flights", "fct_airport_hourly"]


def landing_files(world: World) -> dict[Path, bytes]:
    landing = world.log.landing
    return {path: path.read_bytes() for path in landing.rglob("*.parquet")}


def test_first_build_gives_the_rows_of_duckdb(world: World) -> None:
    world.play([*FIRST, Build()])
    assert world.warehouse.built["fct_flights"] == ["2013-01", "2013-03"]
    assert world.warehouse.query("select count(*) > 20 from fct_flights") == [(True,)]
    assert world.warehouse.query("select count(*) > 0 from fct_weather_hourly") == [(True,)]
    assert world.warehouse.differences(world.log) == []


def test_every_data_test_and_unit_test_passes(world: World) -> None:
    # The known answers are about all flights of two years.
    world.warehouse.dbt.run(world.warehouse.data, "test", "--exclude", "tag:known_answers")


def test_runs_are_remembered(world: World) -> None:
    commands = "select distinct command from contrail_ops.invocations order by 1"
    assert world.warehouse.query(commands) == [("run",), ("seed",), ("test",)]
    many = "select count(*) > 500 from contrail_ops.node_results"
    assert world.warehouse.query(many) == [(True,)]


def test_build_without_news_builds_nothing(world: World) -> None:
    before = world.warehouse.files("fct_flights")
    world.play([Build()])
    assert [world.warehouse.built[fact] for fact in FACTS] == [[]] * 4
    assert world.warehouse.files("fct_flights") == before


def test_corrected_month_is_overwritten_alone(world: World) -> None:
    before = world.warehouse.files("fct_flights")
    world.play([Delivery("bts", "2013-02", "late"), Build()])
    assert [world.warehouse.built[fact] for fact in FACTS] == [["2013-02", "2013-02"]] * 4
    after = world.warehouse.files("fct_flights")
    assert after["2013-01"] == before["2013-01"]
    assert after["2013-02"].isdisjoint(before["2013-02"])
    assert all(len(names) == 1 for names in after.values())
    assert world.warehouse.differences(world.log) == []


def test_month_that_loses_all_its_rows_is_emptied(world: World) -> None:
    assert "2013-03" in world.warehouse.files("fct_flights")
    seqs = [commit.seq for commit in live_commits(world.log.read())]
    (march,) = (c for c in live_commits(world.log.read()) if c.table == "on_time_selected")
    world.play([Undo(seqs.index(march.seq)), Build()])
    assert set(world.warehouse.files("fct_flights")) == {"2013-01", "2013-02"}
    assert world.warehouse.differences(world.log) == []


def test_sequence_of_deliveries_ends_where_duckdb_does(world: World) -> None:
    world.play(
        [
            Delivery("airports", "2013-02-01", "renamed"),
            Delivery("flights13", "2013"),
            Build(),
            Delivery("bts", "2013-03"),
            Again(6, force=True),
            Undo(3),
            Delivery("planes23", "2023-01-01"),
            Delivery("flights23", "2013"),
            Build(),
        ]
    )
    assert world.warehouse.differences(world.log) == []


def test_full_refresh_gives_the_same(world: World) -> None:
    world.play([Build(full=True)])
    assert world.warehouse.differences(world.log) == []


def test_staging_leaves_files_alone_and_sees_no_stray_ones(world: World) -> None:
    before = landing_files(world)
    rows = world.warehouse.query("select count(*) from raw_bts.on_time_monthly")
    (file, *_) = (
        world.log.landing / file.path
        for commit in live_commits(world.log.read())
        if commit.table == "on_time_monthly"
        for file in commit.files
    )
    stray = file.with_name("0-00000000.parquet")
    stray.write_bytes(file.read_bytes())
    try:
        world.warehouse.stage(world.log.landing, world.log.read())
        assert world.warehouse.query("select count(*) from raw_bts.on_time_monthly") == rows
    finally:
        stray.unlink()
    assert landing_files(world) == before


def test_a_query_only_reads(world: World) -> None:
    for statement in ("drop view flights", "select 1; drop view flights", "insert into x select 1"):
        with pytest.raises(UsageError, match="Spark: "):
            world.warehouse.query(statement)
    assert len(world.warehouse.query("from flights limit 1;")) == 1


def test_a_bad_cast_is_an_error_whatever_dbt_spark_sets(world: World) -> None:
    text = (ROOT / "macros" / "spark" / "strictly.sql").read_text(encoding="utf-8")
    script = text[text.index("begin") : text.index("{%- endmacro %}")]
    bad = "select cast(x as int) as y from values ('x') as t (x)"
    statement = f"create or replace temporary view bad as {bad}"
    with connect(world.warehouse.profile) as spark:
        spark.run(f"set {STRICT} = false")
        try:
            assert spark.run("select cast('x' as int)").rows == [(None,)]
            spark.run(script.replace("{{ sql }}", statement))
            spark.run(f"set {STRICT} = false")
            with pytest.raises(SparkError, match="CAST_INVALID_INPUT"):
                spark.run("select * from bad")
        finally:
            spark.run(f"set {STRICT} = true")
    made = world.warehouse.data / "target" / "run" / "contrail" / "models" / "marts"
    # Those of tests stand below directories that are named for the YAML.
    models = [path for path in made.rglob("*.sql") if ".yml/" not in path.as_posix()]
    statements = [path.read_text(encoding="utf-8") for path in models]
    assert len(statements) > 20
    assert all(f"set {STRICT} = true" in statement for statement in statements)


@pytest.mark.parametrize("text", ["it's", "a\\b", "'", "\\", "é\n", "%s {1} `x`"])
def test_literals_come_back_as_they_are(world: World, text: str) -> None:
    with connect(world.warehouse.profile) as spark:
        assert spark.run(f"select {literal(text)} as text").rows == [(text,)]


def test_tables_have_statistics(world: World) -> None:
    with connect(world.warehouse.profile) as spark:
        rows = spark.run("describe extended contrail.dim_airport").rows
    described = {name: value for name, value, _ in rows}
    assert "rows" in described["Statistics"]
