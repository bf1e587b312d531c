"""Write the table of docs/missing-values.md: what null means in each column of the marts.

Usage: python scripts/missing_values.py [--check]

The source is `config.meta.null_means` of the columns in models/marts. --check writes nothing and
fails if a mart has no test of it, or if the page is not what it would be now.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "missing-values.md"
MARTS = ROOT / "models" / "marts"
MARK = "<!-- from here on written by scripts/missing_values.py -->\n"
REASONS = ("not_applicable", "unknown", "not_yet")
TEST = "null_only_when"

Model = dict[str, Any]


def read_marts() -> Iterator[Model]:
    """Yield what the YAML files say of each mart."""
    for path in sorted(MARTS.rglob("*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])


def null_means(column: dict[str, Any]) -> dict[str, str]:
    """Return reasons why a column may be null, with their conditions; none: it never is."""
    return column.get("config", {}).get("meta", {}).get("null_means", {})


def find_problems(marts: list[Model]) -> list[str]:
    """Return the marts whose nulls nobody tests, and the reasons that do not exist."""
    untested = [mart["name"] for mart in marts if not any(TEST in t for t in _tests(mart))]
    return [
        *(f"{name}: no test {TEST}" for name in untested),
        *(
            f"{mart['name']}.{column['name']}: {reason} is none of {', '.join(REASONS)}"
            for mart in marts
            for column in mart["columns"]
            for reason in null_means(column)
            if reason not in REASONS
        ),
    ]


def _tests(mart: Model) -> list[dict[str, Any]]:
    return [test for test in mart.get("data_tests", []) if isinstance(test, dict)]


def table(marts: list[Model]) -> str:
    """Return a row for each column and rule, with the marts that share it."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for mart in marts:
        for column in mart["columns"]:
            if means := null_means(column):
                key = (column["name"], *(_shown(means.get(reason)) for reason in REASONS[:2]))
                rows.setdefault(key, []).append(f"`{mart['name']}`")
    lines = [
        f"| `{name}` | {' | '.join(conditions)} | {', '.join(names)} |"
        for (name, *conditions), names in sorted(rows.items())
    ]
    head = "| column | not applicable where | unknown where | in |\n|---|---|---|---|\n"
    return head + "\n".join(lines) + "\n"


def _shown(condition: str | None) -> str:
    return {None: "", "any": "no column says"}.get(condition, f"`{condition}`")


def main() -> None:
    """Write the table, or check it."""
    marts = list(read_marts())
    problems = find_problems(marts)
    before = PAGE.read_text(encoding="utf-8")
    after = before.partition(MARK)[0] + MARK + "\n" + table(marts)
    if sys.argv[1:] == ["--check"]:
        if before != after:
            problems.append(f"{PAGE.name} is old: run python scripts/missing_values.py")
    else:
        PAGE.write_text(after, encoding="utf-8")
    if problems:
        raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main()
