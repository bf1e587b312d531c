"""`contract: evolve`: a column that nobody described is kept, and said to be new."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from ferry_project import CONTRACT, HEADER, Project
from test_archives import zip_of
from test_deliveries import outcomes

EVOLVE = CONTRACT.replace("extracts:", "contract: evolve\n            extracts:")
NAMES = HEADER.strip()
ROW = "Ann,1,1.00,1.5,NA"


def delivery(year: int, names: str = "", *values: str) -> str:
    """Return one crossing for each text of additional values."""
    rows = [f"{year},{ROW},{value}" if value else f"{year},{ROW}" for value in values or ("",)]
    return "\n".join([f"{NAMES},{names}" if names else NAMES, *rows, ""])


@pytest.fixture
def evolving(project: Project) -> Project:
    project.describe(EVOLVE)
    return project


def land(project: Project, year: int, names: str = "", *values: str) -> str:
    """Land the crossings of a year, and return what was said."""
    project.deliver(f"crossings{year}.csv", delivery(year, names, *values), seconds=year)
    result = project.land()
    assert result.exit_code == 0, result.output
    return result.stderr


def shown(project: Project, *columns: str) -> list[tuple[object, ...]]:
    return project.staged(
        f"select {', '.join(columns)} from raw_ferries.crossings order by year, _source_row"
    )


def versions(project: Project) -> list[str]:
    lines = project.run("status", "--schema").stdout.splitlines()
    return [line.split(maxsplit=6)[6].strip() for line in lines if "ferries" in line]


@pytest.mark.fault("column added", outcome="evolve: a new nullable column and schema version")
def test_a_new_column_is_nullable_and_makes_a_schema_version(evolving: Project) -> None:
    land(evolving, 2020)
    said = land(evolving, 2021, "Captain,crew", "Bob,7", "NA,8")
    assert "crossings2021.csv: column 'captain' is new and was added as text; column 'crew'" in said
    assert "This is schema version 2 of ferries.crossings; describe it in the contract" in said
    assert shown(evolving, "year", "captain", "crew", "typeof(crew)") == [
        (2020, None, None, "BIGINT"),
        (2021, "Bob", 7, "BIGINT"),
        (2021, None, 8, "BIGINT"),
    ]
    first, second = evolving.commits()
    assert (first.schema_version, second.schema_version) == (1, 2)
    assert second.columns == first.columns | {"captain": "text", "crew": "bigint"}
    assert versions(evolving) == ["7 columns", "added captain text", "added crew bigint"]
    assert outcomes(evolving) == ["unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["7", "NA"], "BIGINT", [7, None]),
        (["007", "8"], "VARCHAR", ["007", "8"]),
        (["1.5", "2"], "DECIMAL(20,1)", [Decimal("1.5"), Decimal(2)]),
        (["true", "False"], "BOOLEAN", [True, False]),
        (["2020-02-29", "NA"], "DATE", [dt.date(2020, 2, 29), None]),
        (["2020-02-29T10:00:00.5Z"], "TIMESTAMP", [dt.datetime(2020, 2, 29, 10, 0, 0, 500_000)]),  # noqa: DTZ001
        (["2020-02-29T10:00:00"], "VARCHAR", ["2020-02-29T10:00:00"]),
        (["1e5", "NaN"], "VARCHAR", ["1e5", "NaN"]),
        (['"=cmd|""x"""', "'; drop table x"], "VARCHAR", ['=cmd|"x"', "'; drop table x"]),
        (["NA", "NA"], "VARCHAR", [None, None]),
        (["", "NA"], "VARCHAR", ["", None]),
    ],
)  # fmt: skip
def test_its_type_loses_nothing(
    evolving: Project, values: list[str], kind: str, expected: list[object]
) -> None:
    evolving.deliver(
        "crossings.csv", "\n".join([NAMES + ",new", *(f"2020,{ROW},{v}" for v in values), ""])
    )
    assert outcomes(evolving) == ["committed"]
    assert shown(evolving, "new", "typeof(new)") == [(value, kind) for value in expected]


