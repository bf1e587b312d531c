"""Compiled models keep to syntax that is known to build on DuckDB, PostgreSQL and Spark.

test_sql.py looks for words that betray an engine; this looks at what a parser makes of a model. A
model that uses a piece of syntax for the first time fails here. Build it on all three engines
(`make test`, `make test-spark`), then add it to PROVEN; or write it in a dispatched macro.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from project_manifest import expect_none
from sqlglot import exp

# The classes of sqlglot that all three engines have taken.
PROVEN = """
    Abs Add Alias And AtTimeZone Between Boolean CTE Case Cast Coalesce Column Concat Count
    DPipe DataType DataTypeParam DateDiff DateFromParts DateTrunc Distinct Div EQ Explode
    Extract From GT GTE GenerateSeries Group Having Identifier If In Interval Is Join LT LTE
    Lag Lead Left Like Literal MD5 Max Min Mod Mul NEQ Neg Not Null Nullif Or Order Ordered
    Pad Paren PercentileCont RegexpLike RowNumber Select SplitPart Star Sub Subquery Substring
    Sum Table TableAlias TimestampTrunc Union Var Where Window With WithinGroup
"""


def unproven(sql: str) -> Iterator[str]:
    """Yield what of a statement is not known to build everywhere."""
    for node in sqlglot.parse_one(sql, dialect="duckdb").walk():
        name = type(node).__name__
        if name not in PROVEN.split():
            yield name
        match node:
            case exp.Star() if any(
                node.args.get(part) for part in ("except_", "replace", "rename")
            ):
                yield "a star with except, replace or rename"
            case exp.Group() if node.args.get("all"):
                yield "group by all"
            case exp.Distinct() if node.args.get("on"):
                yield "distinct on"
            case exp.Join() if node.method or node.kind in ("SEMI", "ANTI"):
                yield f"{node.method or node.kind} join".lower()
            case exp.With() if node.recursive:
                yield "with recursive"


def test_models_keep_to_syntax_that_every_engine_has(empty_warehouse: Path) -> None:
    manifest = json.loads((empty_warehouse.parents[1] / "target" / "manifest.json").read_text())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) > 50
    expect_none(
        [
            f"{model['original_file_path']}: {what}"
            for model in models
            for what in sorted(set(unproven(model["compiled_code"])))
        ]
    )


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "Qualify"),
        ("select distinct on (a) a, b from t", "distinct on"),
        ("select * exclude (a) from t", "a star with except, replace or rename"),
        ("select * replace (1 as a) from t", "a star with except, replace or rename"),
        ("select a, count(*) from t group by all", "group by all"),
        ("select * from t asof join u on t.a >= u.a", "asof join"),
        ("select * from t semi join u on t.a = u.a", "semi join"),
        ("select a from t where a ilike 'x'", "ILike"),
        ("select try_cast(a as int) from t", "TryCast"),
        ("select a // b from t", "IntDiv"),
        ("select [1, 2]", "Array"),
        ("select {'a': 1}", "Struct"),
        ("select a[1:2] from t", "Slice"),
        ("select * from t using sample 3", "TableSample"),
        ("pivot t on a using sum(b)", "Pivot"),
        (
            "with recursive r as (select 1 as n union all select n + 1 from r) select * from r",
            "with recursive",
        ),
    ],
)
def test_syntax_of_some_engines_only_would_be_found(sql: str, what: str) -> None:
    assert what in set(unproven(sql))
