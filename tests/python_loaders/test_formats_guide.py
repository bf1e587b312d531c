"""The examples of docs/formats.md, run as they are written there."""

import re
import runpy
import shlex
from typing import get_args

from ferry_project import REPOSITORY, Project

from python_loaders.contract.extract import KEYS_OF_FORMATS, Extract, Format, Limits

GUIDE = (REPOSITORY / "docs" / "formats.md").read_text()
FILES = re.findall(r"```\w+\n# ([\w./-]+)\n(.*?)```", GUIDE, re.DOTALL)
QUERIES = re.findall(r"```console\n\$ contrail (query .*?)\n(.*?)```", GUIDE, re.DOTALL)


def test_all_examples_land_and_answer(project: Project) -> None:
    assert len(QUERIES) == len(get_args(Format)) + 1  # and the archives
    for name, content in FILES:
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if path.suffix == ".py":
            runpy.run_path(str(path))
    result = project.land()
    assert result.exit_code == 0, result.output
    assert len(project.commits()) == len(QUERIES)
    assert project.run("stage").exit_code == 0
    for command, expected in QUERIES:
        answer = project.run(*shlex.split(command))
        assert answer.stdout == expected, command


def test_every_format_and_limit_is_described() -> None:
    for name in get_args(Format):
        assert f"format: {name}" in GUIDE or name == "csv"
    rows = dict(re.findall(r"^\| `(max_\w+)` \| ([\w, ]+) \|", GUIDE, re.MULTILINE))
    units = {"MiB": 1 << 20, "GiB": 1 << 30}
    for name, field in Limits.model_fields.items():
        number, _, unit = rows[name].partition(" ")
        assert int(number.replace(",", "")) * units.get(unit, 1) == field.default


def test_every_key_of_an_extract_is_in_the_table() -> None:
    table = (REPOSITORY / "docs" / "landing.md").read_text()
    assert [key for key in Extract.model_fields if f"`{key}`" not in table] == []
    assert set(KEYS_OF_FORMATS) < set(Extract.model_fields)
