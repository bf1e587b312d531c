"""Months that are taken out of a fact, and facts that are built in another schema."""

import json

import psycopg
import pytest
from harbour import ALL_KEYS, CROSSINGS, MONTHS, Harbour

WITHOUT_JANUARY = {"2024-02": 30, "2024-03": 20}


def detach(harbour: Harbour, expect: int = 0) -> str:
    arguments = json.dumps({"model_name": CROSSINGS, "day": "2024-02-15"})
    return harbour.dbt("run-operation", "detach_months_before", "--args", arguments, expect=expect)


def test_detached_months_stay_away_until_they_change(harbour: Harbour) -> None:
    printed = detach(harbour)
    assert "fct_crossings: took out 2024-01" in printed
    assert harbour.counts() == WITHOUT_JANUARY
    taken = "harbour_detached.fct_crossings_2024_01"
    assert harbour.value(f"select count(*) from {taken}") == 40
    assert harbour.foreign_keys() == ALL_KEYS

    harbour.deliver("2024-04", 5)
    harbour.build(CROSSINGS)
    assert harbour.counts() == WITHOUT_JANUARY | {"2024-04": 5}

    harbour.deliver("2024-01", 41, delivery=2)
    harbour.build(CROSSINGS)
    assert harbour.counts() == WITHOUT_JANUARY | {"2024-04": 5, "2024-01": 41}

    printed = detach(harbour, expect=1)
    assert f"{taken} is there already: drop it, or move it elsewhere" in printed
    assert harbour.counts() == WITHOUT_JANUARY | {"2024-04": 5, "2024-01": 41}
    harbour.rows(f"drop table {taken}")
    detach(harbour)
    assert harbour.value(f"select count(*) from {taken}") == 41

    harbour.build(CROSSINGS, options=("--full-refresh",))
    assert harbour.counts() == WITHOUT_JANUARY | {"2024-04": 5, "2024-01": 41}
    assert harbour.foreign_keys() == ALL_KEYS


def test_a_deferred_fact_is_followed_where_it_was_built(harbour: Harbour) -> None:
    state = str(harbour.directory / "state")
    own = ("--target", "own", "--target-path", "own")
    harbour.build("fct_ferry_days", options=("--defer", "--state", state, *own))
    assert harbour.counts("mine.fct_ferry_days") == MONTHS
    with pytest.raises(psycopg.errors.UndefinedTable):
        harbour.rows("select from mine.fct_crossings")