def test_a_later_delivery_widens_the_type(evolving: Project) -> None:
    land(evolving, 2020, "crew", "7")
    said = land(evolving, 2021, "crew", "8.25")
    assert "column 'crew' was widened from bigint to decimal(21,2)" in said
    land(evolving, 2022, "crew", "9")
    assert shown(evolving, "crew") == [(Decimal(7),), (Decimal("8.25"),), (Decimal(9),)]
    assert versions(evolving)[-1] == "widened crew from bigint to decimal(21,2)"
    assert [commit.schema_version for commit in evolving.commits()] == [1, 2, 2]


def test_a_value_that_no_wider_type_takes_is_a_bad_row(evolving: Project) -> None:
    land(evolving, 2020, "crew", "7")
    evolving.deliver("crossings2021.csv", delivery(2021, "crew", "8", "many"), seconds=2021)
    result = evolving.land()
    assert result.exit_code == 3
    assert "line 3 (row 2), column crew: 'many' is not a bigint" in result.output
    evolving.describe(EVOLVE.replace("extracts:", "rejects: {max_rows: 1}\n            extracts:"))
    assert outcomes(evolving) == ["unchanged", "committed with rejects"]
    assert shown(evolving, "crew") == [(7,), (8,)]
    assert evolving.commits()[1].rows_rejected == 1


def test_a_column_without_values_takes_its_type_from_the_next_delivery(evolving: Project) -> None:
    land(evolving, 2020, "crew", "NA")
    land(evolving, 2021, "crew", "8")
    land(evolving, 2022, "crew", "NA")
    assert shown(evolving, "crew", "typeof(crew)") == [
        (None, "BIGINT"), (8, "BIGINT"), (None, "BIGINT"),
    ]  # fmt: skip


def test_a_column_may_stay_away_again(evolving: Project) -> None:
    land(evolving, 2020, "crew", "7")
    said = land(evolving, 2021)
    assert "does not hold crew, which commit 1 (crossings2020.csv) has; NULL was landed" in said
    assert shown(evolving, "crew") == [(7,), (None,)]
    assert [commit.schema_version for commit in evolving.commits()] == [1, 1]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (NAMES.replace("fare", "fares"), "(looks renamed from 'fare')"),
        (f"{NAMES},crews", "column 'crews' is new and looks renamed from 'crew'"),
        (NAMES.replace(",fare", ""), "column 'fare' is missing"),
        (f"{NAMES},crew,CREW", "column 'CREW' is delivered twice"),
        (f"{NAMES},new,New", "column 'New' is delivered twice"),
        (f"{NAMES},_seq", "column '_seq' cannot be added under this name"),
    ],
    ids=["renamed", "renamed new one", "removed", "twice", "new one twice", "reserved"],
)  # fmt: skip
def test_doubtful_columns_are_refused(evolving: Project, header: str, words: str) -> None:
    land(evolving, 2020, "crew", "7")
    values = ",".join(["2021", "Ann", "1", "1", "1", "NA", "1", "1"][: header.count(",") + 1])
    evolving.deliver("crossings2021.csv", f"{header}\n{values}\n")
    result = evolving.land()
    assert result.exit_code == 4
    assert words in result.output
    assert len(evolving.commits()) == 1


def test_quarantine_refuses_new_columns_as_freeze_does(project: Project) -> None:
    project.describe(EVOLVE.replace("evolve", "quarantine"))
    project.deliver("crossings.csv", delivery(2020, "crew", "7"))
    result = project.land()
    assert result.exit_code == 4
    assert "column 'crew' is not in the contract" in result.output


CREW = (
    '          - {{name: {}, data_type: "{}", config: {{meta: {{optional: true, aliases: {}}}}}}}\n'
)


@pytest.mark.parametrize(
    ("name", "kind", "aliases", "value"),
    [
        ("crew", "bigint", "[]", 7),
        ("crew", "decimal(20,1)", "[]", Decimal(7)),
        ("crew", "text", "[]", "7"),
        ("hands", "bigint", "[crew]", 7),
    ],
)
def test_the_contract_may_describe_the_column_later(
    evolving: Project, name: str, kind: str, aliases: str, value: object
) -> None:
    land(evolving, 2020, "crew", "7")
    (evolving.inbox / "crossings2020.csv").unlink()
    for contract in (EVOLVE, CONTRACT):
        evolving.describe(contract + CREW.format(name, kind, aliases))
        assert shown(evolving, name) == [(value,)]
    land(evolving, 2021, "crew", "8")
    assert len(shown(evolving, name)) == 2


