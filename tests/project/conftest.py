"""What dbt knows about the project, found out once for all tests of this folder."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from project_manifest import BIN, ROOT, Project


def _run(command: list[str], scratch: Path) -> None:
    environment = os.environ | {
        "CONTRAIL_DATA": str(scratch / "data"),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(scratch / "target"),
        "DBT_LOG_PATH": str(scratch / "logs"),
    }
    result = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{result.stdout}\n{result.stderr}", pytrace=False)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Parse the project; no warehouse and no data are needed."""
    scratch = tmp_path_factory.mktemp("parsed")
    (scratch / "data").mkdir()
    _run(["dbt", "--quiet", "parse", "--no-partial-parse"], scratch)
    return Project(json.loads((scratch / "target" / "manifest.json").read_text()))


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build every relation from an empty landing."""
    scratch = tmp_path_factory.mktemp("empty")
    (scratch / "data").mkdir()
    _run(["contrail", "stage"], scratch)
    _run(["dbt", "--quiet", "build", "--exclude-resource-type", "test", "unit_test"], scratch)
    yield scratch / "data" / "warehouse.duckdb"
    shutil.rmtree(scratch)


@pytest.fixture(scope="session")
def built_columns(empty_warehouse: Path) -> dict[tuple[str, str], list[str]]:
    """Return the columns of everything that was built, by (schema, name)."""
    columns: dict[tuple[str, str], list[str]] = {}
    with duckdb.connect(str(empty_warehouse), read_only=True) as warehouse:
        for schema, relation, column in warehouse.execute(
            "select table_schema, table_name, column_name from information_schema.columns"
            " order by ordinal_position"
        ).fetchall():
            columns.setdefault((schema, relation), []).append(column)
    return columns


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Every text file under version control (of a copy without git: every file that counts)."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        names = [name for name in listed.split("\0") if name]
    else:
        skipped = {".venv", ".venv-spark", "data", "target", "logs", ".git"}
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and path.relative_to(ROOT).parts[0] not in skipped
        ]
    binary = {".zip", ".gz", ".parquet", ".png", ".whl"}
    return [
        ROOT / name for name in names if Path(name).suffix not in binary and (ROOT / name).is_file()
    ]
