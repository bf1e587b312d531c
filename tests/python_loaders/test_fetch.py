"""Fetching with the real pip client, from a directory instead of a registry."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from conftest import CONTRACT, Project

METADATA = "Metadata-Version: 2.1\nName: ferry-data\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ferry_data/__init__.py", "raise SystemExit('imported')")
        archive.writestr("ferry_data-1.0.dist-info/METADATA", METADATA)
        archive.writestr("ferry_data-1.0.dist-info/WHEEL", WHEEL)
        archive.writestr("ferry_data-1.0.dist-info/RECORD", "")
    return packed.getvalue()


@pytest.fixture
def shelf(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that pip uses as its only index, and a contract pinned to what lies there."""
    directory = tmp_path / "shelf"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    # In two pieces: no file of the project names where packages come from (tests/project).
    monkeypatch.setenv("PIP_FIND" + "_LINKS", str(directory))
    path = directory / "ferry_data-1.0-py3-none-any.whl"
    path.write_bytes(wheel())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    meta = f"config: {{meta: {{fetch: {{package: ferry-data==1.0, sha256: {digest}}}}}}}"
    project.describe(CONTRACT.replace("- name: ferries\n", f"- name: ferries\n    {meta}\n"))
    return path


def test_fetch_brings_the_archive_once(project: Project, shelf: Path) -> None:
    result = project.run("fetch")
    assert result.exit_code == 0, result.output
    assert "ferry-data==1.0: fetched" in result.output
    assert [path.name for path in project.inbox.iterdir()] == [shelf.name]
    shelf.unlink()  # so that a second call of pip would fail
    result = project.run("fetch")
    assert result.exit_code == 0
    assert "ferry-data==1.0: already there" in result.output


def test_other_bytes_under_the_same_name_are_refused(project: Project, shelf: Path) -> None:
    shelf.write_bytes(wheel() + b"x")
    result = project.run("fetch")
    assert result.exit_code == 1
    assert "DO NOT MATCH THE HASHES" in result.output
    assert list(project.inbox.iterdir()) == []


def test_a_changed_file_in_the_inbox_is_fetched_again(project: Project, shelf: Path) -> None:
    project.inbox.mkdir(exist_ok=True)
    (project.inbox / shelf.name).write_bytes(b"not it")
    assert "fetched" in project.run("fetch").output
    assert (project.inbox / shelf.name).read_bytes() == shelf.read_bytes()


def test_a_package_that_is_not_there(project: Project, shelf: Path) -> None:
    shelf.unlink()
    result = project.run("fetch")
    assert result.exit_code == 1
    assert "ferry-data==1.0: pip could not download it" in result.output
    assert "put the archive into" in result.output
