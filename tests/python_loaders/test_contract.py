import re
from pathlib import Path

import pytest
import yaml
from ferry_project import CONTRACT, REPOSITORY, Project

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.contract.model import Table
from python_loaders.contract.options import Rejects
from python_loaders.contract.types import parse_type
from python_loaders.errors import ContractError


def refusal(project: Project, old: str, new: str) -> str:
    assert old in CONTRACT
    project.describe(CONTRACT.replace(old, new))
    result = project.land()
    assert result.exit_code == 4
    assert "_ferries__sources.yml" in result.output
    assert "source ferries" in result.output
    return result.output


def test_the_contracts_of_the_repository_are_valid() -> None:
    tables = loadable_tables(load_sources(REPOSITORY / "models" / "staging"))
    assert {"nycflights13.flights", "bts.on_time_monthly"} <= {t.full_name for t in tables}
    monthly = next(table for table in tables if table.full_name == "bts.on_time_monthly")
    assert len(monthly.landed_columns) == 109


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("data_type: smallint", "data_type: int2", ["column year", "'int2' is not one of"]),
        ("optional: true", "optoinal: true", ["column note", "optoinal", "'optional'"]),
        (
            "null_values: [NA]",
            "nul_values: [NA]",
            ["table crossings", "'nul_values' is no key", "mean 'null_values'?", "Known: files,"],
        ),
        (
            "null_values: [NA]",
            "format: xml\n                records: crossing",
            ["records: 'crossing' is not a path from the root, like /a/b"],
        ),
        ("mode: replace", "mode: upsert", ["table crossings", "'replace', 'append'"]),
        ("key_columns: [year]", "key_columns: [yaer]", ["no column 'yaer'"]),
        (", key_columns: [year]", "", ["key must come from exactly one of"]),
        ("period: year", "period: month", ["needs year and month"]),
        ("delivery:", "deliveries:", ["deliveries is unknown", "'delivery'"]),
        ("aliases: [Vessel]", "aliases: [Fare]", ["'fare' names both"]),
        ("null_values: [NA]", "encoding: utf-9", ["utf-9", "unknown"]),
        ("name: crossings", "name: Crossings;", ["table Crossings;", "name:"]),
        ("extracts:", "contract: frozen\n            extracts:", ["'freeze', 'evolve'"]),
        (
            "extracts:",
            "contract: freeze\n            rejects: {max_rows: 1}\n            extracts:",
            ["contract: freeze lands no delivery with a bad row", "say contract: quarantine"],
        ),
        (
            "extracts:",
            "contract: quarantine\n            rejects: {}\n            extracts:",
            ["rejects allows no bad row", "say contract: freeze"],
        ),
        ("extracts:", "guard: {max_row_loss: 2}\n            extracts:", ["max_row_loss"]),
        ("extracts:", "require_any: [[yaer]]\n            extracts:", ["no column 'yaer'"]),
    ],
)
def test_a_wrong_contract_is_refused_with_its_place(
    project: Project, old: str, new: str, words: list[str]
) -> None:
    message = refusal(project, old, new)
    assert [word for word in words if word not in message] == []


def test_broken_yaml_names_the_file_and_line(project: Project) -> None:
    project.describe("sources: [")
    result = project.land()
    assert result.exit_code == 4
    assert "_ferries__sources.yml: not valid YAML" in result.output
    assert re.search(r"line \d", result.output)


def test_a_source_described_twice_is_refused(project: Project) -> None:
    project.describe(CONTRACT, source="again")
    result = project.land()
    assert result.exit_code == 4
    assert "already described" in result.output


@pytest.mark.parametrize(
    ("meta", "mode", "limit"),
    [
        ("", "freeze", Rejects()),
        ("rejects: {max_rows: 3}", "quarantine", Rejects(max_rows=3)),
        ("contract: quarantine", "quarantine", Rejects(max_ratio=0.01)),
        ("contract: quarantine, rejects: {max_rows: 3}", "quarantine", Rejects(max_rows=3)),
        ("contract: evolve", "evolve", Rejects()),
        ("contract: evolve, rejects: {max_rows: 3}", "evolve", Rejects(max_rows=3)),
    ],
)
def test_limits_alone_mean_quarantine(meta: str, mode: str, limit: Rejects) -> None:
    table = Table.model_validate(
        {"name": "crossings", "config": {"meta": yaml.safe_load(f"{{{meta}}}")}}
    )
    assert (table.mode, table.reject_limit) == (mode, limit)


def test_foreign_keys_of_dbt_are_ignored(project: Project) -> None:
    project.describe(
        CONTRACT.replace(
            "      - name: crossings\n",
            "      - name: crossings\n        loaded_at_field: _landed_at\n        tags: [x]\n",
        ).replace(
            "            extracts:",
            "            owner: me\n            contact: you\n            extracts:",
        )
    )
    assert project.land().exit_code == 0


@pytest.mark.parametrize(
    ("test", "required"),
    [
        ("not_null", True),
        ("{not_null: {config: {meta: {why: x}}}}", True),
        ("{not_null: {config: {where: year > 2000}}}", False),
        ("{not_null: {config: {severity: warn}}}", False),
        ("unique", False),
    ],
)
def test_only_a_not_null_test_of_every_row_makes_a_column_required(
    project: Project, test: str, required: bool
) -> None:
    project.describe(CONTRACT.replace("data_tests: [not_null]}", f"data_tests: [{test}]}}", 1))
    [table] = loadable_tables(load_sources(project.root / "models" / "staging"))
    assert table.landed_columns[0].required is required


def fingerprint(directory: Path) -> str:
    [table] = loadable_tables(load_sources(directory))
    return table.fingerprint(table.extracts[0])


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("name: year,", "name: year, description: The year,", True),
        ("aliases: [Vessel]", "aliases: [Vessel, Boat]", True),
        ('files: ["crossings*.csv"]', 'files: ["*.csv"]', True),
        ("null_values: [NA]", "null_values: [NA]\n                limits: {max_ratio: 9}", True),
        ("null_values: [NA]", "null_values: [NA]\n                decimal: '.'", True),
        ("null_values: [NA]", "null_values: [NA]\n                decimal: ','", False),
        ("data_type: integer", "data_type: bigint", False),
        ("null_values: [NA]", "null_values: [NA, '-']", False),
    ],
)
def test_the_fingerprint_changes_with_what_is_landed(
    project: Project, old: str, new: str, same: bool
) -> None:
    staging = project.root / "models" / "staging"
    before = fingerprint(staging)
    project.describe(CONTRACT.replace(old, new))
    assert (fingerprint(staging) == before) is same


def test_a_table_without_extracts_is_not_the_loaders() -> None:
    assert Table(name="seen", source="x").extracts == []


def test_decimals_have_sensible_digits() -> None:
    assert parse_type("Decimal(9, 2)").duckdb == "decimal(9,2)"
    for wrong in ("decimal(0,0)", "decimal(2,3)", "decimal(39,1)", "numeric"):
        with pytest.raises(ValueError, match="is not one of"):
            parse_type(wrong)


def test_no_sources_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="Nothing can be landed"):
        load_sources(tmp_path)
