"""What comes from outside cannot make a terminal show something else than what is there."""

import pytest
from ferry_project import HEADER, Project

from python_loaders.display import Display
from python_loaders.printable import printable

HOSTILE = "a\x1b[2Jb\x07\r\x9b31m\u202egpj.exe\u2028 :smile: [red]x[/nope]\tz"
ESCAPED = r"a\x1b[2Jb\x07\r\x9b31m\u202egpj.exe\u2028 :smile: [red]x[/nope]\tz"


def test_invisible_characters_are_escaped() -> None:
    assert printable(HOSTILE) == ESCAPED
    assert printable("one\ntwo\n", keep="\n") == "one\ntwo\n"
    assert printable("Ærø, 北京, 🛳 = cmd") == "Ærø, 北京, 🛳 = cmd"
    assert printable("\udcff") == r"\udcff"


def test_messages_show_them_escaped(project: Project) -> None:
    ship = HOSTILE.replace("\r", "")
    project.deliver("crossings.csv", HEADER + f"2020,{ship},x,1,1,NA\n")
    result = project.land()
    assert result.exit_code == 3
    assert f"2020,{ESCAPED.replace(chr(92) + 'r', '')},x" in result.stderr
    assert "\x1b" not in result.output


def test_a_rejected_record_cannot_imitate_a_message(project: Project) -> None:
    project.deliver("crossings.csv", HEADER + '2020,"a\nferries crossings: committed",x,1,1,NA\n')
    lines = project.land().output.splitlines()
    assert [line for line in lines if line.startswith("ferries crossings: committed")] == []


@pytest.mark.fault("control characters", outcome="stored as they are, spelled out on a terminal")
def test_every_message_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    Display().line(f"one\n{HOSTILE}")
    assert capsys.readouterr().err == f"one\n{ESCAPED}\n"


@pytest.mark.parametrize("target", ["table", "csv", "json"])
def test_query_shows_them_escaped_and_hands_them_over_exactly(
    project: Project, target: str
) -> None:
    project.deliver("crossings.csv", HEADER + f"2020,{HOSTILE},1,1,1,NA\n".replace("\r", ""))
    assert project.land().exit_code == 0
    assert project.run("stage").exit_code == 0
    sql = 'select ship as "n\ne" from raw_ferries.crossings'
    shown = project.run("query", sql, "--format", target).stdout
    hostile, escaped = HOSTILE.replace("\r", ""), ESCAPED.replace(r"\r", "")
    if target == "table":
        assert escaped in shown
        assert r"n\ne" in shown
    elif target == "csv":
        assert shown == f'"n\ne"\n{hostile}\n'
    else:
        assert project.queried(sql) == [{"n\ne": hostile}]
