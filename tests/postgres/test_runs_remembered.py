"""Runs are remembered on PostgreSQL, and none fails where they cannot be."""

import pytest
import yaml
from harbour import Harbour

RESULTS = "harbour_ops.node_results"
IN_THE_WAY = {
    "dropped": f"drop table {RESULTS} cascade",
    "schema dropped": "drop schema harbour_ops cascade",
    "older": f"alter table {RESULTS} drop column waited_for cascade",
    "another type": f"alter table {RESULTS} alter column seconds type text",
    "a view": f"drop table {RESULTS}; create view {RESULTS} as select 1 as one",
}
REFUSED = {
    "not null": f"alter table {RESULTS} add column mine text not null default 'x';"
    f"alter table {RESULTS} alter column mine drop default",
    "check": f"alter table {RESULTS} add check (status = 'nothing') not valid",
    "trigger": """create function no() returns trigger language plpgsql as
        $$ begin raise exception 'it''s $$body$$ % \\', chr(10); end $$;
        create trigger no before insert on harbour_ops.invocations execute function no()""".replace(
        "$$body$$", "$ $"
    ),
}
LAST = """
    select command, status, nodes, (
        select count(*) from harbour_ops.node_results as n where n.invocation_id = i.invocation_id
    )
    from harbour_ops.invocations as i order by started_at_utc desc limit 1
"""


def test_a_build_is_remembered(harbour: Harbour) -> None:
    [(command, status, nodes, rows)] = harbour.rows(LAST)
    assert (command, status) == ("build", "passed")
    assert nodes == rows > 10
    assert harbour.value(f"select count(*) from {RESULTS} where critical_step = 1") == 1
    assert (
        harbour.value(f"select rows_affected from {RESULTS} where node_name = 'fct_crossings'")
        is not None
    )


@pytest.mark.parametrize("damage", IN_THE_WAY)
def test_damaged_tables_are_made_good(harbour: Harbour, damage: str) -> None:
    harbour.rows(IN_THE_WAY[damage])
    printed = harbour.build("dim_ferry")
    assert harbour.rows(LAST) == [("build", "passed", 1, 1)]
    assert ("it is kept as" in printed) == (damage in ("another type", "a view"))


@pytest.mark.parametrize("obstacle", REFUSED)
def test_a_table_that_refuses_is_no_failure(harbour: Harbour, obstacle: str) -> None:
    before = harbour.rows(LAST)
    harbour.rows(REFUSED[obstacle])
    assert "this run is not remembered: " in harbour.build("dim_ferry")
    assert harbour.rows(LAST) == before


def test_a_locked_table_is_not_waited_for(harbour: Harbour) -> None:
    before = harbour.rows(LAST)
    with harbour.session() as session:
        session.execute(f"begin; lock table {RESULTS} in access exclusive mode")
        printed = harbour.build("dim_ferry")
        session.execute("rollback")
    assert "this run is not remembered: canceling statement due to lock timeout" in printed
    assert harbour.rows(LAST) == before


def test_hostile_messages_end_no_statement(harbour: Harbour) -> None:
    hostile = "it's \\\\ $$ $attempt_$ % %s {x} 漢字 😀"
    arguments = {"results": [{"node": {"unique_id": "x"}, "message": hostile, "failures": 10**30}]}
    harbour.dbt("run-operation", "remember_results", "--args", yaml.safe_dump(arguments))
    assert harbour.value(f"select message from {RESULTS} where unique_id = 'x'") == hostile
