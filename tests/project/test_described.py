"""Everything is described, contracted, tested and watched; nothing is switched off."""

import re
import subprocess
import sys
from pathlib import Path

from project_manifest import ROOT, Project, expect_none


def _undescribed_columns(node: dict) -> list[str]:
    return [
        f"{node['name']}.{column['name']}"
        for column in node["columns"].values()
        if not column["description"].strip()
    ]


def test_every_model_has_a_description_in_its_own_folder(project: Project) -> None:
    wrong = []
    for model in project.models():
        described_in = (model.get("patch_path") or "").removeprefix("contrail://")
        if not model["description"].strip():
            wrong.append(f"{model['name']}: no description")
        elif Path(described_in).parent != Path(model["original_file_path"]).parent:
            wrong.append(f"{model['name']}: described in {described_in}, not beside it")
    expect_none(wrong)


def test_everything_else_is_described(project: Project) -> None:
    others = [
        *project.resources("seed"),
        *project.sources(),
        *project.manifest["exposures"].values(),
    ]
    expect_none([node["unique_id"] for node in others if not node["description"].strip()])


def test_described_columns_have_words(project: Project) -> None:
    nodes = [*project.resources("model", "seed"), *project.sources()]
    wrong = [column for node in nodes for column in _undescribed_columns(node)]
    expect_none(wrong)


def test_described_columns_are_the_real_columns(
    project: Project, built_columns: dict[tuple[str, str], list[str]]
) -> None:
    wrong = []
    for node in [*project.resources("model", "seed"), *project.sources()]:
        relation = (node["schema"], node.get("alias") or node.get("identifier") or node["name"])
        if node.get("config", {}).get("materialized") == "ephemeral":
            continue
        real = {column.lower() for column in built_columns.get(relation, [])}
        described = {name.lower() for name in node["columns"]}
        wrong += [f"{node['name']}.{name}: not described" for name in sorted(real - described)]
        wrong += [f"{node['name']}.{name}: does not exist" for name in sorted(described - real)]
    expect_none(wrong)


def test_every_mart_says_what_null_means_and_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "missing_values.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_source_has_freshness(project: Project) -> None:
    wrong = []
    for source in project.sources():
        freshness = source.get("freshness") or {}
        limits = [freshness.get(limit) or {} for limit in ("warn_after", "error_after")]
        has_moment = source.get("loaded_at_field") or source.get("loaded_at_query")
        if not has_moment or not any(limit.get("count") for limit in limits):
            wrong.append(source["unique_id"])
    expect_none(wrong)


def test_every_mart_has_an_enforced_contract(project: Project) -> None:
    models = [*project.models("marts"), *project.models("ops")]
    wrong = [m["name"] for m in models if not m["config"]["contract"]["enforced"]]
    expect_none(wrong)


# Where a test fails for some rows and only warns for others: its name, and when it fails.
ERRORS = {
    r"\w+_is_usual": r"> 0 and max\(abs\(score\)\) >= \d+",
    "known_answer": r"> 0 and max\(flights_from_elsewhere\) = 0",
}


def _watches_deliveries(test: dict) -> bool:
    """Whether a test looks for unusual days, which is a question of what was delivered."""
    return (test.get("test_metadata") or {}).get("name", "").endswith("_is_usual")


def _has_threshold(test: dict) -> bool:
    """Whether a test has a threshold that is not part of its definition."""
    config = test["config"]
    kind = (test.get("test_metadata") or {}).get("name", "")
    allowed = [error for name, error in ERRORS.items() if re.fullmatch(name, kind)]
    error_if = config.get("error_if", "!= 0")
    return config.get("warn_if", "!= 0") != "!= 0" or not (
        error_if == "!= 0" or any(re.fullmatch(error, error_if) for error in allowed)
    )


def test_nothing_is_disabled_or_softened(project: Project) -> None:
    """What is delivered may only warn, if the test says what to do; what we make must hold."""
    wrong = [f"{name} is disabled" for name in project.manifest["disabled"]]
    for test in project.resources("test", "unit_test"):
        config = test["config"]
        of_source = any(name.startswith("source.") for name in test["depends_on"]["nodes"])
        of_source = of_source or _watches_deliveries(test)
        warns = config.get("severity", "error").lower() != "error"
        if warns and not (of_source and config["meta"].get("on_failure")):
            wrong.append(f"{test['name']} only warns")
        if _has_threshold(test):
            wrong.append(f"{test['name']} has a threshold: put it in the test's SQL")
        if config.get("limit"):
            wrong.append(f"{test['name']} has a limit")
    expect_none(wrong)


def test_every_model_is_tested(project: Project) -> None:
    tests = [*project.resources("test"), *project.manifest["unit_tests"].values()]
    tested = {name for test in tests for name in test["depends_on"]["nodes"]}
    untested = [m["name"] for m in project.models() if m["unique_id"] not in tested]
    expect_none(untested)


def test_every_fact_tests_its_grain_and_all_its_keys(project: Project) -> None:
    wrong = []
    for fact in project.models("marts"):
        if not fact["name"].startswith("fct_"):
            continue
        tests = project.tests_of(fact)
        names = [((test["test_metadata"] or {}).get("name", ""), test) for test in tests]
        if not any("unique" in name for name, _ in names):
            wrong.append(f"{fact['name']}: no test of its grain")
        covered = {
            test["column_name"] for name, test in names if name in ("unique", "relationships")
        }
        wrong += [
            f"{fact['name']}.{column}: no relationships test"
            for column in fact["columns"]
            if column.endswith("_key") and column not in covered
        ]
    expect_none(wrong)
