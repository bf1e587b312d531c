"""Each mistake is made where it can be, and reads as it is meant."""

import pytest
import yaml
from equivalents import PATH, Equivalents
from mutants import Query, mutants_of

MADE = {
    "join type": ("select a.x from a left join b on a.k = b.k", "INNER JOIN b ON a.k = b.k"),
    "missing join key": ("select a.x from a join b on a.k = b.k and a.d = b.d", "ON a.k = b.k"),
    "dropped filter": ("select x from a where y = 1", "SELECT x FROM a"),
    "boundary": ("select x < 15 from a", "x <= 15"),
    "opposite": ("select x is not null from a", "x IS NULL"),
    "and for or": ("select x or y from a", "x AND y"),
    "removed coalesce": ("select coalesce(x, 0) from a", "SELECT x FROM a"),
    "wrong role": (
        "select scheduled_arrival_at_utc from a",
        "arrival_at_utc AS scheduled_arrival_at_utc",
    ),
    "swapped columns": ("select lat as latitude, lon as longitude from a", "lon AS latitude"),
    "utc for local": ("select timezone(tz, x) as y from a", "SELECT x"),
    "other aggregate": ("select sum(x) from a", "COUNT(x)"),
    "off by one": ("select x + interval '1' month from a", "INTERVAL '2' MONTH"),
    "other text": ("select x = 'kept' from a", "x = 'kept?'"),
    "arithmetic": ("select x + y from a", "x - y"),
    "missing case": (
        "select case when x then 1 when y then 2 end from a",
        "CASE WHEN y THEN 2 END",
    ),
    "missing union": ("select x from a union all select x from b", "SELECT x FROM b"),
    "other order": ("select row_number() over (order by x desc) from a", "ORDER BY x ASC)"),
    "other partition": ("select max(x) over (partition by k, d) from a", "PARTITION BY d)"),
    "other month": ("select date_trunc('month', x) from a", "DATE_TRUNC('DAY', x)"),
}


@pytest.mark.parametrize("operator", MADE)
def test_a_mistake_is_made(operator: str) -> None:
    sql, expected = MADE[operator]
    query = Query("model", f"with source as ({sql}) select * from source")
    made = [m.written(query) for m in mutants_of(query) if m.operator == operator]
    assert any(expected in text for text in made), made
    assert sql not in made


def test_every_mutant_has_its_own_name_and_place() -> None:
    query = Query("model", "with a as (select x + 1 as x, x + 1 as y from t) select * from a")
    mutants = list(mutants_of(query))
    assert len({mutant.name for mutant in mutants}) == len(mutants) == 4
    assert "model.a: off by one: 1 -> 2 (2)" in {mutant.name for mutant in mutants}


def test_a_query_is_cut_at_its_ctes() -> None:
    text = "with a as (select ')' as x), b as (select (1) from a) select * from b order by 1"
    parts = Query("model", text).parts
    assert parts == {
        "a": "select ')' as x",
        "b": "select (1) from a",
        "select": "select * from b order by 1",
    }


def test_equivalent_mutants_have_reasons() -> None:
    entries = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    assert all(len(entry["reason"]) > 20 and entry["mutants"] for entry in entries)
    assert Equivalents().reason("dim_x.members: missing union: union all -> distinct")
    assert not Equivalents().reason("fct_flights.flights: dropped filter: WHERE x -> nothing")
