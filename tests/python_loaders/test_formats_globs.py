"""Which files of the inbox a contract means: by name, in whatever folder, or by folders, too."""

import pytest
from ferry_project import CONTRACT, HEADER, Project

FILES = (
    "a.csv",
    "2024/a.csv",
    "2024/01/a.csv",
    "2024/01/a.CSV",
    "2024/01/[a].csv",
    "2024/01/.hidden.csv",
    ".origin/2024/01/a.csv",
    "2024/02/b.csv",
    "x2024/01/a.csv",
)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("a.csv", ["a.csv", "2024/a.csv", "2024/01/a.csv", "x2024/01/a.csv"]),
        ("2024/*/a.csv", ["2024/01/a.csv"]),
        ("0*/a.csv", ["2024/01/a.csv", "x2024/01/a.csv"]),
        ("2024/0[12]/?.csv", ["2024/01/a.csv", "2024/02/b.csv"]),
        ("2024/*/[[]a].csv", ["2024/01/[a].csv"]),
        ("2024/*.csv", ["2024/a.csv"]),
        ("*/*/[!a]*.CSV", []),
        ("a.CSV", ["2024/01/a.CSV"]),
    ],
)
def test_patterns(project: Project, pattern: str, meant: list[str]) -> None:
    project.describe(
        CONTRACT.replace("crossings*.csv", pattern)
        .replace("mode: replace", "mode: append")
        .replace("period: year, key_columns: [year]", "key: all")
    )
    for number, name in enumerate(FILES):
        project.deliver(name, f"{HEADER}2020,{name},{number},1,1,NA\n", seconds=number)
    result = project.land()
    assert result.exit_code == 0, result.output
    landed = project.staged("select ship from raw_ferries.crossings") if meant else []
    assert sorted(name for (name,) in landed) == sorted(meant)
    assert ".hidden" not in result.output
