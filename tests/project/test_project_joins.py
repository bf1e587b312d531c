"""No join of the project repeats rows, but where a comment says why it should."""

import json
from pathlib import Path

import pytest
from project_manifest import expect_none

from python_loaders.joins.check import ModelJoin, check


@pytest.fixture(scope="module")
def joins(empty_warehouse: Path) -> list[ModelJoin]:
    manifest = empty_warehouse.parents[1] / "target" / "manifest.json"
    return check(json.loads(manifest.read_text()))


def test_no_join_repeats_rows_unless_it_says_why(joins: list[ModelJoin]) -> None:
    assert len(joins) >= 40
    expect_none([f"{j.path}: {j.join.sql}: {j.problem}" for j in joins if j.problem])


def test_a_join_without_one_of_its_keys_would_be_found(empty_warehouse: Path) -> None:
    manifest = json.loads((empty_warehouse.parents[1] / "target" / "manifest.json").read_text())
    fact = manifest["nodes"]["model.contrail.fct_flights"]
    lines = fact["compiled_code"].splitlines()
    ends = [n for n, line in enumerate(lines) if "< carriers.valid_to" in line]
    assert len(ends) == 1
    fact["compiled_code"] = "\n".join(lines[: ends[0]] + lines[ends[0] + 1 :])
    found = [j for j in check(manifest) if j.problem]
    assert [(j.model, j.join.sql) for j in found] == [("fct_flights", "left join carriers")]
