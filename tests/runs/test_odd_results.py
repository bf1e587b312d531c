"""Whatever dbt hands to the hook: no run fails for it, and what can be known is remembered."""

import pytest
from small_warehouse import SmallWarehouse

NODE = {"unique_id": "model.x", "name": "x", "resource_type": "model"}
ODD = [
    # a result that is none, or a text
    None,
    "x",
    # no fields, no node, a node that is none
    {},
    {"node": None, "status": "success"},
    {"node": "x", "timing": "x", "adapter_response": "OK"},
    {"node": {"unique_id": 5, "name": None, "depends_on": {"nodes": 7}, "attached_node": [1]}},
    {"node": NODE | {"depends_on": {"nodes": [[1], None]}}},
    # numbers that are none, too large, or not a number
    {"node": NODE, "execution_time": "x", "failures": "x", "adapter_response": [1]},
    {"node": NODE, "execution_time": 1e300, "failures": 10**30, "thread_id": 3},
    {"node": NODE, "execution_time": float("nan"), "failures": float("inf")},
    # times that are none
    {"node": NODE, "timing": None},
    {"node": NODE, "timing": [{}, None]},
    {"node": NODE, "timing": [{"started_at": "yesterday", "completed_at": 5}]},
    # it waits for itself
    {
        "node": NODE | {"depends_on": {"nodes": ["model.x"]}},
        "timing": [{"started_at": "2026-01-01", "completed_at": "2026-01-01"}],
    },
]


@pytest.mark.parametrize("results", [None, "text", ODD], ids=["none", "text", "odd"])
def test_odd_results_are_remembered_as_far_as_they_go(
    warehouse: SmallWarehouse, results: object
) -> None:
    warehouse.remember(results)
    nodes = len(ODD) if results is ODD else 0
    assert warehouse.rows(
        "select command, nodes from main_ops.invocations order by started_at_utc"
    ) == [("build", 4), ("run-operation", nodes)]
    assert warehouse.rows("select count(*) from main_ops.node_results") == [(4 + nodes,)]


def result(
    name: str, started: int, ended: int, *parents: str, kind: str = "model"
) -> dict[str, object]:
    moment = "2026-01-01 00:00:{:02}"
    return {
        "node": {"unique_id": name, "resource_type": kind, "depends_on": {"nodes": parents}},
        "status": "success",
        "timing": [
            {"started_at": moment.format(started), "completed_at": moment.format(started)},
            {"started_at": moment.format(started), "completed_at": moment.format(ended)},
        ],
    }


def test_the_critical_path_is_what_the_end_waited_for(warehouse: SmallWarehouse) -> None:
    warehouse.remember(
        [
            result("quick", 0, 1),
            result("slow", 0, 5),
            result("unit", 5, 6, "fact", kind="unit_test"),
            result("test of quick", 1, 9, "quick", kind="test"),
            result("other test of quick", 9, 10, "quick", kind="test"),
            result("fact", 9, 20, "quick", "slow", "elsewhere"),
            result("aside", 20, 21, "fact"),
            result("last", 20, 30, "fact"),
            result("test of slow", 21, 25, "slow", kind="test"),
        ]
    )
    assert warehouse.rows(
        "select critical_step, unique_id, waited_for from main_ops.node_results"
        " where critical_step is not null and started_at_utc < '2026-01-02' order by 1"
    ) == [
        (1, "quick", None),
        (2, "test of quick", "quick"),
        (3, "fact", "test of quick"),
        (4, "last", "fact"),
    ]
    assert warehouse.rows(
        "select unique_id, waited_for from main_ops.node_results"
        " where waited_for is not null and critical_step is null order by 1"
    ) == [("aside", "fact"), ("other test of quick", "quick"), ("test of slow", "slow")]
