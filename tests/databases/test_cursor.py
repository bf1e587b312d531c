"""A table read by a cursor: what each window holds, and what counts after all of them."""

import json
import subprocess
import sys

import pytest
from shop import PostgresShop, Shop, at

from python_loaders.fetch.inbox import Inbox
from python_loaders.fetch.origin import read_sidecar, sidecar

CURSOR = {"column": "updated_at", "lag": "10 seconds"}
NEW = "2024-01-01T12:00:"


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """Three orders, with a second between them."""
    shop.create()
    for number in (1, 2, 3):
        shop.order(number, number)
    shop.describe(cursor=CURSOR)
    return shop


def test_a_window_is_half_open_and_stands_in_the_commit(filled: Shop) -> None:
    filled.move()
    [commit] = filled.commits()
    assert commit.rows_landed == 3
    assert commit.origin["window"] == {
        "column": "updated_at",
        "kind": "timestamp",
        "low": None,
        "high": f"{NEW}03.000001",
        "lag": 10,
        "nulls": None,
    }
    filled.order(4, 60)
    filled.move()
    assert filled.commits()[1].origin["window"]["low"] == "2024-01-01T11:59:53.000001"
    assert filled.commits()[1].origin["window"]["high"] == "2024-01-01T12:01:00.000001"
    assert filled.commits()[1].rows_landed == 4


def test_an_empty_window_brings_nothing(filled: Shop) -> None:
    filled.describe(cursor=CURSOR | {"lag": 0})
    filled.move()
    assert "unchanged" in filled.fetch().output
    assert filled.files() == []


def test_nothing_but_the_lag_again_brings_nothing(filled: Shop) -> None:
    filled.move()
    assert "unchanged" in filled.fetch().output
    assert filled.files() == []
    assert list(filled.inbox.rglob(".*.part")) == []


def test_windows_that_wait_for_being_landed_count(filled: Shop) -> None:
    filled.fetch()
    filled.order(4, 60)
    filled.fetch()
    filled.order(5, 120)
    filled.fetch()
    assert [read_sidecar(path).number for path in filled.files()] == [1, 2, 3]
    filled.land()
    assert [commit.rows_landed for commit in filled.commits()] == [3, 4, 2]
    assert filled.current() == [(n, "new") for n in (1, 2, 3, 4, 5)]


@pytest.mark.fault("commit later than its cursor", outcome="caught within the lag, once")
def test_a_late_commit_within_the_lag_is_caught_once(filled: Shop) -> None:
    late = filled.connect()
    late.cursor().execute("insert into orders values (9, 'late', '2024-01-01 12:00:02')")
    filled.move()
    late.commit()
    late.close()
    filled.order(4, 5)
    filled.move()
    assert filled.landed("order_id, _seq") == [
        (1, 1),
        (1, 2),
        (2, 1),
        (2, 2),
        (3, 1),
        (3, 2),
        (4, 2),
        (9, 2),
    ]
    assert filled.current() == [(1, "new"), (2, "new"), (3, "new"), (4, "new"), (9, "late")]


@pytest.mark.fault("rows with the same cursor at the bound", outcome="neither lost nor doubled")
def test_ties_at_the_bound_are_neither_lost_nor_doubled(filled: Shop) -> None:
    filled.move()
    filled.order(4, 3)
    filled.order(5, 3)
    filled.move()
    assert filled.current() == [(n, "new") for n in (1, 2, 3, 4, 5)]


def test_a_changed_row_counts_as_it_is_now(filled: Shop) -> None:
    filled.move()
    filled.order(2, 30, "paid")
    filled.move()
    filled.order(2, 60, "shipped")
    filled.move()
    assert filled.current() == [(1, "new"), (2, "shipped"), (3, "new")]


def test_the_order_of_landing_makes_no_difference(filled: Shop) -> None:
    filled.fetch()
    filled.order(2, 30, "paid")
    filled.fetch()
    first, second = filled.files()
    assert filled.contrail("land", "--file", str(second)).exit_code == 0
    assert filled.contrail("land", "--file", str(first)).exit_code == 0
    assert filled.current() == [(1, "new"), (2, "paid"), (3, "new")]


