"""`contrail verify` finds whatever differs from what was landed, and names it."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

from python_loaders.landing.log import CommitLog

BAD_ROW = "2020,Celeste,many,NA,NA,NA\n"


@pytest.fixture
def landed(project: Project) -> Project:
    """Three commits, the first with a reject."""
    project.describe(CONTRACT.replace("delivery:", "rejects: {max_rows: 1}\n            delivery:"))
    for year in (2020, 2021, 2022):
        rows = ROWS + (BAD_ROW if year == 2020 else "")
        project.deliver(f"crossings{year}.csv", (HEADER + rows).replace("2020,", f"{year},"))
    assert project.land().exit_code == 0
    return project


def file_of(project: Project, seq: int, kind: str = "files") -> Path:
    commit = project.commits()[seq - 1]
    return project.landing / getattr(commit, kind)[0].path


def record(project: Project, seq: int) -> Path:
    return CommitLog(project.landing).path(seq)


def flip_a_bit(path: Path) -> Path:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)
    return path


def cut(path: Path, left: int) -> Path:
    os.truncate(path, left)
    return path


def remove(path: Path, seen_as: Path | None = None) -> Path:
    path.unlink()
    return seen_as or path


def copy(path: Path, target: Path, seen_as: Path | None = None) -> Path:
    target.write_bytes(path.read_bytes())
    return seen_as or target


def edit(path: Path, changes: dict[str, str], *, reseal: bool = False) -> Path:
    """Change a record; with a new seal, as somebody would who wants it to look right."""
    text = path.read_text()
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    if reseal:
        text = text.replace(json.loads(text)["seal"], "")
        text = text.replace('"seal": ""', f'"seal": "{digest(text)}"')
    path.write_text(text)
    return path


def edit_with_file(project: Project) -> Path:
    counts = {f'"{name}": 3': f'"{name}": 2' for name in ("rows_read", "rows_landed", "rows")}
    path = file_of(project, 3)
    edit(record(project, 3), counts, reseal=True)
    return path


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_what_was_landed_is_sound(landed: Project) -> None:
    landed.run("undo", "3")
    result = landed.run("verify")
    assert result.exit_code == 0, result.output
    assert "4 commits, 4 files, 9 rows" in result.output
    assert "all as it was landed" in result.output


def test_nothing_landed_is_sound(project: Project) -> None:
    assert project.run("verify").exit_code == 0


KEY, PERIOD = {"2020": "2019"}, {'"period": "year"': '"period": "none"'}
# What is done, and what is said of the path that it returns.
DAMAGES: dict[str, tuple[Callable[[Project], Path], str]] = {
    "flipped bit": (lambda p: flip_a_bit(file_of(p, 2)), "its content is not the one"),
    "flipped bit in the quarantine": (
        lambda p: flip_a_bit(file_of(p, 1, "quarantine")),
        "its content is not the one that was landed",
    ),
    "missing": (lambda p: remove(file_of(p, 3)), "is missing, commit 3 names"),
    "truncated": (lambda p: cut(file_of(p, 1), 999), "has 999 bytes and not"),
    "emptied": (lambda p: cut(file_of(p, 1), 0), "has 0 bytes and not"),
    "extra": (
        lambda p: copy(file_of(p, 1), file_of(p, 1).with_name("1-deadbeef.parquet")),
        "no commit names this file",
    ),
    "first record gone": (lambda p: remove(record(p, 1)), "this commit record is missing"),
    "last record gone": (
        lambda p: remove(record(p, 3), seen_as=file_of(p, 3)),
        "no commit names this file",
    ),
    "record cut": (lambda p: cut(record(p, 2), 500), "this commit record cannot be read"),
    "first record edited": (
        lambda p: edit(record(p, 1), KEY),
        "this commit record was changed after it was written",
    ),
    "last record edited": (
        lambda p: edit(record(p, 3), PERIOD),
        "this commit record was changed after it was written",
    ),
    "record edited with a new seal": (
        lambda p: (edit(record(p, 1), KEY, reseal=True), record(p, 2))[1],
        "does not follow from the record before it",
    ),
    "record counts other rows": (
        lambda p: edit(record(p, 3), {'"rows_landed": 3': '"rows_landed": 2'}, reseal=True),
        "its files hold 3 rows and 0 rejects, but it counts 2 and 0",
    ),
    "record and file count other rows": (edit_with_file, "holds 3 rows and not 2"),
    "record appended": (
        lambda p: copy(record(p, 3), record(p, 4)),
        "does not follow from the record before it",
    ),
    "record appended behind a gap": (
        lambda p: copy(record(p, 3), record(p, 999_999_999_999), seen_as=record(p, 4)),
        "this commit record to 999999999998 is missing",
    ),
    "something else in the log": (
        lambda p: copy(record(p, 2), record(p, 2).with_suffix(".json.orig")),
        "does not belong to the log",
    ),
}


@pytest.mark.fault(
    "file cut, changed or missing", outcome="found and named by verify; never staged"
)
@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_named(landed: Project, name: str) -> None:
    damage, words = DAMAGES[name]
    path = damage(landed)
    result = landed.run("verify")
    assert result.exit_code == 1
    found = [line for line in result.output.splitlines() if line.startswith(f"{path}: ")]
    assert any(words in line for line in found), result.output


def test_every_damage_is_named_at_once(landed: Project) -> None:
    flip_a_bit(file_of(landed, 1))
    flip_a_bit(file_of(landed, 3))
    edit(record(landed, 2), {"2021": "2019"})
    output = landed.run("verify").output
    assert "000000000002.json: this commit record was changed" in output
    assert output.count("its content is not the one that was landed") == 2
    # The files of the record that nobody can trust are named by none.
    assert output.count("no commit names this file") == 1


@pytest.mark.fault("record missing, cut or edited", outcome="every command stops and names it")
def test_the_loader_extends_no_log_whose_last_record_was_edited(landed: Project) -> None:
    edit(record(landed, 3), PERIOD)
    landed.deliver("crossings2023.csv", (HEADER + ROWS).replace("2020,", "2023,"))
    for command in (("land",), ("stage",), ("undo", "3"), ("gc",), ("plan",)):
        result = landed.run(*command)
        assert result.exit_code == 1, command
        assert "000000000003.json: this commit record was changed" in result.output
    assert not record(landed, 4).exists()


def test_records_from_before_there_were_seals_are_sound(landed: Project) -> None:
    before = ""
    for seq in (1, 2, 3):
        content = json.loads(record(landed, seq).read_text())
        del content["seal"]
        text = json.dumps(content | {"prev_sha256": before})
        record(landed, seq).write_text(text)
        before = digest(text)
    assert landed.run("verify").exit_code == 0
