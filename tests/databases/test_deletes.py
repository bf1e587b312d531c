"""Rows that are gone at the source: a list of the keys that exist comes with every window."""

import pytest
from macro import latest_rows
from shop import Shop

CURSOR = {"column": "updated_at", "lag": "10 seconds"}
DELETES = {"key": ["order_id"], "into": "order_keys"}
KEYS = "raw_shop.order_keys"


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.create()
    for number in (1, 2, 3):
        shop.order(number, number)
    shop.describe(cursor=CURSOR, deletes=DELETES, keys=True)
    return shop


@pytest.mark.fault(
    "row deleted at the source",
    outcome="no longer live, if the contract asks for it",
)
def test_a_deleted_row_is_no_longer_live(filled: Shop) -> None:
    filled.move()
    assert filled.current(KEYS) == [(1, "new"), (2, "new"), (3, "new")]
    filled.run("delete from orders where order_id = 2")
    filled.move()
    assert filled.current(KEYS) == [(1, "new"), (3, "new")]
    assert (2, "new") in filled.landed()  # what was delivered stays


def test_a_row_that_comes_back_is_live_again(filled: Shop) -> None:
    filled.move()
    filled.run("delete from orders where order_id = 2")
    filled.move()
    filled.order(2, 60, "again")
    filled.move()
    assert filled.current(KEYS) == [(1, "new"), (2, "again"), (3, "new")]


def test_rows_and_keys_are_of_one_moment(filled: Shop) -> None:
    filled.fetch()
    names = [
        path.name.partition("@")[2] for t in ("orders", "order_keys") for path in filled.files(t)
    ]
    assert len(names) == 2
    assert names[0] == names[1]


def test_deletions_come_without_new_rows(filled: Shop) -> None:
    filled.move()
    filled.run("delete from orders where order_id = 1")
    filled.describe(cursor=CURSOR | {"lag": 0}, deletes=DELETES, keys=True)
    filled.fetch()
    assert filled.files() == []
    assert len(filled.files("order_keys")) == 1
    filled.land()
    assert filled.current(KEYS) == [(2, "new"), (3, "new")]


def test_the_same_keys_are_not_delivered_again(filled: Shop) -> None:
    filled.move()
    filled.order(3, 30, "paid")
    filled.fetch()
    assert len(filled.files()) == 1
    assert filled.files("order_keys") == []


@pytest.mark.fault(
    "row deleted at the source",
    outcome="no longer live, if the contract asks for it",
)
def test_rows_that_are_newer_than_the_list_are_live(filled: Shop) -> None:
    """Whatever is landed first, and whatever is still missing."""
    filled.fetch()
    filled.order(4, 60)
    filled.run("delete from orders where order_id = 1")
    filled.fetch()
    [rows_1, rows_2], [keys_1, keys_2] = filled.files(), filled.files("order_keys")
    everything = [(1, "new"), (2, "new"), (3, "new"), (4, "new")]
    expected = [
        (rows_2, [(2, "new"), (3, "new"), (4, "new")]),  # of the second window, by its lag
        (keys_1, [(2, "new"), (3, "new"), (4, "new")]),
        (rows_1, everything),
        (keys_2, everything[1:]),
    ]
    for path, live in expected:
        assert filled.contrail("land", "--file", str(path)).exit_code == 0
        assert filled.current(KEYS) == live


def test_the_guard_holds_back_a_list_that_lost_too_much(filled: Shop) -> None:
    filled.describe(cursor=CURSOR, deletes=DELETES, keys=True, guard=0.2)
    filled.move()
    filled.run("delete from orders where order_id < 3")
    filled.fetch()
    result = filled.contrail("land")
    assert result.exit_code == 4
    assert "order_keys" in result.stderr
    assert filled.current(KEYS) == [(1, "new"), (2, "new"), (3, "new")]


def test_an_emptied_table_deletes_nothing(filled: Shop) -> None:
    filled.move()
    filled.run("delete from orders")
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert "is empty. Nothing was delivered" in result.stderr
    assert filled.current(KEYS) == [(1, "new"), (2, "new"), (3, "new")]


def test_keys_of_several_columns(shop: Shop) -> None:
    shop.run("create table orders (a integer, b integer, updated_at timestamp(6) null)")
    for a, b in ((1, 1), (1, 2), (2, 1)):
        shop.run(f"insert into orders values ({a}, {b}, '2024-01-01 12:00:00')")
    shop.describe(
        {"a": "integer", "b": "integer", "updated_at": "timestamp"},
        cursor=CURSOR,
        deletes={"key": ["a", "b"], "into": "order_keys"},
        keys={"a": "integer", "b": "integer"},
    )
    shop.move()
    shop.run("delete from orders where a = 1 and b = 2")
    shop.move()
    rows = latest_rows("raw_shop.orders", ["a", "b"], KEYS)
    assert shop.staged(f"select a, b from ({rows}) as r order by all") == [(1, 1), (2, 1)]


def test_a_key_that_is_not_unique_stays_visible(shop: Shop) -> None:
    """A test of uniqueness on the result then says so."""
    shop.run("create table orders (order_id integer, status text, updated_at timestamp(6) null)")
    for status in ("a", "b"):
        shop.run(f"insert into orders values (1, '{status}', '2024-01-01 12:00:00')")
    shop.describe(cursor=CURSOR)
    shop.move()
    assert shop.current() == [(1, "a"), (1, "b")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"deletes": DELETES | {"into": "nowhere"}}, "the source has no table nowhere"),
        ({"deletes": DELETES | {"key": ["status"]}}, "must have the columns of deletes.key"),
        (
            {"deletes": DELETES | {"key": ["order"]}},
            "deletes.key: the contract has no column 'order'",
        ),
        ({"cursor": CURSOR | {"column": "updated"}}, "Did you mean 'updated_at'?"),
        ({"cursor": None}, "deletes need a cursor"),
    ],
)
def test_what_a_contract_must_say(filled: Shop, change: dict[str, object], message: str) -> None:
    filled.describe(**({"cursor": CURSOR, "deletes": DELETES, "keys": True} | change))
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert message in result.stderr