def test_a_narrower_description_is_refused(evolving: Project) -> None:
    land(evolving, 2020, "crew", "7")
    (evolving.inbox / "crossings2020.csv").unlink()
    evolving.describe(EVOLVE + CREW.format("crew", "smallint", "[]"))
    result = evolving.run("stage")
    assert result.exit_code == 4
    assert "column 'crew' is smallint, commit 1 (2020, crossings2020.csv) landed bigint" in (
        result.output
    )


def test_back_to_freeze_only_with_the_column_described(evolving: Project) -> None:
    land(evolving, 2020, "crew", "7")
    evolving.describe(CONTRACT)
    result = evolving.run("stage")
    assert result.exit_code == 4
    assert "commit 1 (2020, crossings2020.csv) landed column 'crew'" in result.output


def test_a_new_column_goes_when_its_delivery_is_taken_back(evolving: Project) -> None:
    land(evolving, 2020)
    land(evolving, 2021, "crew", "7")
    assert evolving.run("undo", "2").exit_code == 0
    assert "crew" not in dict(
        evolving.staged("select column_name, 1 from (describe raw_ferries.crossings)")
    )
    assert "2 (taken back)" in evolving.run("status", "--schema").stdout


def test_a_plan_adds_nothing(evolving: Project) -> None:
    evolving.deliver("crossings.csv", delivery(2020, "crew", "7"))
    result = evolving.run("plan")
    assert result.exit_code == 0, result.output
    assert "column 'crew' is new and was added as bigint" in result.output
    assert evolving.commits() == []


def test_members_of_archives_evolve(evolving: Project) -> None:
    evolving.describe(EVOLVE.replace("crossings*.csv", "crossings*.zip"))
    evolving.deliver("crossings.zip", zip_of(crossings=delivery(2020, "crew", "7").encode()))
    assert outcomes(evolving) == ["committed"]
    assert shown(evolving, "crew") == [(7,)]


PARQUET = EVOLVE.replace("crossings*.csv", "crossings*.parquet").replace(
    "null_values: [NA]", "format: parquet"
)


def parquet(project: Project, year: int, **columns: pl.Series) -> None:
    frame = pl.DataFrame(
        {"year": [year], "ship": ["Ann"], "passengers": [1], "fare": [Decimal("1.00")],
         "wind": [1.5], "left_at": [None]}
    ).with_columns(**columns)  # fmt: skip
    frame.write_parquet(project.inbox / f"crossings{year}.parquet")


def test_a_new_column_of_parquet_keeps_its_type(evolving: Project) -> None:
    evolving.describe(PARQUET)
    moment = dt.datetime.fromisoformat("2020-05-01T10:00:00")
    parquet(
        evolving,
        2020,
        crew=pl.Series([7], dtype=pl.Int16),
        toll=pl.Series([Decimal("1.25")], dtype=pl.Decimal(9, 2)),
        depth=pl.Series([2.5], dtype=pl.Float32),
        seen=pl.Series([moment], dtype=pl.Datetime("us", "UTC")),
        tags=pl.Series(["a"], dtype=pl.Categorical),
        empty=pl.Series([None], dtype=pl.Null),
    )
    assert outcomes(evolving) == ["committed"]
    assert evolving.commits()[0].columns | {} == evolving.commits()[0].columns | {
        "crew": "smallint", "toll": "decimal(9,2)", "depth": "double", "seen": "timestamp",
        "tags": "text", "empty": "text",
    }  # fmt: skip
    assert shown(evolving, "crew", "toll", "depth", "seen", "tags", "empty") == [
        (7, Decimal("1.25"), 2.5, moment, "a", None)
    ]
    parquet(evolving, 2021, crew=pl.Series([2**40]))
    assert outcomes(evolving) == ["unchanged", "committed"]
    assert shown(evolving, "crew") == [(7,), (2**40,)]


