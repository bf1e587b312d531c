"""The target spark_thrift: the same macros, stager and comparison behind a server."""

import pytest
from operations import Build, World
from slices import Delivery
from warehouse_on_spark import FIRST


def test_a_server_gives_the_rows_of_duckdb(served_world: World) -> None:
    served_world.play([*FIRST, Build()])
    assert served_world.warehouse.built["fct_flights"] == ["2013-01", "2013-03"]
    assert served_world.warehouse.differences(served_world.log) == []


def test_a_corrected_month_is_overwritten_alone(served_world: World) -> None:
    served_world.play([Delivery("bts", "2013-02", "late"), Build()])
    assert served_world.warehouse.built["fct_flights"] == ["2013-02", "2013-02"]
    assert served_world.warehouse.differences(served_world.log) == []


def test_two_models_at_once_are_refused(served_world: World) -> None:
    with pytest.raises(AssertionError, match=r"threads is 2 and has to be 1"):
        served_world.warehouse.dbt.run(
            served_world.warehouse.data, "run", "--select", "dim_carrier", "--threads", "2"
        )
