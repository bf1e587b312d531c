"""Fetching with the real pip client, from a directory instead of a registry."""

import hashlib
import json
from pathlib import Path

import pytest
from ferry_package import put_on_shelf, wheel
from ferry_project import CONTRACT, Project

from python_loaders.landing.delivery import files_below


@pytest.fixture
def shelf(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that pip uses as its only index, and a contract pinned to what lies there."""
    path = put_on_shelf(tmp_path / "shelf", monkeypatch)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    meta = f"config: {{meta: {{fetch: {{package: ferry-data==1.0, sha256: {digest}}}}}}}"
    project.describe(CONTRACT.replace("- name: ferries\n", f"- name: ferries\n    {meta}\n"))
    return path


def visible(project: Project) -> list[str]:
    return [path.name for path in files_below(project.inbox)]


def test_fetch_brings_the_archive_once(project: Project, shelf: Path) -> None:
    result = project.run("fetch")
    assert result.exit_code == 0, result.output
    assert "ferry-data==1.0: fetched" in result.output
    assert visible(project) == [shelf.name]
    shelf.unlink()  # so that a second call of pip would fail
    result = project.run("fetch")
    assert result.exit_code == 0
    assert "ferry-data==1.0: unchanged" in result.output


def test_other_bytes_under_the_same_name_are_refused(project: Project, shelf: Path) -> None:
    shelf.write_bytes(wheel() + b"x")
    result = project.run("fetch")
    assert result.exit_code == 1
    assert "DO NOT MATCH THE HASHES" in result.output
    assert visible(project) == []


def test_a_changed_file_in_the_inbox_is_fetched_again(project: Project, shelf: Path) -> None:
    project.inbox.mkdir(exist_ok=True)
    (project.inbox / shelf.name).write_bytes(b"not it")
    assert ": fetched" in project.run("fetch").output
    assert (project.inbox / shelf.name).read_bytes() == shelf.read_bytes()


def test_a_package_that_is_not_there(project: Project, shelf: Path) -> None:
    shelf.unlink()
    result = project.run("fetch")
    assert result.exit_code == 1
    assert "ferry-data==1.0: pip could not download it" in result.output
    assert "put the archive into" in result.output


def test_one_source_that_fails_does_not_stop_the_others(project: Project, shelf: Path) -> None:
    second = (project.root / "models/staging/ferries/_ferries__sources.yml").read_text()
    project.describe(
        second.replace("name: ferries", "name: boats").replace("ferry-data==1.0", "boat-data==1.0"),
        source="boats",
    )
    result = project.run("fetch")
    assert result.exit_code == 1
    assert "boats boat-data==1.0: failed" in result.stderr
    assert "ferries ferry-data==1.0: fetched" in result.stderr
    summary = [line.split() for line in result.stdout.splitlines() if "==" in line]
    assert [(row[0], row[-1]) for row in summary] == [("boats", "failed"), ("ferries", "fetched")]
    assert visible(project) == [shelf.name]


def test_only_what_is_named_is_fetched(project: Project, shelf: Path) -> None:
    meta = "meta:\n            fetch: {package: ferry-data==2.0, sha256: " + "a" * 64 + "}"
    path = project.root / "models/staging/ferries/_ferries__sources.yml"
    path.write_text(path.read_text().replace("meta:\n", f"{meta}\n", 1))
    result = project.run("fetch", "ferries.crossings")
    assert result.exit_code == 1
    assert "ferries.crossings ferry-data==2.0: failed" in result.stderr
    assert "ferry-data==1.0" not in result.output
    result = project.run("fetch", "ferrys")
    assert result.exit_code == 2
    assert "'ferrys'. Did you mean 'ferries'? Known: ferries, ferries.crossings" in result.output
    assert shelf.name not in visible(project)


def test_without_a_word_of_fetching_nothing_is_fetched(project: Project) -> None:
    result = project.run("fetch")
    assert result.exit_code == 0
    assert "nothing to fetch" in result.output


def test_an_inbox_that_cannot_be_written(project: Project, shelf: Path) -> None:
    project.inbox.rmdir()
    project.inbox.write_text("a file")
    result = project.run("fetch")
    assert result.exit_code == 1
    assert f"File exists: '{project.inbox}'. Nothing of ferry-data==1.0 is" in result.stderr
    assert shelf.exists()


def test_where_a_package_came_from_is_recorded(project: Project, shelf: Path) -> None:
    project.run("fetch")
    kept = json.loads((project.inbox / ".origin" / f"{shelf.name}.json").read_text())
    assert kept["uri"] == "pypi:ferry-data==1.0"
    assert kept["target"] == "ferries"


def test_an_unknown_kind_is_refused(project: Project, shelf: Path) -> None:
    path = project.root / "models/staging/ferries/_ferries__sources.yml"
    path.write_text(path.read_text().replace("{package:", "{kind: pigeon, package:"))
    result = project.run("fetch")
    assert result.exit_code == 4
    assert "source ferries" in result.output
    assert "'pigeon'" in result.output
    assert shelf.exists()
