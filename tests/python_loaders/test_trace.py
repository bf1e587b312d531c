"""`contrail trace`: from a row of a model back to the line as it was delivered."""

import gzip
import json
import zipfile
from pathlib import Path

import duckdb
import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

from python_loaders.trace.model import AUDIT_COLUMNS

MODELS = {
    "fct_crossings": {
        "sql": "select _seq * 1000 + _source_row as crossing_key, ship, year, _seq, _batch_id,"
        " _source_file, _source_row from raw_ferries.crossings",
        "meta": {"grain": ["crossing_key"]},
        "columns": ["crossing_key", "ship", "year", *AUDIT_COLUMNS],
    },
    "years": {
        "sql": "select year, min(ship) as first_ship, count(*) as crossings"
        " from raw_ferries.crossings group by year"
        " union all select 1999, 'Ghost', 0 union all select null, 'Nobody', 0",
        "meta": {
            "grain": ["year", "first_ship"],
            "trace": [
                {"rows_of": "fct_crossings", "where": "source.year = mart.year + 5000"},
                {"rows_of": "int_years", "where": "source.year = mart.year"},
            ],
        },
        "columns": ["year", "first_ship", "crossings"],
    },
    "int_years": {
        "sql": "select * from raw_ferries.crossings",
        "meta": {},
        "columns": [],
        "schema": "intermediate",
    },
    "dim_date": {
        "sql": "select 20200101 as date_key",
        "meta": {"grain": ["date_key"], "trace": {"made_of": "the calendar"}},
        "columns": ["date_key"],
    },
}


def node(name: str) -> dict[str, object]:
    model = MODELS[name]
    return {
        "resource_type": "model",
        "alias": name,
        "config": {"meta": model["meta"], "schema": model.get("schema")},
        "columns": {name: {} for name in model["columns"]},
    }


def build(project: Project) -> None:
    """Stage, and make the models as dbt would."""
    assert project.run("stage").exit_code == 0
    (project.root / "target").mkdir(exist_ok=True)
    manifest = {"nodes": {name: node(name) for name in MODELS}}
    (project.root / "target" / "manifest.json").write_text(json.dumps(manifest))
    with duckdb.connect(project.root / "data" / "warehouse.duckdb") as warehouse:
        warehouse.execute("create schema if not exists main_intermediate")
        for name, model in MODELS.items():
            schema = "main_intermediate" if "schema" in model else "main"
            warehouse.execute(f"create or replace view {schema}.{name} as {model['sql']}")


@pytest.fixture
def built(project: Project) -> Project:
    quoted_newline = '2020,"Old\nAnn",1,NA,NA,NA\n'
    project.deliver("crossings2020.csv", HEADER + ROWS + quoted_newline + "2020,Last,2,NA,NA,NA\n")
    project.deliver("crossings2021.csv", (HEADER + ROWS * 9).replace("2020,", "2021,"))
    assert project.land().exit_code == 0
    build(project)
    return project


def trace(project: Project, *words: str) -> str:
    result = project.run("trace", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_fact_leads_to_its_line(built: Project) -> None:
    commit = built.commits()[0]
    shown = trace(built, "fct_crossings", "1003")
    assert "fct_crossings: crossing_key 1003" in shown
    assert "ferries.crossings 2020, commit 1 (live)" in shown
    assert f"batch {commit.batch_id}" in shown
    assert f"crossings2020.csv, sha256 {commit.input.file_sha256}" in shown
    assert (
        'row 3, line 4:\n      2020,"Old ""Ann"", of 1901",7,1.00,-0.5,2020-05-01T11:30:00Z\n'
        in shown
    )


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (1, "row 1, line 2:\n      2020,Aurora,120,12.50,3.5,2020-05-01T10:00:00Z\n"),
        (4, 'row 4, line 5:\n      2020,"Old\nAnn",1,NA,NA,NA\n'),
        (5, "row 5, line 7:\n      2020,Last,2,NA,NA,NA\n"),
    ],
)
def test_lines_are_those_of_the_file(built: Project, row: int, text: str) -> None:
    assert text in trace(built, "fct_crossings", f"crossing_key={1000 + row}")


def test_natural_columns_find_a_row(built: Project) -> None:
    assert "row 4, line 5" in trace(built, "fct_crossings", "ship=Old\nAnn", "year=2020")


