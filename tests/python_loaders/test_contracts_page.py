"""docs/contracts.md, step by step as it is written there: files, commands, and what they print."""

import os
import re
import shlex
from collections.abc import Iterator

import pytest
from ferry_project import REPOSITORY, Project

from python_loaders.contract.widening import widens

PAGE = (REPOSITORY / "docs" / "contracts.md").read_text()
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def blocks() -> Iterator[tuple[str, str]]:
    """Yield the code blocks of the page in order, each with its language."""
    yield from re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)


def commands(block: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the commands of a console, each with the lines that are shown below it."""
    for part in re.split(r"^\$ contrail ", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.rstrip("\n").split("\n")
        yield shlex.split(command), shown


def plain(line: str) -> str:
    """Return a line without what differs from run to run: times and the width of columns."""
    return " ".join(TIME.sub("TIME", line).split())


def test_the_page(project: Project) -> None:
    ran = 0
    for number, (language, content) in enumerate(blocks()):
        if language == "console":
            for command, expected in commands(content):
                result = project.run(*command)
                assert "Traceback" not in result.output
                output = result.output.replace(f"{project.inbox}/", "data/inbox/")
                printed = [plain(line) for line in output.splitlines()]
                assert [line for line in map(plain, expected) if line not in printed] == [], output
                ran += 1
        else:
            name, _, text = content.removeprefix("# ").partition("\n")
            path = project.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if language == "csv" else content)
            os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    assert ran == 12


ROWS = re.findall(r"^\| (`\w+`(?: without decimals)?) \| (.*) \|$", PAGE, re.MULTILINE)
TYPES = ["smallint", "integer", "bigint", "double", "date", "timestamp", "boolean", "text"]


@pytest.mark.parametrize("old", ["smallint", "integer", "bigint", "date", "boolean"])
def test_the_table_of_what_widens(old: str) -> None:
    [wider] = [right for left, right in ROWS if left == f"`{old}`"]
    assert re.findall(r"`(\w+)`", wider.replace("`decimal`", "")) == [
        new for new in TYPES[1:] if new != old and widens(old, new)
    ]
    if digits := re.search(r"(\d+) digits before the point", wider):
        assert widens(old, f"decimal({int(digits[1]) + 2},2)")
        assert not widens(old, f"decimal({int(digits[1]) + 1},2)")


def test_what_the_table_says_of_decimals() -> None:
    assert widens("decimal(9,6)", "text")
    assert not widens("decimal(9,7)", "text")
    assert widens("decimal(9,0)", "integer")
    assert not widens("decimal(10,0)", "integer")
    assert widens("decimal(18,0)", "bigint")
    assert not widens("decimal(19,0)", "bigint")