def test_the_second_that_runs_is_left_for_later(shop: Shop) -> None:
    shop.create("timestamp(0)")
    shop.order(1, 0)
    shop.run("insert into orders values (2, 'ahead', current_timestamp + interval '1' hour)")
    shop.describe(cursor=CURSOR)
    result = shop.fetch()
    assert "1 rows are not due yet" in result.output
    assert shop.fetched()["order_id"] == [1]


def test_a_file_that_was_removed_is_read_again(filled: Shop) -> None:
    filled.move()
    filled.order(4, 60)
    filled.fetch()
    filled.order(5, 120)
    filled.fetch()
    filled.files()[0].unlink()
    filled.order(6, 180)
    filled.move()
    assert filled.current() == [(n, "new") for n in (1, 2, 3, 4, 5, 6)]


def test_anew_reads_from_the_beginning(filled: Shop) -> None:
    filled.describe(cursor=CURSOR | {"lag": 0})
    filled.move()
    filled.run("update orders set status = 'silent' where order_id = 1")
    filled.order(4, 60)
    filled.move()
    assert filled.current()[0] == (1, "new")
    filled.fetch("--anew")
    filled.land()
    assert filled.current() == [(1, "silent"), (2, "new"), (3, "new"), (4, "new")]


def test_start_is_where_the_first_window_begins(filled: Shop) -> None:
    filled.describe(cursor=CURSOR | {"start": at(2)})
    filled.move()
    assert filled.current() == [(2, "new"), (3, "new")]
    filled.describe(cursor=CURSOR | {"start": at(0)})
    filled.move()
    assert filled.current() == [(1, "new"), (2, "new"), (3, "new")]


@pytest.mark.fault("clock of the database set back", outcome="refused")
def test_a_clock_that_was_set_back_is_refused(filled: Shop) -> None:
    """As if the clock had been ahead when the file was read."""
    filled.fetch()
    [path] = filled.files()
    origin = json.loads(sidecar(path).read_text())
    origin["window"]["high"] = "2999-01-01T00:00:00"
    sidecar(path).write_text(json.dumps(origin))
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert "clock of the database shows 20" in result.stderr
    assert "everything up to 2999-01-01T00:00:00 was read" in result.stderr
    assert filled.files() == [path]


def test_whole_numbers_as_a_cursor(shop: Shop) -> None:
    shop.create()
    shop.describe(cursor={"column": "order_id", "lag": 2})
    for number in (1, 2, 3, 6):
        shop.order(number, 0)
    shop.move()
    assert shop.commits()[0].origin["window"]["high"] == 7
    shop.order(4, 0)
    shop.order(5, 0)
    shop.order(7, 0)
    shop.move()
    assert shop.current() == [(n, "new") for n in (1, 2, 3, 5, 6, 7)]  # 4 came later than the lag


def test_numbers_that_begin_again_are_refused(shop: Shop) -> None:
    shop.create()
    shop.describe(cursor={"column": "order_id", "lag": 2})
    shop.order(100, 0)
    shop.move()
    shop.run("truncate table orders")
    shop.fetch()
    shop.order(1, 0)
    result = shop.contrail("fetch")
    assert result.exit_code == 4
    assert "largest value ends at 2, but everything up to 101 was read" in result.stderr


def test_dates_as_a_cursor(shop: Shop) -> None:
    shop.create("date")
    shop.order(1, 0)
    shop.run("insert into orders values (2, 'today', current_date)")
    shop.describe(
        {"order_id": "bigint", "status": "text", "updated_at": "date"},
        cursor={"column": "updated_at", "lag": "1 day"},
    )
    shop.move()
    assert shop.current() == [(1, "new")]
    assert shop.commits()[0].origin["window"]["high"] == "2024-01-02"


