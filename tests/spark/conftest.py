"""One Spark for all tests of this directory: its start would dominate them."""

import importlib.util
from pathlib import Path

import pytest
from operations import World
from warehouse_on_spark import SparkWarehouse


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A landing zone, and its warehouse on Spark, in which nothing is landed yet."""
    if not importlib.util.find_spec("pyspark"):
        pytest.skip("Spark has an environment of its own: make test-spark")
    home: Path = tmp_path_factory.mktemp("spark") / "it's a place"
    return World(SparkWarehouse.empty(home, tmp_path_factory.mktemp("duckdb")))