def test_several_rows_are_each_shown(built: Project) -> None:
    assert trace(built, "fct_crossings", "year=2020").count("fct_crossings: crossing_key") == 5


def test_an_aggregate_lists_its_deliveries(built: Project) -> None:
    shown = trace(built, "years", "2021", "Aurora")
    assert "made of 27 rows of deliveries" in shown
    (line,) = [line for line in shown.splitlines() if "crossings2021.csv" in line]
    batch = built.commits()[1].batch_id
    assert line.split() == [
        "2",
        "ferries.crossings",
        "2021",
        batch,
        "crossings2021.csv",
        "27",
        "live",
    ]


def test_an_aggregate_of_few_rows_shows_them(built: Project) -> None:
    shown = trace(built, "years", "year=2020")
    assert shown.count("row ") == 5
    assert "Aurora,120" in shown
    assert "Last,2" in shown


def test_a_row_without_a_delivery_says_so(built: Project) -> None:
    assert "no row of a delivery leads here" in trace(built, "years", "year=1999")
    assert "no row of a delivery leads here" in trace(built, "years", "first_ship=Nobody")
    assert "made of the calendar, not of deliveries" in trace(built, "dim_date", "20200101")


def test_what_was_replaced_is_named(built: Project) -> None:
    path = built.inbox / "crossings2020.csv"
    built.deliver("crossings2020.csv", path.read_text().replace("Last", "Latest"))
    assert built.land().exit_code == 0
    shown = trace(built, "fct_crossings", "1003")  # the warehouse is as it was
    assert "commit 1 (not live any more: build again)" in shown
    assert "this file is not in" in shown


def test_a_file_is_known_by_its_bytes_not_by_its_name(built: Project) -> None:
    path = built.inbox / "crossings2020.csv"
    (built.inbox / "kept").mkdir()
    path.rename(built.inbox / "kept" / "crossings_old.csv")
    assert "row 3, line 4:" in trace(built, "fct_crossings", "1003")
    built.deliver(
        "crossings2020.csv", b"x" * (built.inbox / "kept" / "crossings_old.csv").stat().st_size
    )
    assert "row 3, line 4:" in trace(built, "fct_crossings", "1003")


def test_a_file_that_is_gone_is_named(built: Project) -> None:
    (built.inbox / "crossings2020.csv").unlink()
    shown = trace(built, "fct_crossings", "1003")
    assert f"row 3: this file is not in {built.inbox} any more" in shown


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_packed_files_are_opened(project: Project, kind: str) -> None:
    project.describe(CONTRACT.replace("crossings*.csv", "crossings*"))
    content = (HEADER + ROWS).encode()
    if kind == "gz":
        project.deliver("crossings.csv.gz", gzip.compress(content))
    else:
        with zipfile.ZipFile(project.inbox / "crossings.zip", "w") as archive:
            archive.writestr("2020/crossings.csv", content)
    assert project.land().exit_code == 0
    build(project)
    shown = trace(project, "fct_crossings", "1001")
    assert "row 1, line 2:\n      2020,Aurora,120" in shown
    assert ("crossings.zip/2020/crossings.csv" in shown) == (kind == "zip")


def test_a_format_without_lines_shows_the_values(project: Project) -> None:
    parquet = CONTRACT.replace("crossings*.csv", "crossings*.parquet")
    project.describe(parquet.replace("null_values: [NA]", "format: parquet"))
    duckdb.sql(
        "copy (select 2020::smallint as year, 'Aurora ' || i as ship, i::int as passengers,"
        " 1.5::decimal(6,2) as fare, 0.5::double as wind, timestamp '2020-05-01 10:00' as left_at"
        f" from range(3) as t(i)) to '{project.inbox / 'crossings.parquet'}' (format parquet)"
    )
    result = project.land()
    assert result.exit_code == 0, result.output
    build(project)
    shown = trace(project, "fct_crossings", "1002")
    assert 'row 2:\n      {"year": 2020, "ship": "Aurora 1", "passengers": 1,' in shown


JSON_ROW = '{\n"year": 2020, "ship": "%s", "passengers": 1, "fare": 1, "wind": 1, "left_at": null}'
XML_ROW = (
    "<row>\n<year>2020</year><ship>%s</ship><passengers>1</passengers><fare>1</fare>"
    "<wind>1</wind><left_at/></row>"
)


