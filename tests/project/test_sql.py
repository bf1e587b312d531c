"""The models are short and speak SQL that DuckDB, PostgreSQL and Spark all understand."""

import re
from pathlib import Path

import pytest
from project_manifest import ROOT, Project, expect_none

LONGEST_MODEL = 150

# What only some engine understands, and what to write instead.
ENGINE_ONLY = {
    r"::": "write cast(x as type)",
    r"\bqualify\b": "PostgreSQL has none: number the rows in a CTE, filter in the next",
    r"\bdistinct\s+on\b": "only PostgreSQL and DuckDB: number the rows",
    r"\*\s*exclude\b": "only DuckDB: list the columns",
    r"\*\s*except\b": "only Spark: list the columns",
    r"\*\s*replace\b": "only DuckDB: list the columns",
    r"\bgroup\s+by\s+all\b": "PostgreSQL has none: list the columns",
    r"\border\s+by\s+all\b": "only DuckDB: list the columns",
    r"\bstrftime\s*\(": "only DuckDB: use a dispatched macro",
    r"\bstrptime\s*\(": "only DuckDB: use a dispatched macro",
    r"\bto_char\s*\(": "only PostgreSQL: use a dispatched macro",
    r"\bdate_format\s*\(": "only Spark: use a dispatched macro",
    r"\btry_cast\s*\(": "PostgreSQL has none: use the dispatched macro",
    r"\bat\s+time\s+zone\b": "Spark has none: use the dispatched macros for local time",
    r"\bdate_?diff\s*\(": "arguments and result differ: use the dispatched macro",
    r"\bdate_?add\s*\(": "arguments and result differ: use the dispatched macro",
    r"\bepoch(_ms|_us)?\s*\(": "only DuckDB: use a dispatched macro",
    r"\bgenerate_series\s*\(": "Spark has none: use the dispatched macro",
    r"\bunnest\s*\(": "Spark has none: use a dispatched macro",
    r"\bifnull\s*\(": "PostgreSQL has none: coalesce",
    r"\bnvl\s*\(": "PostgreSQL has none: coalesce",
    r"\bhash\s*\(": "differs by engine: use the key macros",
    r"\bmd5\s*\(": "use the key macros",
    r"\b(arg_min|arg_max|min_by|max_by)\s*\(": "PostgreSQL has none: number the rows",
    r"\b(asof|positional)\s+join\b": "only DuckDB: a range join",
    r"\blist_\w+\s*\(": "only DuckDB",
    r"\bregexp_\w+\s*\(": "flags and names differ: use a dispatched macro",
    r"\bilike\b": "Spark has it late: lower() and like",
    r"\bcurrent_(timestamp|date)\b": "a build must give the same result on every day",
    r"\bnow\s*\(": "a build must give the same result on every day",
    r"(?<!/)//(?!/)": "integer division differs: use the dispatched macro",
}


def _code(path: Path) -> str:
    """Return a model's own SQL: no Jinja, no comments, no literals, lower case."""
    text = path.read_text(encoding="utf-8")
    for pattern in (r"\{#.*?#\}", r"\{\{.*?\}\}", r"\{%.*?%\}", r"/\*.*?\*/"):
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'(?:[^']|'')*'", "''", text).lower()


def test_models_speak_portable_sql(project: Project) -> None:
    wrong = []
    for model in project.models():
        code = _code(ROOT / model["original_file_path"])
        wrong += [
            f"{model['original_file_path']}: {match.group(0)!r}: {advice}"
            for pattern, advice in ENGINE_ONLY.items()
            if (match := re.search(pattern, code))
        ]
    expect_none(wrong)


@pytest.mark.parametrize(
    ("sql", "is_portable"),
    [
        ("select x::date", False),
        ("select *\n  exclude (a) from t", False),
        ("select cast(x as date) -- not x::date", True),
        ("select '::' as mark, {{ try_cast('x', 'date') }} as day", True),
        ("select a // b", False),
    ],
)
def test_the_check_of_the_dialect_can_fail(tmp_path: Path, sql: str, is_portable: bool) -> None:
    model = tmp_path / "model.sql"
    model.write_text(sql)
    assert is_portable is not any(re.search(pattern, _code(model)) for pattern in ENGINE_ONLY)


def test_models_are_short(project: Project) -> None:
    paths = [model["original_file_path"] for model in project.models()]
    lengths = {
        path: sum(bool(line.strip()) for line in (ROOT / path).read_text("utf-8").splitlines())
        for path in paths
    }
    expect_none(
        [f"{path}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST_MODEL],
        f"a model has at most {LONGEST_MODEL} lines that are not blank: give a step its own model",
    )
