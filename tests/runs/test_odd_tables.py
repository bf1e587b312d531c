"""Whatever has become of the tables of runs: the next run succeeds, and is remembered in them."""

import pytest
from small_warehouse import SmallWarehouse

TABLE = "main_ops.node_results"
DAMAGE = {
    "dropped": f"drop table {TABLE}",
    "schema dropped": "drop schema main_ops cascade",
    "older": f"alter table {TABLE} drop column waited_for",
    "newer": f"alter table {TABLE} add column colour text",
    "another type": f"alter table {TABLE} alter column seconds type text",
    "not null": f"alter table {TABLE} add column mine text default 'x';"
    f"alter table {TABLE} alter column mine set not null",
    "unique": f"create unique index i on {TABLE} (unique_id)",
    "a view": f"drop table {TABLE}; create view {TABLE} as select 1 as one",
}
KEPT = {"another type", "not null", "unique", "a view"}


@pytest.mark.parametrize(
    ("damage", "command"),
    [*((damage, "run") for damage in DAMAGE), ("schema dropped", "seed"), ("older", "seed")],
)
def test_damaged_tables_are_made_good(warehouse: SmallWarehouse, damage: str, command: str) -> None:
    """`run` finds the damage when it begins, `seed` when it ends."""
    if command == "seed":
        (warehouse.directory / "seeds").mkdir(exist_ok=True)
        (warehouse.directory / "seeds" / "s.csv").write_text("a\n1\n")
    warehouse.rows(DAMAGE[damage], read_only=False)
    done = warehouse.dbt(command)
    assert done.success, done.exception
    assert warehouse.runs()[-1:] == [command]
    results = f"select count(*) from {TABLE} join main_ops.invocations using (invocation_id)"
    assert warehouse.rows(f"{results} where command = '{command}'") >= [(1,)]
    aside = "select table_name from information_schema.tables where table_name like '%_until_%'"
    assert len(warehouse.rows(aside)) == (damage in KEPT)


def test_what_was_set_aside_is_kept(warehouse: SmallWarehouse) -> None:
    warehouse.rows(DAMAGE["unique"], read_only=False)
    assert warehouse.dbt("run").success
    [(aside,)] = warehouse.rows(
        "select table_name from information_schema.tables where table_name like '%_until_%'"
    )
    assert warehouse.rows(f"select count(*) from main_ops.{aside}") == [(4,)]


def test_a_read_only_warehouse_is_left_alone(warehouse: SmallWarehouse) -> None:
    done = warehouse.dbt("source", "freshness", SMALL_ACCESS="read_only")
    assert done.exception is None
    assert warehouse.runs() == ["build"]
