"""A small warehouse that was built once, copied for each test."""

import shutil
from pathlib import Path

import pytest
from small_warehouse import SmallWarehouse


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallWarehouse:
    warehouse = SmallWarehouse(tmp_path_factory.mktemp("runs") / "project")
    done = warehouse.dbt("build", CONTRAIL_GIT_SHA="abc123")
    assert done.success, done.exception
    shutil.copy(warehouse.database, warehouse.directory / "built.duckdb")
    return warehouse


@pytest.fixture
def warehouse(built: SmallWarehouse) -> SmallWarehouse:
    Path(f"{built.database}.wal").unlink(missing_ok=True)
    shutil.copy(built.directory / "built.duckdb", built.database)
    return built
