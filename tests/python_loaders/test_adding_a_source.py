"""The worked example of docs/adding-a-source.md, run as it is written there."""

import re

import pytest
from ferry_project import REPOSITORY, Project

GUIDE = (REPOSITORY / "docs" / "adding-a-source.md").read_text()


def blocks() -> dict[str, str]:
    """Return the code blocks that begin with the name of a file in a comment."""
    found = re.findall(r"```\w+\n(?:#|--) ([\w./-]+)\n(.*?)```", GUIDE, re.DOTALL)
    return dict(found)


@pytest.fixture
def example(project: Project) -> Project:
    for name, content in blocks().items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return project


def test_the_guide_has_all_files() -> None:
    assert [name.rpartition(".")[2] for name in blocks()] == ["csv", "yml", "sql"]


def test_the_example_lands_and_its_model_runs(example: Project) -> None:
    result = example.land("tides")
    assert result.exit_code == 0, result.output
    model = next(content for name, content in blocks().items() if name.endswith(".sql"))
    sql = re.sub(r"{{ source\('(\w+)', '(\w+)'\) }}", r"raw_\1.\2", model)
    assert "{" not in sql
    [expected] = re.findall(r"contrail query .*?\n```\n\n```text\n(.*?)```", GUIDE, re.DOTALL)
    example.run("stage")
    answer = example.run("query", sql, "--format", "csv")
    assert answer.stdout == expected


def test_the_error_of_the_guide_is_the_real_one(example: Project) -> None:
    [path] = (example.root / "data" / "inbox").glob("*.csv")
    path.write_text(path.read_text().replace("2.31", "2,31"))
    result = example.land("tides")
    assert result.exit_code == 3
    [shown] = re.findall(r"```text\n(error: .*?)```", GUIDE, re.DOTALL)
    assert shown.strip() in result.output.replace(f"{path.parent}/", "data/inbox/")
