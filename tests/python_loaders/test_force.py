"""Older bytes come back only when a person names them; two files never fight for one key."""

import shutil

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project
from test_deliveries import CORRECTED, FIRST, SHIPS, SNAPSHOT, outcomes


@pytest.mark.fault("older bytes again", outcome="stale, unless forced")
def test_stale_bytes_are_brought_back_on_purpose(project: Project) -> None:
    old = project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", CORRECTED, seconds=2)
    assert outcomes(project) == ["committed", "committed"]
    assert outcomes(project, "--file", str(old)) == ["stale"]
    assert outcomes(project, "--file", str(old), "--force") == ["committed"]
    assert project.staged(SHIPS) == [("Aurora",)]
    assert [(c.seq, c.forced) for c in project.commits()] == [(1, False), (2, False), (3, True)]
    assert outcomes(project, "--file", str(old), "--force") == ["unchanged"]
    # Without --force the correction is stale now, and stays so.
    assert outcomes(project) == ["unchanged", "stale"]


def test_force_brings_back_one_snapshot_only(project: Project) -> None:
    project.describe(SNAPSHOT)
    path = project.deliver("crossings_20200101.csv", FIRST, seconds=1)
    project.deliver("crossings_20210101.csv", FIRST, seconds=2)
    outcomes(project)
    project.deliver("crossings_20200101.csv", CORRECTED, seconds=3)
    outcomes(project)
    project.deliver("crossings_20200101.csv", FIRST, seconds=4)
    assert outcomes(project, "--file", str(path), "--force") == ["committed"]
    assert project.staged(SHIPS) == [("Aurora",), ("Aurora",)]
    assert [commit.forced for commit in project.commits()] == [False, False, False, True]


def test_force_changes_nothing_about_live_appends(project: Project) -> None:
    project.describe(CONTRACT.replace("mode: replace", "mode: append"))
    path = project.deliver("crossings1.csv", FIRST, seconds=1)
    outcomes(project)
    assert outcomes(project, "--file", str(path), "--force") == ["unchanged"]
    assert len(project.commits()) == 1


def test_force_does_not_ask_the_guard_and_says_what_it_had_said(project: Project) -> None:
    old = project.deliver("crossings1.csv", HEADER + ROWS.splitlines()[0] + "\n", seconds=1)
    project.deliver("crossings2.csv", FIRST, seconds=2)
    outcomes(project)
    assert outcomes(project, "--file", str(old), "--force") == ["committed"]
    assert project.commits()[2].accepted_change == ["1 rows instead of 3 (-67%)"]


def test_force_does_not_excuse_bad_rows(project: Project) -> None:
    old = project.deliver("crossings1.csv", FIRST, seconds=1)
    project.deliver("crossings2.csv", CORRECTED, seconds=2)
    outcomes(project)
    project.describe(
        CONTRACT.replace("passengers, data_type: integer", "passengers, data_type: date")
    )
    assert project.land("--file", str(old), "--force").exit_code == 4


def test_force_needs_a_file(project: Project) -> None:
    result = project.land("--force")
    assert result.exit_code == 2
    assert "--force needs --file" in result.output


@pytest.fixture
def by_stem(project: Project) -> Project:
    project.describe(
        CONTRACT.replace("key_columns: [year]}", "key_columns: [year], key_file_stem: true}")
    )
    return project


@pytest.mark.fault("two files of one name", outcome="refused: they would replace each other")
def test_two_files_of_one_name_do_not_replace_each_other(by_stem: Project) -> None:
    by_stem.deliver("il/crossings.csv", FIRST, seconds=1)
    by_stem.deliver("tx/crossings.csv", CORRECTED, seconds=2)
    result = by_stem.land()
    assert result.exit_code == 4
    assert "tx/crossings.csv: is the delivery 2020/crossings of ferries.crossings" in result.output
    assert "il/crossings.csv, which is landed. Rename one of them" in result.output
    assert by_stem.land().exit_code == 4
    assert by_stem.staged(SHIPS) == [("Aurora",)]
    (by_stem.inbox / "tx" / "crossings.csv").rename(by_stem.inbox / "tx" / "crossings_tx.csv")
    assert outcomes(by_stem) == ["unchanged", "committed"]
    assert by_stem.staged(SHIPS) == [("Aurora",), ("Aurora II",)]


def test_files_of_one_name_may_hold_the_same_or_other_periods(by_stem: Project) -> None:
    by_stem.deliver("a/crossings.csv", FIRST, seconds=1)
    by_stem.deliver("b/crossings.csv", FIRST, seconds=2)
    by_stem.deliver("c/crossings.csv", FIRST.replace("2020,", "2021,"), seconds=3)
    assert outcomes(by_stem) == ["committed", "unchanged", "committed"]


def test_a_file_of_one_name_replaces_one_that_is_gone(by_stem: Project) -> None:
    by_stem.deliver("a/crossings.csv", FIRST, seconds=1)
    outcomes(by_stem)
    shutil.rmtree(by_stem.inbox / "a")
    by_stem.deliver("b/crossings.csv", CORRECTED, seconds=2)
    assert outcomes(by_stem) == ["committed"]
    assert by_stem.staged(SHIPS) == [("Aurora II",)]


def test_without_the_name_in_the_key_the_later_file_wins(project: Project) -> None:
    project.deliver("a/crossings.csv", FIRST, seconds=1)
    project.deliver("b/crossings.csv", HEADER + ROWS.replace("Aurora", "B"), seconds=2)
    assert outcomes(project) == ["committed", "committed"]
