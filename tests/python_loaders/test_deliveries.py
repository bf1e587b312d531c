"""What a delivery does to earlier ones."""

from pathlib import Path

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

from python_loaders.landing import draft

FIRST = HEADER + ROWS
CORRECTED = FIRST.replace("Aurora", "Aurora II")
SHIPS = "select ship from raw_ferries.crossings where _source_row = 1 order by _seq"


def outcomes(project: Project, *arguments: str) -> list[str]:
    result = project.land(*arguments)
    assert result.exit_code == 0, result.output
    lines = [line for line in result.stderr.splitlines() if not line.startswith("warning: ")]
    told = [line.rsplit(": ", 1)[1] for line in lines if ": " in line]
    return [outcome.partition(" (")[0] for outcome in told]


@pytest.mark.fault("same bytes again", outcome="unchanged")
def test_the_same_bytes_again_are_unchanged(project: Project) -> None:
    project.deliver("crossings.csv", FIRST)
    assert outcomes(project) == ["committed"]
    before = project.parquet()
    assert outcomes(project) == ["unchanged"]
    project.deliver("crossings.csv", FIRST, seconds=99)
    project.deliver("crossings copy.csv", FIRST)
    assert outcomes(project) == ["unchanged", "unchanged"]
    assert project.parquet() == before
    assert len(project.commits()) == 1


@pytest.mark.fault(
    "corrected file", outcome="replaces its key only; the older one stays in the log"
)
def test_a_corrected_file_replaces_its_key_only(project: Project) -> None:
    project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", FIRST.replace("2020,", "2021,"), seconds=2)
    assert outcomes(project) == ["committed", "committed"]
    project.deliver("crossings1.csv", CORRECTED, seconds=3)
    assert outcomes(project) == ["unchanged", "committed"]
    assert project.staged(SHIPS) == [("Aurora",), ("Aurora II",)]
    assert project.staged(
        "select seq, delivery_key, is_live from raw_contrail.deliveries order by seq"
    ) == [(1, "2020", False), (2, "2021", True), (3, "2020", True)]


@pytest.mark.fault("older bytes again", outcome="stale, unless forced")
def test_older_bytes_are_stale_and_do_not_come_back(project: Project) -> None:
    project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", CORRECTED, seconds=2)
    assert outcomes(project) == ["committed", "committed"]
    assert outcomes(project) == ["stale", "unchanged"]
    (project.inbox / "crossings1.csv").unlink()
    project.deliver("crossings3.csv", FIRST, seconds=3)
    assert outcomes(project) == ["unchanged", "stale"]
    assert project.staged(SHIPS) == [("Aurora II",)]


def test_new_files_of_a_table_land_by_time_then_name(project: Project) -> None:
    project.deliver("crossings_b.csv", FIRST.replace("Aurora", "third"), seconds=2)
    project.deliver("crossings_c.csv", FIRST.replace("Aurora", "first"), seconds=1)
    project.deliver("crossings_a.csv", FIRST.replace("Aurora", "second"), seconds=2)
    outcomes(project)
    assert [commit.input.file[10] for commit in project.commits()] == ["c", "a", "b"]


SNAPSHOT = CONTRACT.replace(
    "{mode: replace, period: year, key_columns: [year]}",
    r"{mode: snapshot, period: day, key_pattern: '_(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)'}",
)


def test_all_snapshots_stay_live(project: Project) -> None:
    project.describe(SNAPSHOT)
    project.deliver("crossings_20200101.csv", FIRST, seconds=1)
    project.deliver("crossings_20200601.csv", FIRST, seconds=2)  # nothing changed in between
    project.deliver("crossings_20210101.csv", CORRECTED, seconds=3)
    assert outcomes(project) == ["committed"] * 3
    assert outcomes(project) == ["unchanged"] * 3
    assert project.staged(
        "select delivery_key, period_start::text, period_end, is_live"
        " from raw_contrail.deliveries order by seq"
    ) == [
        ("2020-01-01", "2020-01-01", None, True),
        ("2020-06-01", "2020-06-01", None, True),
        ("2021-01-01", "2021-01-01", None, True),
    ]
    assert project.staged(SHIPS) == [("Aurora",), ("Aurora",), ("Aurora II",)]


