"""What a changed contract does to history: it is shown in full and unchanged, or refused."""

import pytest
from ferry_project import CONTRACT, HEADER, Project
from test_deliveries import FIRST, outcomes

WIND = "{name: wind, data_type: double}"
GALE = "{name: gale, data_type: double, config: {meta: {aliases: [wind]}}}"


@pytest.fixture
def landed(project: Project) -> Project:
    """One delivery, whose file is not in the inbox any more."""
    path = project.deliver("crossings20.csv", FIRST)
    assert outcomes(project) == ["committed"]
    path.unlink()
    return project


def refusal(project: Project, *command: str) -> str:
    result = project.run(*command)
    assert result.exit_code == 4, result.output
    return result.stderr


def retyped(column: str, old: str, new: str) -> str:
    quoted = f'"{old}"' if "(" in old else old
    before = f"{column}, data_type: {quoted}"
    assert before in CONTRACT
    return CONTRACT.replace(before, f'{column}, data_type: "{new}"')


def lines(project: Project, *names: str) -> list[list[str]]:
    shown = project.run("status", "--schema", *names).stdout.splitlines()
    return [line.strip().split(maxsplit=6) for line in shown if line.strip().startswith("ferries")]


def test_status_lists_the_versions_of_each_table(landed: Project) -> None:
    when = landed.commits()[0].landed_at
    assert lines(landed) == [
        ["ferries", "crossings", "1", "1", f"{when:%Y-%m-%d}", f"{when:%H:%M}", "7 columns"]
    ]
    landed.describe(
        CONTRACT.replace("passengers, data_type: integer", "passengers, data_type: bigint")
        + "          - {name: crew, data_type: smallint}\n"
    )
    landed.deliver(
        "crossings21.csv",
        HEADER.strip() + ",crew\n2021,Ann,1,1,1,NA,9\n",
    )
    assert outcomes(landed) == ["committed"]
    assert [(row[2], row[3], row[6]) for row in lines(landed, "ferries.crossings")] == [
        ("1", "1", "7 columns"),
        ("2", "2", "added crew smallint"),
        ("2", "2", "widened passengers from integer to bigint"),
    ]
    assert [commit.schema_version for commit in landed.commits()] == [1, 2]
    assert landed.run("status", "--schema", "nope").exit_code == 2


def test_a_set_of_columns_keeps_its_number(landed: Project) -> None:
    for seconds, kind in enumerate(("bigint", "integer"), 1):
        landed.describe(
            CONTRACT.replace("passengers, data_type: integer", f"passengers, data_type: {kind}")
        )
        landed.deliver("crossings20.csv", FIRST, seconds=seconds)
        outcomes(landed)
    assert [commit.schema_version for commit in landed.commits()] == [1, 2, 1]


@pytest.mark.parametrize(
    ("column", "old", "new", "shown"),
    [
        ("passengers", "integer", "bigint", 120),
        ("passengers", "integer", "text", "120"),
        ("passengers", "integer", "double", 120.0),
        ("fare", "decimal(6,2)", "decimal(8,3)", "12.500"),
    ],
)
def test_a_wider_type_shows_what_was_landed(
    landed: Project, column: str, old: str, new: str, shown: object
) -> None:
    landed.describe(retyped(column, old, new))
    sql = f"select {column} from raw_ferries.crossings where _source_row = 1"
    [(value,)] = landed.staged(sql)
    assert value == shown or str(value) == shown


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("passengers", "integer", "smallint"),
        ("wind", "double", "integer"),
        ("wind", "double", "text"),
        ("left_at", "timestamp", "date"),
        ("fare", "decimal(6,2)", "decimal(6,1)"),
        ("fare", "decimal(6,2)", "double"),
    ],
)
def test_another_type_is_refused_while_it_would_change_values(
    landed: Project, column: str, old: str, new: str
) -> None:
    landed.run("stage")
    landed.describe(retyped(column, old, new))
    words = f"column {column!r} is {new}, commit 1 (2020, crossings20.csv) landed {old}"
    assert words in refusal(landed, "stage")
    landed.deliver("crossings21.csv", FIRST.replace("2020,", "2021,"))
    assert words in refusal(landed, "land")
    assert len(landed.commits()) == 1


def test_another_type_is_taken_once_the_files_are_landed_again(landed: Project) -> None:
    landed.describe(
        CONTRACT.replace("passengers, data_type: integer", "passengers, data_type: text")
    )
    landed.deliver("crossings20.csv", FIRST)
    assert outcomes(landed) == ["committed"]
    landed.describe(CONTRACT)
    refusal(landed, "stage")
    landed.deliver("crossings21.csv", FIRST.replace("2020,", "2021,"), seconds=1)
    assert outcomes(landed) == ["committed", "committed"]
    assert landed.staged("select count(passengers) from raw_ferries.crossings") == [(4,)]


@pytest.mark.fault("column removed", outcome="refused while rows hold it")
def test_a_column_cannot_leave_the_contract_while_it_is_landed(landed: Project) -> None:
    without = CONTRACT.replace(f"          - {WIND}\n", "")
    landed.describe(without)
    words = "commit 1 (2020, crossings20.csv) landed column 'wind', which is not there any more"
    assert words in refusal(landed, "stage")
    landed.describe(CONTRACT.replace(WIND, "{name: winds, data_type: double}"))
    assert f"{words}; if it is 'winds' now, add an alias" in refusal(landed, "stage")


def test_a_column_that_holds_nothing_may_leave_or_change_its_type(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + "2020,Ann,1,1,NA,NA\n")
    outcomes(project)
    (project.inbox / "crossings.csv").unlink()
    project.describe(
        CONTRACT.replace(f"          - {WIND}\n", "").replace(
            "left_at, data_type: timestamp", "left_at, data_type: date"
        )
    )
    assert project.staged("select left_at from raw_ferries.crossings") == [(None,)]


def test_a_renamed_column_is_shown_under_its_new_name(landed: Project) -> None:
    landed.describe(CONTRACT.replace(WIND, GALE))
    assert landed.staged("select gale from raw_ferries.crossings order by _source_row") == [
        (3.5,), (None,), (-0.5,),
    ]  # fmt: skip
    landed.deliver("crossings21.csv", FIRST.replace("2020,", "2021,").replace("wind", "Gale"))
    assert outcomes(landed) == ["committed"]
    assert landed.staged("select count(gale) from raw_ferries.crossings") == [(4,)]
    assert [row[6] for row in lines(landed)] == [
        "7 columns", "added gale double", "removed wind double",
    ]  # fmt: skip


def test_the_first_problems_are_named(project: Project) -> None:
    for number in range(10):
        project.deliver(f"crossings{number}.csv", FIRST.replace("2020,", f"20{number}0,"), number)
    outcomes(project)
    for path in project.inbox.iterdir():
        path.unlink()
    project.describe(
        CONTRACT.replace("passengers, data_type: integer", "passengers, data_type: date")
    )
    message = refusal(project, "stage")
    assert message.count("is date, commit") == 5
    assert "(and 5 more)" in message
