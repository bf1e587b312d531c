"""Columns are matched by name; what does not match is named, with a guess where it came from."""

import pytest
import yaml
from ferry_project import CONTRACT, HEADER, Project

from python_loaders.contract.model import SourcesFile, Table
from python_loaders.errors import ContractError
from python_loaders.extract.binding import MAX_COLUMNS, bind

NAMES = ["year", "ship", "passengers", "fare", "wind", "left_at"]


def table(mode: str = "freeze") -> Table:
    text = CONTRACT.replace("extracts:", f"contract: {mode}\n            extracts:")
    return SourcesFile.model_validate(yaml.safe_load(text)).sources[0].tables[0]


def renamed(old: str, new: str) -> list[str]:
    return [new if name == old else name for name in NAMES]


def refusal(header: list[str], mode: str = "freeze", **values: list[str]) -> str:
    with pytest.raises(ContractError) as raised:
        bind(header, table(mode), "x.csv, line 1", lambda: values)
    return str(raised.value)


@pytest.mark.fault("column renamed", outcome="refused, with the name that it looks renamed from")
@pytest.mark.parametrize("mode", ["freeze", "evolve"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("passengers", "Passenger_Count"),  # the name is near
        ("left_at", "LeftAt"),
        ("ship", "vessels"),  # near to an alias
        ("fare", "fares_gbp"),
        ("fare", "farthing"),  # less near, and in the same place
    ],
)
def test_a_renamed_column_is_recognised_by_its_name_and_place(
    mode: str, old: str, new: str
) -> None:
    message = refusal(renamed(old, new), mode)
    shown = {"ship": "Ship"}.get(old, old)
    assert f"column {new!r} is not in the contract (looks renamed from {shown!r})" in message


def test_values_speak_for_a_rename() -> None:
    header = ["left_on", *renamed("left_at", "odd")]
    values = {"left_on": ["ferry", "boat"], "odd": ["2020-05-01T10:00:00Z"]}
    message = refusal(header, **values)
    assert "'left_on' is not in the contract;" in message
    header = renamed("wind", "dewpoint")
    assert "looks renamed" not in refusal(header, dewpoint=["low", "high"])
    assert "(looks renamed from 'wind')" in refusal(header, dewpoint=["3.5", "4.25"])


def test_the_values_of_a_csv_are_looked_at(project: Project) -> None:
    header = HEADER.replace("wind", "dewpoint")
    project.deliver("crossings.csv", header + "2020,Ann,1,1,3.5,NA\n2020,Ann,1,1,NA,NA\n")
    assert "'dewpoint' is not in the contract (looks renamed from 'wind')" in project.land().stderr
    project.deliver("crossings.csv", header + "2020,Ann,1,1,low,NA\n")
    assert "'dewpoint' is not in the contract." in project.land().stderr


def test_a_column_is_the_new_name_of_one_column_only() -> None:
    header = [name for name in NAMES if name != "passengers"] + ["passenger_s", "passengers_2"]
    message = refusal(header)
    assert "'passenger_s' is not in the contract (looks renamed from 'passengers')" in message
    assert "'passengers_2' is not in the contract." in message


def test_an_unlike_column_is_no_new_name() -> None:
    assert "looks renamed" not in refusal([*renamed("fare", "zzz")[:3], "wind", "left_at", "zzz"])


@pytest.mark.fault("header with a name twice", outcome="refused")
@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["year", "Year ", *NAMES[1:]], "column 'Year ' is delivered twice (also as 'year')"),
        (["ship", *NAMES], "column 'ship' is delivered twice (also as 'ship')"),
        (["Vessel", *NAMES], "column 'ship' is delivered twice (also as 'Vessel')"),
    ],
    ids=["case and blanks", "the same", "alias"],
)
def test_a_column_delivered_twice_is_refused(header: list[str], words: str) -> None:
    assert words in refusal(header)


def test_evolve_takes_new_columns_as_optional_ones() -> None:
    binding = bind([*NAMES, " Captain ", "crew_2"], table("evolve"), "x.csv")
    assert binding.delivered == [*NAMES, "captain", "crew_2"]
    assert [column.optional for column in binding.columns[-2:]] == [True, True]


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run", case="hostile")
@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["captain", "CAPTAIN"], "column 'CAPTAIN' is delivered twice (also as 'captain')"),
        (["notes"], "column 'notes' is new and looks renamed from 'note', which is not delivered"),
        (["_seq"], "column '_seq' cannot be added under this name"),
        (["wind speed"], "column 'wind speed' cannot be added under this name"),
        (["größe"], "cannot be added"),
        (["\N{KELVIN SIGN}elvin"], "cannot be added"),
        ([""], "column '' cannot be added"),
        (["2nd"], "cannot be added"),
        (['x"; drop table y; --'], "cannot be added"),
        (["x" * 64], "cannot be added"),
        (["x" * 1000], f"column {'x' * 100!r}... cannot be added"),
        ([f"c{i}" for i in range(MAX_COLUMNS)], f"a table has {MAX_COLUMNS} columns at most"),
        (["x,y"] * 50, "; and 40 more."),
    ],
    ids=[
        "twice", "renamed from an optional one", "reserved", "blank", "letter", "look-alike",
        "empty", "digit", "hostile", "long", "very long", "too many", "many problems",
    ],
)  # fmt: skip
def test_evolve_refuses_doubtful_names(header: list[str], words: str) -> None:
    assert words in refusal([*NAMES, *header], "evolve")


def test_long_headers_are_refused_at_once() -> None:
    message = refusal([*NAMES[:5], "x" * 1_000_000, *(f"c{i}" for i in range(50_000))])
    assert len(message) < 2_000