def test_a_name_without_the_key_is_refused(project: Project) -> None:
    project.describe(SNAPSHOT)
    project.deliver("crossings_2020.csv", FIRST)
    result = project.land()
    assert result.exit_code == 4
    assert "crossings_2020.csv: the name does not match key_pattern" in result.output


def test_a_row_without_the_key_belongs_to_no_delivery(project: Project) -> None:
    nullable = "{name: year, data_type: smallint}"
    project.describe(CONTRACT.replace(f"{nullable[:-1]}, data_tests: [not_null]}}", nullable))
    project.deliver("crossings.csv", FIRST + "NA,Nobody,1,1,1,NA\n")
    result = project.land()
    assert result.exit_code == 4, result.output
    assert "(year) holds 2 values: (2020,)" in result.output


def test_appends_all_count_but_the_same_bytes_only_once(project: Project) -> None:
    project.describe(CONTRACT.replace("mode: replace", "mode: append"))
    project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", CORRECTED, seconds=2)
    project.deliver("crossings3.csv", FIRST, seconds=3)
    assert outcomes(project) == ["committed", "committed", "unchanged"]
    assert project.staged(SHIPS) == [("Aurora",), ("Aurora II",)]


def test_an_extract_may_bring_a_constant_key(project: Project) -> None:
    project.describe(
        CONTRACT.replace(
            "null_values: [NA]", "null_values: [NA]\n                delivery_key: 2019"
        )
    )
    project.deliver("crossings.csv", FIRST)
    outcomes(project)
    assert project.commits()[0].key == "2019"


def test_a_changed_contract_lands_again_and_keeps_history(project: Project) -> None:
    project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", CORRECTED, seconds=2)
    outcomes(project)
    project.describe(
        CONTRACT.replace(
            "name: passengers, data_type: integer", "name: passengers, data_type: bigint"
        )
    )
    # Before the files are landed again, the rows that are live are shown in the new types.
    assert project.staged("select typeof(passengers) from raw_ferries.crossings limit 1") == [
        ("BIGINT",)
    ]
    assert outcomes(project) == ["stale", "committed"]
    assert outcomes(project) == ["stale", "unchanged"]
    assert [commit.columns["passengers"] for commit in project.commits()] == [
        "integer", "integer", "bigint",
    ]  # fmt: skip
    assert project.staged("select count(*) from raw_ferries.crossings") == [(3,)]


def test_other_periods_would_overlap_and_are_refused(project: Project) -> None:
    project.deliver("crossings.csv", FIRST)
    outcomes(project)
    project.describe(CONTRACT.replace("mode: replace", "mode: append"))
    result = project.land()
    assert result.exit_code == 4
    assert "append by year, but commit 1 landed replace by year" in result.output


def test_one_file_can_be_landed_from_anywhere(project: Project, tmp_path: Path) -> None:
    project.deliver("crossings1.csv", CORRECTED)
    elsewhere = tmp_path / "crossings9.csv"
    elsewhere.write_text(FIRST)
    assert outcomes(project, "ferries", "--file", str(elsewhere)) == ["committed"]
    assert [commit.input.file for commit in project.commits()] == ["crossings9.csv"]
    odd = elsewhere.rename(tmp_path / "odd.csv")
    result = project.land("--file", str(odd))
    assert result.exit_code == 2
    assert "no contract matches this name. Names that do: crossings*.csv" in result.output
    assert project.land("--file", "nowhere.csv").exit_code == 2


@pytest.mark.fault("changed while it is read", outcome="failed; landing unchanged")
def test_a_file_that_changes_while_it_is_read_is_not_landed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project.deliver("crossings.csv", FIRST)
    original = draft.stamp_rows

    def append_meanwhile(*arguments: object) -> object:
        with path.open("a") as file:
            file.write("2020,Late,1,1,1,NA\n")
        return original(*arguments)

    monkeypatch.setattr(draft, "stamp_rows", append_meanwhile)
    result = project.land()
    assert result.exit_code == 1
    assert "crossings.csv: changed while it was read" in result.output
    assert project.commits() == []
    assert project.parquet() == []


def test_data_can_live_elsewhere(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAIL_DATA", str(tmp_path / "else [where]'s *"))
    inbox = tmp_path / "else [where]'s *" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "crossings.csv").write_text(FIRST)
    assert outcomes(project) == ["committed"]
    assert project.run("stage").exit_code == 0
    [answer] = project.queried("select count(*) as n from raw_ferries.crossings")
    assert answer == {"n": 3}