def test_moments_with_a_zone_as_a_cursor(postgres: PostgresShop) -> None:
    postgres.create("timestamptz")
    postgres.run("set timezone = 'Asia/Kathmandu'")
    for number in (1, 2):
        postgres.run(f"insert into orders values ({number}, 'new', '2024-01-01 17:45:0{number}')")
    postgres.describe(cursor=CURSOR)
    postgres.move()
    assert postgres.commits()[0].origin["window"]["high"] == f"{NEW}02.000001"
    assert postgres.landed("updated_at") == [(at(1),), (at(2),)]
    postgres.run("insert into orders values (3, 'new', '2024-01-01 17:46:00')")
    postgres.move()
    assert postgres.current() == [(1, "new"), (2, "new"), (3, "new")]


@pytest.mark.fault("cursor that is NULL", outcome="as the contract says; refused if it does not")
@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [
        ("include_once", [1, 2, 3, 8], None),
        ("include_always", [1, 2, 3, 8], [1, 2, 3, 4, 8, 9]),
        ("leave_out", [1, 2, 3], [1, 2, 3, 4]),
    ],
)
def test_rows_without_a_cursor(
    filled: Shop, policy: str, first: list[int], second: list[int] | None
) -> None:
    filled.describe(cursor=CURSOR | {"null": policy})
    filled.order(8, None)
    filled.move()
    assert [number for number, _ in filled.current()] == first
    filled.order(4, 60)
    filled.move()
    filled.order(9, None)
    result = filled.contrail("fetch")
    if second is None:
        assert result.exit_code == 4
        assert "2 rows have no updated_at, and there were 1 when those were read" in result.stderr
        return
    filled.land()
    assert [number for number, _ in filled.current()] == second


@pytest.mark.fault("cursor that is NULL", outcome="as the contract says; refused if it does not")
def test_rows_without_a_cursor_are_refused_if_nobody_says_what_they_mean(filled: Shop) -> None:
    filled.order(8, None)
    result = filled.contrail("fetch")
    assert result.exit_code == 4
    assert "1 rows have no updated_at, so no window would ever hold them" in result.stderr
    assert filled.files() == []


@pytest.mark.fault("concurrent fetches", outcome="a window of a database comes once")
def test_fetches_at_the_same_time_bring_a_window_once(postgres: PostgresShop) -> None:
    postgres.create()
    postgres.order(1, 1)
    postgres.describe(cursor=CURSOR)
    command = [sys.executable, "-m", "python_loaders", "fetch"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    running = [subprocess.Popen(command, cwd=postgres.root, **pipes) for _ in range(2)]
    said = [process.communicate()[0].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert len(postgres.files()) == 1


def test_a_fetch_that_waited_knows_what_was_landed_meanwhile(postgres: PostgresShop) -> None:
    postgres.create()
    postgres.order(1, 1)
    postgres.describe(cursor=CURSOR | {"lag": 0})
    postgres.fetch()
    postgres.order(2, 2)
    with Inbox(postgres.inbox).lock():
        command = [sys.executable, "-m", "python_loaders", "fetch"]
        second = subprocess.Popen(command, cwd=postgres.root, stderr=subprocess.PIPE, text=True)
        assert "waiting for it" in second.stderr.readline()
        postgres.land()
        postgres.files()[0].unlink()
    assert second.wait() == 0, second.stderr.read()
    assert postgres.fetched()["order_id"] == [2]
    assert read_sidecar(postgres.files()[0]).number == 2


def test_what_is_landed_leaves_the_inbox_with_the_next_fetch(filled: Shop) -> None:
    filled.move()
    assert len(filled.files()) == 1
    filled.fetch()
    assert filled.files() == []
    assert list((filled.inbox / ".origin").glob("*.json")) == []


def test_one_extraction_has_one_number_for_ever(filled: Shop) -> None:
    """Also when its file is gone, and also anew."""
    filled.move()
    filled.order(4, 60)
    filled.move()
    filled.fetch("--anew")
    assert [read_sidecar(path).number for path in filled.files()] == [3]
