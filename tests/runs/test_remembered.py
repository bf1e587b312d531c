"""Each run of dbt leaves its results in the warehouse, as dbt itself tells them."""

import json

import pytest
from small_warehouse import HOSTILE, SmallWarehouse


def test_a_build_is_remembered_as_dbt_tells_it(warehouse: SmallWarehouse) -> None:
    assert warehouse.rows(
        """select command, selection, target_name, engine, git_sha, commit_seq, as_of,
            is_full_refresh, is_empty, threads, status, nodes, failed_nodes
        from main_ops.invocations"""
    ) == [
        ("build", None, "duckdb", "duckdb", "abc123", None, None, False, False, 2, "passed", 4, 0)
    ]
    warehouse.dbt("build", "--full-refresh", FINDS="true")
    told = json.loads((warehouse.directory / "target" / "run_results.json").read_text())
    [(run,)] = warehouse.rows(
        "select invocation_id from main_ops.invocations where status = 'failed'"
        " and is_full_refresh and failed_nodes = 1"
    )
    assert run == told["metadata"]["invocation_id"]
    remembered = {
        name: rest
        for name, *rest in warehouse.rows(
            f"""select unique_id, status, failures, thread, message, seconds,
                strftime(started_at_utc, '%Y-%m-%dT%H:%M:%S.%fZ'),
                strftime(completed_at_utc, '%Y-%m-%dT%H:%M:%S.%fZ')
            from main_ops.node_results where invocation_id = '{run}'"""
        )
    }
    expected = {
        result["unique_id"]: [
            *(result[name] for name in ("status", "failures", "thread_id", "message")),
            pytest.approx(result["execution_time"]),
            result["timing"][0]["started_at"],
            result["timing"][-1]["completed_at"],
        ]
        for result in told["results"]
        if not result["unique_id"].startswith("operation.")
    }
    assert remembered == expected
    assert remembered["test.contrail.finds_a_row"][:2] == ["fail", 1]


def test_every_command_that_runs_nodes_is_remembered_and_no_other(
    warehouse: SmallWarehouse,
) -> None:
    for command in ("parse", "compile", "docs generate", "run", "test", "source freshness"):
        assert warehouse.dbt(*command.split()).exception is None
    assert warehouse.runs() == ["build", "run", "test", "freshness"]
    assert warehouse.rows(
        "select resource_type, status, attached_to from main_ops.node_results"
        " where resource_type = 'source'"
    ) == [("source", "warn", None)]


def test_a_retry_is_remembered(warehouse: SmallWarehouse) -> None:
    warehouse.dbt("build", "--select", "b", "finds_a_row", FINDS="true")
    warehouse.dbt("retry")
    assert warehouse.rows(
        "select selection, status, nodes from main_ops.invocations order by started_at_utc"
    )[1:] == [("--select b finds_a_row", "failed", 2), ("--select b finds_a_row", "passed", 1)]


def test_a_build_of_nothing_is_told_apart(warehouse: SmallWarehouse) -> None:
    assert warehouse.dbt("run", "--empty").success
    assert warehouse.rows(
        "select command from main_ops.invocations where is_empty and not is_full_refresh"
    ) == [("run",)]


def test_the_newest_staged_commit_is_remembered(warehouse: SmallWarehouse) -> None:
    warehouse.rows(
        "create schema raw_contrail; create table raw_contrail.deliveries as"
        " select unnest([3::bigint, 7]) as seq",
        read_only=False,
    )
    as_of = ("--vars", "as_of_seq: 7")
    warehouse.dbt("run", *as_of, CONTRAIL_GIT_SHA="", GITHUB_SHA="def456")
    assert warehouse.rows(
        "select commit_seq, git_sha, as_of from main_ops.invocations where command = 'run'"
    ) == [(7, "def456", "7")]


def test_messages_stay_as_they_were(warehouse: SmallWarehouse) -> None:
    messages = [HOSTILE, "\x1b[31m\r\t\u2028\u202e", "long" * 1000, " ", "null", ""]
    warehouse.remember(
        [
            {"node": {"unique_id": HOSTILE}, "status": str(i), "message": message}
            for i, message in enumerate(messages)
        ]
    )
    assert warehouse.rows(
        "select unique_id, message from main_ops.node_results where status in ('0', '1', '2', '3',"
        " '4', '5') order by status"
    ) == [(HOSTILE, message[:1000] or None) for message in messages]
    assert warehouse.rows("select count(*) from b") == [(1,)]


def test_what_is_no_text_is_replaced(warehouse: SmallWarehouse) -> None:
    assert warehouse.dbt("run-operation", "remember_halves").success
    assert warehouse.rows(
        "select message from main_ops.node_results where unique_id = 'unknown'"
    ) == [("a\ufffdb\ufffdc😀d\ufffde\\ufffd",)]


def test_an_error_of_the_engine_is_remembered(warehouse: SmallWarehouse) -> None:
    message = HOSTILE.replace("'", "''")
    test = warehouse.directory / "tests" / "breaks.sql"
    code = f"select 1 from a where error('{message}') is not null"
    test.write_text(f"{{% raw %}}{code}{{% endraw %}}")
    try:
        warehouse.dbt("test", "--select", "breaks")
    finally:
        test.unlink()
    [(status, message)] = warehouse.rows(
        "select status, message from main_ops.node_results where node_name = 'breaks'"
    )
    assert status == "error"
    assert HOSTILE.replace("\n", "\n  ") in message


def test_old_runs_are_forgotten(warehouse: SmallWarehouse) -> None:
    warehouse.rows(
        """update main_ops.invocations set started_at_utc = now()::timestamp - interval 10 day""",
        read_only=False,
    )
    warehouse.dbt("run")
    assert warehouse.runs() == ["build", "run"]
    done = warehouse.dbt("run-operation", "forget_runs", "--args", "days: 9")
    assert done.success
    assert warehouse.runs() == ["run"]
    assert warehouse.rows(
        "select count(*), count(distinct invocation_id) from main_ops.node_results"
    ) == [(2, 1)]