def test_a_new_column_of_lists_is_json(evolving: Project) -> None:
    evolving.describe(PARQUET)
    parquet(evolving, 2020, crew=pl.Series([["Ann", "Bob"]]))
    assert outcomes(evolving) == ["committed"]
    assert shown(evolving, "crew") == [('["Ann","Bob"]',)]


def test_bytes_become_no_column(evolving: Project) -> None:
    evolving.describe(PARQUET)
    parquet(evolving, 2020, crew=pl.Series([b"Ann"]))
    result = evolving.land()
    assert result.exit_code == 4
    assert "crossings2020.parquet: column 'crew' is new and holds Binary" in result.output


RECORDS = {
    "ndjson": '{{"year":{0},"ship":"Ann","passengers":1,"fare":1,"wind":1,"left_at":null{1}}}\n',
    "json": '{{"year":{0},"ship":"Ann","passengers":1,"fare":1,"wind":1,"left_at":null{1}}},\n',
    "xml": "<c><year>{0}</year><ship>Ann</ship><passengers>1</passengers><fare>1</fare>"
    "<wind>1</wind><left_at/>{1}</c>\n",
}


def records(project: Project, kind: str, year: int, *additions: str) -> None:
    """Deliver one record for each addition."""
    extract = f"format: {kind}" + (', records: "/cs/c"' if kind == "xml" else "")
    project.describe(
        EVOLVE.replace("crossings*.csv", f"crossings*.{kind}").replace(
            "null_values: [NA]", extract.replace(", ", "\n" + " " * 16)
        )
    )
    content = "".join(RECORDS[kind].format(year, addition) for addition in additions)
    if kind == "json":
        content = f"[{content.rstrip()[:-1]}]"
    elif kind == "xml":
        content = f"<cs>{content}</cs>"
    project.deliver(f"crossings{year}.{kind}", content, seconds=year)


@pytest.mark.parametrize("kind", ["ndjson", "json"])
def test_new_fields_of_json_records(evolving: Project, kind: str) -> None:
    fields = ',"Crew":7,"zip":"10001","calm":true,"on":"2020-05-01","tags":[1,"x"],"e":1.5e3'
    records(evolving, kind, 2020, "", fields, ',"crew":null')
    assert outcomes(evolving) == ["committed"]
    assert shown(evolving, "crew", "zip", "calm", '"on"::text', "tags", "e") == [
        (None,) * 6,
        (7, "10001", True, "2020-05-01", '[1,"x"]', 1500.0),
        (None,) * 6,
    ]
    records(evolving, kind, 2021, ',"crew":7.5')
    assert outcomes(evolving) == ["unchanged", "committed"]
    assert shown(evolving, "crew")[-1] == (Decimal("7.5"),)


def test_new_fields_of_xml_records(evolving: Project) -> None:
    records(evolving, "xml", 2020, "", "<crew>7</crew><zip>00501</zip>", "<crew/>")
    assert outcomes(evolving) == ["committed"]
    assert shown(evolving, "crew", "zip") == [(None, None), (7, "00501"), (None, None)]


@pytest.mark.parametrize(
    ("fields", "exit_code", "words"),
    [
        (',"crews":1', 4, "column 'crews' is new and looks renamed from 'crew'"),
        (',"wind speed":1', 4, "column 'wind speed' cannot be added under this name"),
        (',"_seq":1', 4, "column '_seq' cannot be added"),
        (',"new":1,"NEW":2', 3, "the field 'NEW' is there twice"),
        (',"mixed":1', 3, "1 is a number, the contract says text"),
    ],
    ids=["renamed", "blank", "reserved", "twice", "mixed"],
)
def test_doubtful_fields_are_refused(
    evolving: Project, fields: str, exit_code: int, words: str
) -> None:
    records(evolving, "ndjson", 2020, ',"crew":1')
    outcomes(evolving)
    others = ['"mixed":"x"', '"crew":2'] if "mixed" in fields else []
    records(evolving, "ndjson", 2021, fields, *(f",{other}" for other in others))
    result = evolving.land()
    assert result.exit_code == exit_code, result.output
    assert words in result.output
