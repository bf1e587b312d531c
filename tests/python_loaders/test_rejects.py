"""`contrail rejects`: what was refused, for people, for spreadsheets and for programs."""

import csv
import io
import json

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project

QUARANTINE = CONTRACT.replace("delivery:", "rejects: {max_rows: 9}\n            delivery:")
# A formula, a command to the terminal, an order to turn text around, and markup of our own.
HOSTILE = "2020,=cmd|' /C calc'!A0,\x1b[2J\x07\u202e[/red],NA,NA,NA\n"


@pytest.fixture
def quarantined(project: Project) -> Project:
    project.describe(QUARANTINE)
    project.deliver("crossings2020.csv", HEADER + ROWS + "2020,Celeste,many,NA,NA,NA\n2020\n")
    project.deliver("crossings2021.csv", (HEADER + ROWS + HOSTILE).replace("2020,", "2021,"))
    assert project.land().exit_code == 0
    return project


def test_each_reject_is_shown_with_its_place_and_reason(quarantined: Project) -> None:
    result = quarantined.run("rejects", "ferries.crossings", "--seq", "1")
    lines = [line.split("  ") for line in result.stdout.splitlines() if "2020" in line]
    cells = [" | ".join(cell.strip() for cell in line if cell.strip()) for line in lines]
    begin = "1 | ferries.crossings | crossings2020.csv"
    assert cells == [
        f"{begin} | 4 | 5 | passengers | 'many' is not an integer | 2020,Celeste,many,NA,NA,NA",
        f"{begin} | 5 | 6 | the record has 1 fields, the header has 6 | 2020",
    ]


@pytest.mark.fault("control characters", outcome="stored as they are, spelled out on a terminal")
def test_a_terminal_is_not_driven_by_what_was_delivered(quarantined: Project) -> None:
    shown = quarantined.run("rejects").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert r"\x1b[2J\x07\u202e[/red]" in shown
    # Nor by the message of a refusal.
    quarantined.describe(CONTRACT)
    quarantined.deliver("crossings2022.csv", (HEADER + ROWS + HOSTILE).replace("2020,", "2022,"))
    refused = quarantined.land()
    assert refused.exit_code == 3
    assert r"\x1b[2J" in refused.stderr
    assert not {"\x1b", "\x07", "\u202e"} & set(refused.stderr)


def test_json_holds_the_bytes_as_delivered(quarantined: Project) -> None:
    rows = json.loads(quarantined.run("rejects", "--seq", "2", "--format", "json").stdout)
    assert [row["raw_text"] for row in rows] == [HOSTILE.replace("2020", "2021").strip("\n")]
    assert (rows[0]["source_file"], rows[0]["source_line"]) == ("crossings2021.csv", 5)


@pytest.mark.fault(
    "formula in a cell", outcome="stored as it is; a ' before it in the CSV of rejects"
)
def test_csv_runs_no_formula(quarantined: Project) -> None:
    content = (HEADER + ROWS).replace("2020,", "2023,") + "=1+1\n-\n"
    quarantined.deliver("crossings2023.csv", content)
    quarantined.land()
    text = quarantined.run("rejects", "--format", "csv").stdout
    records = list(csv.DictReader(io.StringIO(text)))
    assert [record["raw_text"] for record in records[-2:]] == ["'=1+1", "'-"]
    assert len(records) == 5


def test_a_clean_landing_zone_has_none(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    project.land()
    assert json.loads(project.run("rejects", "--format", "json").stdout) == []


def test_what_does_not_exist_is_an_error(quarantined: Project) -> None:
    assert quarantined.run("rejects", "--seq", "3").exit_code == 2
    assert quarantined.run("rejects", "nobody").exit_code == 2


def test_a_damaged_quarantine_is_named(quarantined: Project) -> None:
    path = quarantined.landing / quarantined.commits()[0].quarantine[0].path
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    result = quarantined.run("rejects")
    assert result.exit_code == 1
    assert f"{path}: cannot be read" in result.output