@pytest.mark.parametrize(
    ("extract", "content", "text"),
    [
        ("format: json", f"[{JSON_ROW % 'Ann'},\n\n{JSON_ROW % 'Bob'}]", JSON_ROW % "Bob"),
        (
            'format: xml\n                records: /rows/row\n                null_values: [""]',
            f"<rows>{XML_ROW % 'Ann'}\n\n{XML_ROW % 'Bob'}</rows>",
            XML_ROW % "Bob",
        ),
    ],
)
def test_records_of_documents_are_shown_as_they_stand_there(
    project: Project, extract: str, content: str, text: str
) -> None:
    project.describe(CONTRACT.replace("null_values: [NA]", extract).replace("s*.csv", "s*"))
    project.deliver("crossings", content)
    result = project.land()
    assert result.exit_code == 0, result.output
    build(project)
    shown = trace(project, "fct_crossings", "1002")
    assert f"row 2, line 4:\n      {text}".replace("\n", "") in shown.replace("\n", "")


@pytest.mark.parametrize(
    ("format_", "line"),
    [
        ("ndjson", '{"year": 2020, "ship": "Borealis", "passengers": 2, "wind": 0.5}'),
        ("fixed", "2020Borealis     2"),
    ],
)
def test_formats_in_which_a_line_is_a_record(project: Project, format_: str, line: str) -> None:
    columns = {"year": "smallint", "ship": "text", "passengers": "integer", "wind": "double"}
    places = {"year": (1, 4), "ship": (5, 8), "passengers": (13, 6)}
    lines = []
    for name, kind in columns.items():
        at = f"at: [{places[name][0]}, {places[name][1]}]" if name in places else "optional: true"
        meta = at if format_ == "fixed" else "optional: true"
        lines.append(
            f"          - {{name: {name}, data_type: {kind}, config: {{meta: {{{meta}}}}}}}"
        )
    head = CONTRACT.partition("        columns:\n")[0].replace("crossings*.csv", "crossings.*")
    trim = "\n                trim: both" if format_ == "fixed" else ""
    head = head.replace("null_values: [NA]", f"format: {format_}{trim}")
    project.describe(head + "        columns:\n" + "\n".join(lines) + "\n")
    other = line.replace("Borealis", "Aurora  ")
    project.deliver("crossings.txt", f"{other}\r\n{line}\r\n{other}\r\n")
    result = project.land()
    assert result.exit_code == 0, result.output
    build(project)
    assert f"row 2, line 2:\n      {line}\n" in trace(project, "fct_crossings", "1002")


def test_a_contract_that_changed_is_named(built: Project) -> None:
    built.describe(CONTRACT.replace("crossings*.csv", "ferries*.csv"))
    shown = trace(built, "fct_crossings", "1003")
    assert "the contract of ferries.crossings does not match this name" in shown


def test_a_warehouse_of_another_landing_zone_is_an_error(built: Project) -> None:
    for path in (built.landing / "_log").glob("*.json"):
        path.unlink()
    result = built.run("trace", "fct_crossings", "1003")
    assert result.exit_code == 1
    assert "commit 1, batch" in result.output
    assert "the log does not have it" in result.output


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("fct_crossing", "1"), "there is no such model. Did you mean 'fct_crossings'?"),
        (("fct_crossings", "7"), "has no row where"),
        (("fct_crossings", "shipp=Aurora"), "no such column. Did you mean 'ship'?"),
        (("fct_crossings", "1", "2"), "give the values of crossing_key"),
        (("fct_crossings", "year=2021"), "more than 5 rows where"),
        (("fct_crossings", "many"), "DuckDB: "),
        (("fct_crossings", "ship='; drop table x; --"), "has no row where"),
    ],
)
def test_what_cannot_be_found_says_why(
    built: Project, words: tuple[str, ...], message: str
) -> None:
    result = built.run("trace", *words)
    assert result.exit_code == 2, result.output
    assert message in result.output


def test_without_a_manifest_the_error_says_what_to_do(project: Project) -> None:
    result = project.run("trace", "fct_crossings", "1")
    assert result.exit_code == 1
    assert "Run `dbt parse`" in result.output


def test_readers_of_what_is_published_are_answered_from_it(built: Project) -> None:
    assert built.run("publish").exit_code == 0
    Path(built.root / "data" / "warehouse.duckdb").unlink()
    assert "row 3, line 4" in trace(built, "fct_crossings", "1003")
