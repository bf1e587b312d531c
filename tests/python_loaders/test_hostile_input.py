"""Names and values from hostile hands: stored exactly or refused, and never taken for commands."""

import csv
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_archives import tar_of

from python_loaders.printable import printable

EVOLVE = CONTRACT.replace("extracts:", "contract: evolve\n            extracts:").replace(
    "delivery:", "rejects: {max_rows: 9}\n            delivery:"
)
ODD = [
    "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-1", '"; drop table x; --', "'; drop table x; --",
    '"', '""', "'", "\\", "\\N", "\\.", "%s", "{}", "$1", "null", "NA ", "NULL", "\ufeff",
    "\u202ecba", "\u2028",
    "\x1b[2J", "\x07", "\x7f", "\x85", "[red]", "[/x]", ":smile:", "\U0001f6f3", "ß", "İ",
    "e\u0301", "\x00x", "../../x", "/etc/passwd", "${HOME}", "`id`", "<script>", "&amp;",
    "a\nb", "a\r\nb", "a\tb", ",", ";", "x" * 5000, "_seq", "_batch_id", "Wind", "year ", "select",
    "\N{LATIN SMALL LETTER LONG S}hip", "\N{KELVIN SIGN}", "0", "1e400", "NaN", "-0",
    "1_000", "0x10", "9" * 40,
]  # fmt: skip
TEXT = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
EXAMPLES = pytest.mark.parametrize("examples", [15, pytest.param(500, marks=pytest.mark.soak)])
Fresh = Callable[[str], Project]


@pytest.fixture
def fresh(project: Project, monkeypatch: pytest.MonkeyPatch) -> Fresh:
    """Make an empty project for each example."""
    count = iter(range(10_000))

    def make(contract: str) -> Project:
        root = project.root / f"example{next(count)}"
        root.mkdir()
        (root / "dbt_project.yml").touch()
        monkeypatch.chdir(root)
        made = Project(root)
        made.inbox.mkdir(parents=True)
        made.describe(contract)
        return made

    return make


