"""A whole table, read as it was at one moment."""

import pytest
from shop import Shop

from python_loaders.fetch.database import extract


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.create()
    for number in range(3):
        shop.order(number, number, f"s{number}")
    shop.describe()
    return shop


def test_a_table_comes_as_one_file(filled: Shop) -> None:
    filled.fetch()
    assert filled.fetched()["status"] == ["s0", "s1", "s2"]
    filled.land()
    assert filled.landed() == [(0, "s0"), (1, "s1"), (2, "s2")]
    [commit] = filled.commits()
    origin = commit.origin
    assert (origin["rows"], origin["number"], origin["target"]) == (3, 1, "shop.orders")
    assert origin["uri"].endswith(f"/{filled.table}")
    assert "window" not in origin


def test_the_next_one_takes_its_place(filled: Shop) -> None:
    filled.move()
    filled.run("delete from orders where order_id = 1")
    filled.order(2, 2, "paid")
    filled.move()
    assert filled.landed() == [(0, "s0"), (2, "paid")]


def test_an_unchanged_table_brings_nothing(filled: Shop) -> None:
    filled.move()
    assert "unchanged" in filled.fetch().output
    assert filled.files() == []


def test_a_table_that_is_again_as_it_was_is_landed_again(filled: Shop) -> None:
    """The bytes would be those of a delivery that was replaced, and that would be stale."""
    filled.move()
    filled.run("update orders set status = 'x' where order_id = 1")
    filled.move()
    filled.run("update orders set status = 's1' where order_id = 1")
    filled.move()
    assert filled.landed() == [(0, "s0"), (1, "s1"), (2, "s2")]
    assert len(filled.commits()) == 3


def test_an_empty_table_is_refused(filled: Shop) -> None:
    filled.move()
    filled.run("delete from orders")
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert "is empty. Nothing was delivered" in result.stderr
    assert filled.files() == []


def test_all_is_of_one_moment(filled: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others commit between the counting and the reading is not seen."""
    genuine = extract.count_rows

    def count_rows(*arguments: object) -> int:
        counted = genuine(*arguments)
        filled.run("update orders set status = 'later' where order_id = 0")
        filled.order(9, 9)
        return counted

    monkeypatch.setattr(extract, "count_rows", count_rows)
    filled.fetch()
    assert filled.fetched()["status"] == ["s0", "s1", "s2"]


def test_a_dated_copy_of_each_day(filled: Shop) -> None:
    pattern = r"@\d+\.(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T"
    filled.describe(delivery={"mode": "snapshot", "period": "day", "key_pattern": pattern})
    filled.move()
    filled.move()
    assert len(filled.commits()) == 2
    assert filled.commits()[0].period_start is not None
    assert len(filled.landed()) == 3


def test_a_view_is_read_like_a_table(filled: Shop) -> None:
    filled.run("create view open_orders as select * from orders where order_id > 0")
    filled.describe(table=filled.table.replace("orders", "open_orders"))
    filled.fetch()
    assert filled.fetched()["order_id"] == [1, 2]


def test_a_table_that_is_not_there(filled: Shop) -> None:
    filled.describe(table=filled.table.replace("orders", "ordres"))
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert "there is no table or view" in result.stderr
    assert "ordres" in result.stderr
