"""One Spark of each kind for all tests of this directory: its start would dominate them."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from operations import World
from thrift_server import thrift_server
from warehouse_on_spark import SparkWarehouse


@pytest.fixture(scope="session")
def _spark() -> None:
    if not importlib.util.find_spec("pyspark"):
        pytest.skip("Spark has an environment of its own: make test-spark")


@pytest.fixture(scope="session")
def served_world(_spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same behind a Thrift server."""
    home = tmp_path_factory.mktemp("served")
    with thrift_server(home / "server") as port, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTRAIL_SPARK_PORT", str(port))
        duckdb = tmp_path_factory.mktemp("duckdb")
        yield World(SparkWarehouse.empty(home / "data", duckdb, target="spark_thrift"))


@pytest.fixture(scope="session")
def world(_spark: None, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A landing zone, and its warehouse on Spark, in which nothing is landed yet."""
    home: Path = tmp_path_factory.mktemp("spark") / "it's a place"
    return World(SparkWarehouse.empty(home, tmp_path_factory.mktemp("duckdb")))