def csv_of(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    return text.getvalue()


def is_harmless(output: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in output)


def run_everything(project: Project) -> None:
    """Run the commands that show what is landed."""
    for command in (["stage"], ["status"], ["status", "--schema"], ["rejects"], ["log"]):
        result = project.run(*command)
        assert result.exit_code == 0, (command, result.output)
        assert is_harmless(result.output), command


FILE_NAMES = TEXT.map(lambda text: text.replace("/", "").replace("\0", "")[:50])


@EXAMPLES
def test_values(fresh: Fresh, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(value=TEXT, note=TEXT, passengers=TEXT)
    @example(value='"; drop table x; --', note="=cmd", passengers="\u202e")
    @example(value="\x1b]0;x\x07", note="a\nferries crossings 2020: committed", passengers="1")
    def check(value: str, note: str, passengers: str) -> None:
        project = fresh(EVOLVE)
        names = [*HEADER.strip().split(","), "note", "new"]
        good = ["2020", "Ann", "1", "1", "1", "NA", "fine", value]
        odd = ["2020", value or "x", passengers, "1", "1", "NA", note, note]
        content = csv_of(names, [good, odd])
        project.deliver("crossings.csv", content)
        result = project.land()
        assert is_harmless(result.output)
        if result.exit_code:
            assert result.exit_code in (3, 4), result.output
            assert project.commits() == []
            return
        run_everything(project)
        kind = project.commits()[0].columns["new"]
        rows = project.staged("select _source_row, ship, note, new from raw_ferries.crossings")
        rejected = project.staged("select source_row from raw_contrail.rejects")
        assert sorted(number for number, *_ in [*rows, *rejected]) == [1, 2]
        delivered = list(csv.reader(io.StringIO(content, newline="")))
        for number, *texts in rows:
            fields = [None if text == "NA" else text for text in delivered[number]]
            wanted = [fields[1], fields[6], fields[7]]
            assert texts[: 2 + (kind == "text")] == wanted[: 2 + (kind == "text")]

    check()


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run")
@EXAMPLES
def test_column_names(fresh: Fresh, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(names=st.lists(TEXT, min_size=1, max_size=3), mode=st.sampled_from(["evolve", "freeze"]))
    @example(names=['x"; drop table y; --'], mode="evolve")
    @example(names=["a\x1b[2Jb", "\u202e"], mode="freeze")
    @example(names=["new", "select"], mode="evolve")
    def check(names: list[str], mode: str) -> None:
        project = fresh(EVOLVE.replace("evolve", mode).replace("max_rows: 9", "max_rows: 0"))
        row = ["2020", "Ann", "1", "1", "1", "NA", *("v" for _ in names)]
        project.deliver("crossings.csv", csv_of([*HEADER.strip().split(","), *names], [row]))
        result = project.land()
        assert result.exit_code in (0, 3, 4), result.output
        assert is_harmless(result.output)
        if result.exit_code == 0:
            [commit] = project.commits()
            run_everything(project)
            columns = ", ".join(f'"{name}"' for name in commit.columns)
            [shown] = project.staged(f"select {columns} from raw_ferries.crossings")
            assert shown.count("v") == len(names)

    check()


@pytest.mark.fault("SQL in names", outcome="refused or quoted, never run")
@EXAMPLES
def test_file_names(fresh: Fresh, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(name=FILE_NAMES, folder=FILE_NAMES)
    @example(name="a\nferries crossings 2020: committed", folder="x")
    @example(name="\udcff", folder="x")
    @example(name="'; drop table x; --", folder="\x1b[2J")
    @example(name="\u202egpj", folder="[red]")
    def check(name: str, folder: str) -> None:
        project = fresh(EVOLVE)
        path = project.inbox / f"d{folder}" / f"crossings{name}.csv"
        path.parent.mkdir()
        path.write_text(HEADER + ROWS)
        result = project.land()
        assert result.exit_code in (0, 4), result.output
        assert is_harmless(result.output)
        lines = result.stderr.splitlines()
        assert [line for line in lines if line.startswith("ferries")] == [lines[-1]]
        if result.exit_code:
            assert "the name holds a control character" in result.output
            return
        assert [commit.input.file for commit in project.commits()] == [path.name]
        run_everything(project)
        files = project.staged("select distinct _source_file from raw_ferries.crossings")
        assert files == [(path.name,)]

    check()


@EXAMPLES
def test_member_names(fresh: Fresh, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(
        member=st.one_of(st.sampled_from(ODD), st.text(max_size=20)).filter(
            lambda member: not member.startswith("\0")  # zipfile writes no such name
        )
    )
    @example(member="../../../etc/passwd")
    @example(member="a\nb\tc")
    def check(member: str) -> None:
        project = fresh(EVOLVE.replace("crossings*.csv", "crossings*.zip"))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{member}.csv".encode(errors="replace").decode(), HEADER + ROWS)
        project.deliver("crossings.zip", packed.getvalue())
        result = project.land()
        assert result.exit_code in (0, 1, 4), result.output
        assert is_harmless(result.output)
        lines = result.stderr.splitlines()
        assert [line for line in lines if line.startswith(("ferries", "b"))] == [lines[-1]]
        if result.exit_code == 0:
            run_everything(project)
        made = {path.name for path in project.root.iterdir()}
        assert made == {"dbt_project.yml", "models", "data"}

    check()


def test_names_that_are_not_utf_8_are_refused(project: Project) -> None:
    Path(os.fsdecode(os.fsencode(project.inbox) + b"/crossings\xff.csv")).write_text(HEADER + ROWS)
    project.deliver("crossings.csv", HEADER + ROWS)
    result = project.land()
    assert result.exit_code == 4
    assert r"crossings\udcff.csv: the name holds a control character, or bytes" in result.output
    assert len(project.commits()) == 1


@pytest.mark.parametrize("name", ["a\udcff.csv", "a\nferries crossings 2020: committed"])
def test_members_that_cannot_be_named_are_refused(project: Project, name: str) -> None:
    contract = CONTRACT.replace("crossings*.csv", "crossings*.tar.gz")
    member = 'null_values: [NA]\n                member: "a*"'
    project.describe(contract.replace("null_values: [NA]", member))
    project.deliver("crossings.tar.gz", tar_of(name, (HEADER + ROWS).encode()))
    result = project.land()
    assert result.exit_code == 4
    assert f"{printable(name)}: the name holds a control character, or bytes" in result.output
    assert project.commits() == []


def test_names_of_other_members_are_shown_escaped(project: Project) -> None:
    project.describe(CONTRACT.replace("crossings*.csv", "crossings*.tar.gz"))
    project.deliver("crossings.tar.gz", tar_of("a\nferries crossings: committed", b"x"))
    assert r"It holds: a\nferries crossings: committed, " in project.land().output


@pytest.mark.parametrize("name", ["Bad Name", 'x"; drop', "", "x" * 64, "é"])
def test_contracts_cannot_name_what_engines_would_not_take(project: Project, name: str) -> None:
    for old in ("ferries", "crossings"):
        project.describe(CONTRACT.replace(f"name: {old}", f"name: {name!r}"))
        result = project.land()
        assert result.exit_code == 4, result.output


def test_a_very_long_field_is_refused(project: Project) -> None:
    limit = "limits: {max_field_bytes: 1000}"
    project.describe(
        CONTRACT.replace("null_values: [NA]", f"null_values: [NA]\n                {limit}")
    )
    project.deliver("crossings.csv", HEADER + f"2020,{'x' * 1000},1,1,1,NA\n")
    assert project.land().exit_code == 0
    project.deliver("crossings.csv", HEADER + f"2020,{'x' * 1001},1,1,1,NA\n")
    result = project.land()
    assert result.exit_code == 4
    assert "line 2: a field of column Ship is longer than 1000 bytes" in result.output
