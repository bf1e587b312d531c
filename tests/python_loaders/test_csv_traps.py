"""What some reader of CSV gets wrong without a word, and ours must not; one test each."""

import gzip

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

SELECT = "select ship, passengers from raw_ferries.crossings order by _source_row"


def land(project: Project, content: str, exit_code: int = 0) -> str:
    project.deliver("crossings.csv", content)
    result = project.land()
    assert result.exit_code == exit_code, result.output
    return result.output


def test_a_mark_between_thousands_is_no_digit(project: Project) -> None:
    output = land(project, HEADER + '2020,Ann,"1,000",1,1,NA\n', exit_code=3)
    assert "column passengers: '1,000' is not an integer" in output


def test_blanks_around_a_number_are_none_of_it(project: Project) -> None:
    land(project, HEADER + "2020,Ann, 2 ,1,1,NA\n")
    assert project.staged(SELECT) == [("Ann", 2)]


def test_columns_of_one_type_in_another_order_are_not_swapped(project: Project) -> None:
    land(project, "passengers,ship,year,left_at,wind,fare\n7,Ann,2020,NA,2,1\n")
    assert project.staged(
        "select year, passengers, fare::int, wind from raw_ferries.crossings"
    ) == [(2020, 7, 1, 2.0)]


def test_a_renamed_column_is_not_taken_by_its_place(project: Project) -> None:
    assert "'fair' is not in the contract" in land(
        project, HEADER.replace("fare", "fair") + ROWS, exit_code=4
    )


@pytest.mark.parametrize(
    ("markers", "expected"),
    [
        ('[""]', [None, None, "NA"]),
        ("[NA]", ["", "", None]),
        ('["", NA]', [None, None, None]),
        ("[]", ["", "", "NA"]),
    ],
)
def test_nothing_and_quoted_nothing_and_na(
    project: Project, markers: str, expected: list[str | None]
) -> None:
    note = "{name: note, data_type: text, config: {meta: {optional: true}}}"
    only = CONTRACT[: CONTRACT.index("          - name: Ship")] + f"          - {note}\n"
    project.describe(only.replace("[NA]", markers))
    land(project, 'year,note\n2020,\n2020,""\n2020,NA\n')
    rows = project.staged("select note from raw_ferries.crossings order by _source_row")
    assert [note for (note,) in rows] == expected


def test_line_ends_may_be_mixed(project: Project) -> None:
    land(project, HEADER + "2020,Ann,1,1,1,NA\r\n2020,Bob,2,1,1,NA\n2020,Cid,3,1,1,NA\r\n")
    assert project.staged(SELECT) == [("Ann", 1), ("Bob", 2), ("Cid", 3)]


def test_a_field_may_be_longer_than_what_is_read_at_once(project: Project) -> None:
    land(project, HEADER + f"2020,{'x' * 9_000_000},1,1,1,NA\n2020,Bob,2,1,1,NA\n")
    assert project.staged("select length(ship) from raw_ferries.crossings order by 1") == [
        (3,), (9_000_000,),
    ]  # fmt: skip


def test_a_gzip_of_several_members_is_read_to_its_end(project: Project) -> None:
    project.describe(CONTRACT.replace("crossings*.csv", "crossings*.gz"))
    members = (HEADER + "2020,Ann,1,1,1,NA\n", "2020,Bob,2,1,1,NA\n")
    project.deliver("crossings.gz", b"".join(gzip.compress(part.encode()) for part in members))
    assert project.land().exit_code == 0
    assert project.staged(SELECT) == [("Ann", 1), ("Bob", 2)]


def test_a_number_too_large_for_a_double_is_not_infinity(project: Project) -> None:
    assert "'1e400' is not a finite number" in land(
        project, HEADER + "2020,Ann,1,1,1e400,NA\n", exit_code=3
    )


def test_a_bad_row_after_many_blocks_leaves_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("python_loaders.extract.text.BLOCK_BYTES", 1000)
    land(project, HEADER + "2020,Ann,1,1,1,NA\n" * 500 + "2020,Ann,x,1,1,NA\n", exit_code=3)
    assert project.parquet() == []
    assert project.commits() == []
