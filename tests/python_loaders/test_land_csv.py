import datetime as dt
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

from python_loaders.extract import text

TEN = dt.datetime.fromisoformat("2020-05-01 10:00:00")
HALF_PAST_ELEVEN = dt.datetime.fromisoformat("2020-05-01 11:30:00")
EXPECTED = [
    (2020, "Aurora", 120, Decimal("12.50"), 3.5, TEN, None),
    (2020, "Borealis", None, None, None, None, None),
    (2020, 'Old "Ann", of 1901', 7, Decimal("1.00"), -0.5, HALF_PAST_ELEVEN, None),
]
SELECT = "select year, ship, passengers, fare, wind, left_at, note from raw_ferries.crossings"


def test_typed_rows_with_audit_columns(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    result = project.land()
    assert result.exit_code == 0, result.output
    assert project.staged(f"{SELECT} order by _source_row") == EXPECTED
    [commit] = project.commits()
    assert (commit.seq, commit.key, commit.rows_read, commit.rows_landed) == (1, "2020", 3, 3)
    assert commit.period_end == dt.date(2021, 1, 1)
    assert project.staged(
        "select distinct _batch_id, _seq, _delivery_key, _source_file, _landed_at"
        " from raw_ferries.crossings"
    ) == [(commit.batch_id, 1, "2020", "crossings.csv", commit.landed_at)]


def test_the_parquet_is_portable(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    project.land()
    [path] = project.parquet()
    file = pq.ParquetFile(path, page_checksum_verification=True)
    file.read()
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["year"] == "int16"
    assert kinds["ship"] == "string"
    assert kinds["fare"] == "decimal128(6, 2)"
    assert kinds["left_at"] == kinds["_landed_at"] == "timestamp[us]"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


@pytest.mark.fault("other line ends", outcome="the same rows", case="crlf")
@pytest.mark.fault("other line ends", outcome="the same rows", case="cr")
@pytest.mark.fault("byte order mark", outcome="the same rows", case="bom")
@pytest.mark.parametrize(
    "content",
    [
        HEADER + ROWS,
        (HEADER + ROWS).replace("\n", "\r\n"),
        (HEADER + ROWS).replace("\n", "\r"),
        "\ufeff" + HEADER + ROWS,
        HEADER + ROWS.removesuffix("\n"),
        HEADER.upper() + ROWS,
        HEADER.replace("ship", " Vessel ") + ROWS,
        HEADER + ROWS.replace("2020,Aurora,120", "2020,Aurora, 120 "),
    ],
    ids=["lf", "crlf", "cr", "bom", "no final newline", "upper case", "alias", "blanks"],
)
def test_the_same_rows_from_every_dialect(project: Project, content: str) -> None:
    project.deliver("crossings.csv", content)
    result = project.land()
    assert result.exit_code == 0, result.output
    assert project.staged(f"{SELECT} order by _source_row") == EXPECTED


@pytest.mark.fault("no final newline", outcome="the same rows and a warning")
def test_a_missing_final_newline_is_pointed_out(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS.removesuffix("\n"))
    assert "no newline after the last record" in project.land().output


@pytest.mark.fault("columns in another order", outcome="bound by name")
def test_columns_are_bound_by_name(project: Project) -> None:
    project.deliver(
        "crossings.csv", "left_at,wind,fare,passengers,ship,year\nNA,1.5,2,3,Ann,2020\n"
    )
    assert project.land().exit_code == 0
    assert project.staged(SELECT) == [(2020, "Ann", 3, Decimal("2.00"), 1.5, None, None)]


def test_a_field_may_hold_newlines_and_delimiters(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + '2020,"a,\nb",1,1,1,NA\n2020,c,2,2,2,NA\n')
    assert project.land().exit_code == 0
    assert project.staged("select ship, _source_row from raw_ferries.crossings") == [
        ("a,\nb", 1),
        ("c", 2),
    ]


def test_an_empty_field_is_null_only_where_the_contract_says_so(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + "2020,Ann,,1,1,NA\n")
    result = project.land()
    assert result.exit_code == 3
    assert "line 2 (row 1), column passengers: '' is not an integer" in result.output
    project.describe(CONTRACT.replace("null_values: [NA]", 'null_values: [NA, ""]'))
    project.deliver("crossings.csv", HEADER + '2020,Ann,,1,1,NA\n2020,Bob,"","",2,NA\n')
    assert project.land().exit_code == 0
    assert project.staged("select ship, passengers, fare from raw_ferries.crossings") == [
        ("Ann", None, Decimal("1.00")),
        ("Bob", None, None),
    ]


def test_null_values_of_a_column_replace_those_of_the_extract(project: Project) -> None:
    project.describe(
        CONTRACT.replace(
            "{name: passengers, data_type: integer}",
            "{name: passengers, data_type: integer, config: {meta: {null_values: ['-']}}}",
        )
    )
    project.deliver("crossings.csv", HEADER + "2020,Ann,-,1,1,NA\n")
    assert project.land().exit_code == 0
    project.deliver("crossings.csv", HEADER + "2020,Ann,NA,1,1,NA\n")
    assert project.land().exit_code == 3


@pytest.mark.fault("declared encoding", outcome="read as declared, without replacing anything")
def test_windows_1252_is_read_as_declared(project: Project) -> None:
    project.describe(CONTRACT.replace("null_values: [NA]", "encoding: windows-1252"))
    project.deliver("crossings.csv", (HEADER + "2020,Ærø €,1,1,1,\n").encode("windows-1252"))
    assert project.land().exit_code == 0
    assert project.staged("select ship from raw_ferries.crossings") == [("Ærø €",)]


@pytest.mark.fault("declared encoding", outcome="read as declared, without replacing anything")
def test_utf_16_is_read_as_declared(project: Project) -> None:
    project.describe(
        CONTRACT.replace("null_values: [NA]", "encoding: utf-16\n" + " " * 16 + "null_values: [NA]")
    )
    project.deliver("crossings.csv", (HEADER + ROWS).encode("utf-16"))
    assert project.land().exit_code == 0
    assert project.staged(f"{SELECT} order by _source_row") == EXPECTED


def test_block_boundaries_change_nothing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(
        f'2020,"Ship ""{i}"",\nof {i}",{i},{i}.25,{i}.5,2020-05-01T10:00:00Z\n'
        if i % 7 == 0
        else f"2020,Ship {i},NA,{i}.25,{i}.5,NA\n"
        for i in range(999)
    )
    monkeypatch.setattr(text, "BLOCK_BYTES", 1000)
    project.deliver("crossings.csv", HEADER + many)
    result = project.land()
    assert result.exit_code == 0, result.output
    assert project.staged(
        "select count(*), count(passengers), sum(passengers), sum(fare), min(_source_row),"
        " max(_source_row), count(distinct _source_row),"
        " count(*) filter (ship like 'Ship%' || (_source_row - 1) || '%')"
        " from raw_ferries.crossings"
    ) == [(999, 143, sum(range(0, 999, 7)), Decimal("498750.75"), 1, 999, 999, 999)]


def test_a_second_key_in_a_later_block_is_noticed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "BLOCK_BYTES", 10)  # one record each
    project.deliver("crossings.csv", HEADER + "2020,Ann,1,1,1,NA\n" * 3 + "2021,Ann,1,1,1,NA\n" * 3)
    result = project.land()
    assert result.exit_code == 4
    assert "2020" in result.output
    assert "2021" in result.output
    assert project.commits() == []


@pytest.mark.fault("value of another type", outcome="quarantine, or refused over the limit")
def test_allowed_rejects_go_to_quarantine(project: Project) -> None:
    project.describe(
        CONTRACT.replace(
            "            delivery:", "            rejects: {max_rows: 2}\n            delivery:"
        )
    )
    bad = "2020,Ann,x,1,1,NA\n2020,Bob\n"
    project.deliver("crossings.csv", HEADER + ROWS + bad + "2020,Cid,1,1,1,NA\n")
    result = project.land()
    assert result.exit_code == 0, result.output
    [commit] = project.commits()
    assert (commit.rows_read, commit.rows_landed, commit.rows_rejected) == (6, 4, 2)
    assert project.staged("select _source_row from raw_ferries.crossings order by 1") == [
        (1,), (2,), (3,), (6,),
    ]  # fmt: skip
    assert project.staged(
        "select seq, source_row, source_line, column_name, reason, raw_text"
        " from raw_contrail.rejects"
    ) == [
        (1, 4, 5, "passengers", "'x' is not an integer", "2020,Ann,x,1,1,NA"),
        (1, 5, 6, None, "the record has 2 fields, the header has 6", "2020,Bob"),
    ]
    project.deliver("crossings.csv", HEADER + ROWS + bad + bad)
    assert project.land().exit_code == 3


@pytest.mark.fault("more rejects than allowed", outcome="refused; nothing is landed")
def test_a_share_of_rejects_can_be_allowed(project: Project) -> None:
    limit = "            rejects: {max_ratio: 0.25}\n            delivery:"
    project.describe(CONTRACT.replace("            delivery:", limit))
    project.deliver("crossings.csv", HEADER + "2020,Ann,x,1,1,NA\n" + ROWS)
    assert project.land().exit_code == 0
    project.deliver("crossings2.csv", HEADER + "2020,Ann,x,1,1,NA\n" * 2 + ROWS)
    assert project.land().exit_code == 3
