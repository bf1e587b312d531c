"""The documentation is true: its queries run, its tests exist, its grains are proved."""

import re
from pathlib import Path

import duckdb
import pytest
from project_manifest import LAYERS, ROOT, Project


def _examples(project: Project) -> list[tuple[str, str]]:
    """Return the SQL examples of all descriptions and doc blocks, each with its place."""
    texts = [(node["name"], node["description"]) for node in project.resources("model", "seed")]
    texts += [
        (block["name"], block["block_contents"]) for block in project.manifest["docs"].values()
    ]
    return [
        (name, query)
        for name, text in texts
        for query in re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL)
    ]


def test_examples_run(project: Project, empty_warehouse: Path) -> None:
    schemas = sorted({node["schema"] for node in project.resources("model", "seed")})
    examples = _examples(project)
    assert len(examples) >= len(project.models("marts"))
    broken = []
    with duckdb.connect(str(empty_warehouse), read_only=True) as warehouse:
        warehouse.execute(f"set search_path = '{','.join(schemas)}'")
        for name, query in examples:
            try:
                warehouse.execute(query).fetchall()
            except duckdb.Error as error:
                broken.append(f"{name}: {error}")
    assert not broken, "\n".join(broken)


def test_every_described_model_of_intermediate_and_marts_has_an_example(project: Project) -> None:
    with_example = {name for name, _ in _examples(project)}
    models = [model for layer in LAYERS[1:] for model in project.models(layer)]
    assert not [model["name"] for model in models if model["name"] not in with_example]


def test_every_mart_proves_its_grain(project: Project) -> None:
    """`meta.grain` names the columns that a test shows to be unique, on all rows."""
    wrong = []
    for model in [*project.models("marts"), *project.models("ops")]:
        grain = model["config"]["meta"].get("grain")
        proofs = [
            test["test_metadata"]["kwargs"].get("columns", [test["column_name"]])
            for test in project.tests_of(model)
            if (test["test_metadata"] or {}).get("name") in ("unique", "unique_combination")
            and not test["config"].get("where")
        ]
        if not grain:
            wrong.append(f"{model['name']}: no meta.grain")
        elif grain not in proofs:
            wrong.append(f"{model['name']}: no test that {grain} is unique")
    assert not wrong


def test_every_own_test_says_what_to_do(project: Project) -> None:
    wrong = [
        test["name"]
        for test in project.resources("test")
        if not test["config"]["meta"].get("on_failure")
        and (test["test_metadata"] or {}).get("name") != "not_null"
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("data-traps.md", 30),  # trap, evidence, rule, tests
        ("definitions.md", 9),  # word, definition, source, here, guarded by
    ],
)
def test_every_line_of_a_page_has_a_test_that_exists(
    project: Project, page: str, least: int
) -> None:
    lines = (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    rows = [row for row in rows if not set(row[0]) <= set("-") and row[0] not in ("trap", "word")]
    assert len(rows) > least
    known = {node["name"] for node in project.resources("test", "unit_test", "model")}
    known |= {node["name"] for node in project.manifest["unit_tests"].values()}
    wrong = []
    for what, *_, rule, tests in rows:
        names = re.findall(r"`([^`]+)`", tests)
        if not rule or not names:
            wrong.append(f"{what}: no rule or no test")
        wrong += [f"{what}: {name} does not exist" for name in names if name not in known]
    assert not wrong, "\n".join(wrong)
