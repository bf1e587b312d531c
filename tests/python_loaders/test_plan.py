"""`contrail plan` says what a landing would do, and writes nothing."""

from pathlib import Path

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project


def tree(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file and directory with its mode, its time of change and its content."""
    return {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [root, *root.rglob("*")]
    }


@pytest.fixture
def waiting(project: Project) -> Project:
    """A landing zone, and an inbox with a delivery of every outcome."""
    year = {number: (HEADER + ROWS).replace("2020,", f"{number},") for number in range(2020, 2024)}
    project.deliver("crossings2020.csv", year[2020])
    project.deliver("crossings2021.csv", year[2021])
    project.land()
    project.deliver("crossings2021.csv", year[2021].replace("Aurora", "Aurora II"))
    project.land()
    project.deliver("crossings_late.csv", year[2021], 10)
    project.deliver("crossings2020_corrected.csv", year[2020].replace("Aurora", "Aurora II"), 20)
    project.deliver("crossings2020_again.csv", year[2020].replace("Aurora", "Aurora III"), 30)
    project.deliver("crossings2022.csv", year[2022], 40)
    project.deliver("crossings_copy.csv", year[2022], 50)
    project.deliver("crossings_bad.csv", year[2023].replace("120", "many"), 60)
    project.deliver("crossings_empty.csv", "", 70)
    project.deliver("notes.txt", "")
    return project


EXPECTED = [
    "crossings 2020: unchanged (live as commit 1)",
    "crossings 2021: unchanged (live as commit 3)",
    "crossings 2021: stale (landed as commit 2, which commit 3 replaced)",
    "crossings 2020: would commit (in place of commit 1)",
    "crossings 2020: would commit (in place of crossings2020_corrected.csv of the same landing)",
    "crossings 2022: would commit (nothing of this key is live)",
    "crossings 2022: unchanged (live as commit 6)",
    "crossings crossings_bad.csv: refused",
    "crossings crossings_empty.csv: refused",
]


def test_every_delivery_gets_its_outcome_and_the_reason(waiting: Project) -> None:
    result = waiting.run("plan")
    lines = [line for line in result.stderr.splitlines() if line.startswith("ferries ")]
    assert lines == [f"ferries {line}" for line in EXPECTED]
    assert "notes.txt" in result.stderr
    assert "'many' is not an integer" in result.stderr
    assert result.exit_code == 4
    # The landing then does as it was told.
    landed = waiting.land()
    assert landed.exit_code == 4
    said = [line.partition(" (")[0] for line in landed.stderr.splitlines()]
    wanted = [f"ferries {line}".partition(" (")[0] for line in EXPECTED]
    assert [line for line in said if line.startswith("ferries ")] == [
        line.replace("would commit", "committed") for line in wanted
    ]


def test_what_is_appended_takes_no_place(project: Project) -> None:
    project.describe(CONTRACT.replace("mode: replace", "mode: append"))
    project.deliver("crossings1.csv", HEADER + ROWS)
    assert project.land().exit_code == 0
    project.deliver("crossings2.csv", HEADER + ROWS + ROWS)
    assert "crossings 2020: would commit (adds to what is live)" in project.run("plan").output


def test_nothing_is_written(waiting: Project) -> None:
    before = tree(waiting.root)
    waiting.run("plan")
    assert tree(waiting.root) == before


def test_an_empty_landing_zone_stays_away(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + ROWS)
    before = tree(project.root)
    result = project.run("plan")
    assert "would commit" in result.stderr
    assert tree(project.root) == before
    assert not project.landing.exists()


@pytest.mark.parametrize("rejects", [0, 1])
def test_the_limit_of_rejects_counts(project: Project, rejects: int) -> None:
    limit = f"rejects: {{max_rows: {rejects}}}\n            delivery:"
    project.describe(CONTRACT.replace("delivery:", limit))
    project.deliver("crossings.csv", HEADER + ROWS + "2020,Celeste,many,NA,NA,NA\n")
    result = project.run("plan")
    assert result.exit_code == (0 if rejects else 3)
    assert result.stdout.strip().endswith("commit with rejects" if rejects else "refused")


def test_one_file_or_one_table_is_planned(waiting: Project) -> None:
    path = waiting.inbox / "crossings2022.csv"
    result = waiting.run("plan", "--file", str(path))
    assert result.stderr.count("would commit") == 1
    assert waiting.run("plan", "--file", str(waiting.inbox / "notes.txt")).exit_code == 2
    assert waiting.run("plan", "nobody").exit_code == 2
