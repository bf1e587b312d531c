"""Answers that repeat or contradict themselves, have a hole or no end, leave no file at all."""

import json

import pytest
from http_bench import Bench
from misbehaving_server import Step, reply
from test_pages import CURSOR, LINK, NEXT, OFFSET, PAGE, ROWS, answer, by_number, lines

from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.errors import ContrailError
from python_loaders.fetch.page import Page
from python_loaders.fetch.paging import Walk


def pages(*contents: object) -> list[Step]:
    return [answer(content) for content in contents]


def told(rows: list[dict], **more: object) -> dict[str, object]:
    return {"d": rows, **more}


@pytest.mark.fault("total that changes while paging", outcome="failed; the file before stays")
@pytest.mark.parametrize(
    ("paging", "more", "steps", "words"),
    [
        (
            PAGE,
            {},
            pages(told(ROWS[:3]), told(ROWS[3:6]), told(ROWS[:3])),
            ["page 3", "same records as an earlier one", "9 records was kept"],
        ),
        (OFFSET, {}, pages(told(ROWS[:3]), told(ROWS[:3])), ["same records"]),
        (
            PAGE,
            {"key": ["id"]},
            pages(told(ROWS[:3]), told(ROWS[2:5])),
            ["holds the record [2] again"],
        ),
        (PAGE, {"key": ["id"]}, pages(told([{"ship": "x"}])), ["a record has no id"]),
        (
            CURSOR,
            {},
            pages(*(told([ROWS[n]], next=f"c{n % 2}") for n in range(4))),
            ["page 3", "leads back to 'c0', a loop"],
        ),
        (NEXT, {}, pages(told(ROWS[:3], links={"next": "/a"})), ["leads back to", "a loop"]),
        (
            PAGE,
            {"total": "t"},
            pages(told(ROWS[:3], t=7), told(ROWS[3:6], t=6)),
            ["page 2", "says total 6, an earlier one 7"],
        ),
        (
            CURSOR,
            {"total": "t"},
            pages(told(ROWS[:3], t=7, next="x"), told(ROWS[3:6], t=7, next=None)),
            ["is the last, but 6 of 7 came"],
        ),
        (
            PAGE,
            {"total": "t", "page_count": "p"},
            pages(told(ROWS[:3], t=7, p=1)),
            ["is the last, but 3 of 7 came"],
        ),
        (PAGE, {"total": "t"}, pages(told(ROWS[:3], t=2)), ["says total 2, but 3 came"]),
        (
            PAGE,
            {"total": "t"},
            pages(told(ROWS[:3], t=7), told([], t=7)),
            ["page 2", "is empty, but says that more"],
        ),
        (
            PAGE,
            {"page_count": "p"},
            pages(told(ROWS[:3], p=3), told([], p=3)),
            ["is empty, but says that more"],
        ),
        (CURSOR, {}, pages(told([], next="x")), ["is empty, but says that more"]),
        (
            CURSOR,
            {"more": "m"},
            pages(told(ROWS[:3], next=None, m=True)),
            ["says that more follow, but not where"],
        ),
        (PAGE, {"total": "t"}, pages(told(ROWS[:3])), ["at t there is no whole number"]),
        (PAGE, {"total": "t"}, pages(told(ROWS[:3], t=-1)), ["at t there is no whole number"]),
        (PAGE, {"total": "t"}, pages(told(ROWS[:3], t="7x")), ["no whole number"]),
        (PAGE, {"more": "m"}, pages(told(ROWS[:3], m="no")), ["at m there is no true or false"]),
        (PAGE, {"records": "x"}, pages(told(ROWS[:3])), ["at x there is no list of records"]),
        (PAGE, {"records": None}, pages(told(ROWS[:3])), ["at the top there is no list"]),
        (PAGE, {}, pages(told([1])), ["record 1 is no object: 1"]),
        (PAGE, {}, pages(told([])), ["holds no record at all", "allow_empty"]),
        (NEXT, {}, pages(told(ROWS, links={"next": "http://other/x"})), ["to another host"]),
        (NEXT, {}, pages(told(ROWS, links={"next": "http://[::1"})), ["to another host"]),
        (PAGE, {"max_page_bytes": 50}, pages(told(ROWS)), ["max_page_bytes"]),
        (PAGE, {"max_bytes": 99}, pages(told(ROWS[:3]), told(ROWS[3:])), ["page 2", "max_bytes"]),
        (PAGE, {}, [reply("<html>no</html>")], ["no JSON", "begins with '<html>no</html>'"]),
        (PAGE, {}, [reply('{"d": [{"a": 1}]} x')], ["no JSON", "Extra data"]),
        (PAGE, {}, [reply('{"d": [{"a": 1, "a": 2}]}')], ["the key 'a' twice"]),
        (PAGE, {}, [reply('{"d": [{"a": NaN}]}')], ["holds NaN"]),
        (PAGE, {}, [reply(b'{"d": [{"a": "\xe9"}]}')], ["no JSON", "can't decode"]),
        (PAGE, {}, [reply("[" * 100_000)], ["nested too deeply"]),
        (PAGE, {}, [reply(status=204)], ["page 1", "answers 204"]),
        (PAGE, {}, [reply(status=404)], ["answers 404"]),
    ],
)
def test_an_answer_that_cannot_be_complete(
    bench: Bench, paging: dict, more: dict, steps: list[Step], words: list[str]
) -> None:
    bench.server.plan("/a", *steps)
    bench.fails(
        *words, **({"path": "/a", "paging": paging, "records": "d", "max_pages": 20} | more)
    )
    assert bench.files() == {}
    assert bench.leftovers() == []


@pytest.mark.fault("page that repeats, cursor that loops", outcome="failed; the file before stays")
def test_pages_without_an_end(bench: Bench) -> None:
    count = iter(range(1000))

    def step(handler: object) -> None:
        answer(told([{"id": next(count)}]))(handler)

    bench.server.plan("/a", step)
    bench.fails("max_pages", path="/a", paging=PAGE, records="d", max_pages=5)
    assert len(bench.server.seen) == 5


def test_a_walk_without_an_end_ends_if_nobody_sets_a_limit() -> None:
    rules = PagesFetch.model_validate(
        {"kind": "pages", "url": "http://localhost/a", "as": "a.ndjson", "paging": PAGE}
    )
    walk = Walk(rules)
    ask = walk.first()

    def go_on() -> None:
        page = Page("page", {}, {}, None, [str(walk.pages)], [], None, None, None)
        assert walk.after(page, ask) is not None

    for _ in range(9_999):
        go_on()
    with pytest.raises(ContrailError, match="max_pages"):
        go_on()


def test_as_many_pages_as_allowed_are_no_error(bench: Bench) -> None:
    bench.server.plan("/a", by_number(ROWS))
    bench.pages(paging=PAGE, records="data", total="meta.total", max_pages=3)
    assert lines(bench) == ROWS


def test_a_total_may_grow(bench: Bench) -> None:
    bench.server.plan("/a", *pages(told(ROWS[:3], t=6), told(ROWS[3:6], t=7), told(ROWS[6:], t=7)))
    bench.pages(paging=PAGE, records="d", total="t")
    assert lines(bench) == ROWS


def test_empty_pages_that_are_allowed(bench: Bench) -> None:
    steps = pages(told(ROWS[:3], next="x"), told([], next="y"), told(ROWS[3:], next=None))
    bench.server.plan("/a", *steps)
    bench.pages(paging=CURSOR, records="d", allow_empty_pages=True)
    assert lines(bench) == ROWS


@pytest.mark.fault("page without rows", outcome="refused, unless the contract allows it")
def test_an_empty_answer_that_is_allowed(bench: Bench) -> None:
    bench.server.plan("/a", *pages([]))
    fetched = bench.pages(paging=LINK, allow_empty=True)
    assert (fetched.outcome, bench.files()) == ("unchanged", {})


def test_a_failure_in_the_middle_keeps_the_file_before(bench: Bench) -> None:
    bench.server.plan("/a", by_number(ROWS))
    bench.pages(paging=PAGE, records="data")
    bench.server.plan("/a", *pages({"data": [{"id": 99}]}), reply(status=500))
    bench.fails("500", "Tried 2 times", path="/a", paging=PAGE, records="data", attempts=2)
    assert lines(bench) == ROWS
    assert bench.leftovers() == []


def test_all_pages_share_one_deadline(bench: Bench) -> None:
    bench.clock.tick = 1
    bench.server.plan("/a", by_number([{"id": n, "x": json.dumps(n)} for n in range(3000)]))
    bench.fails(
        "deadline_seconds 100", path="/a", paging=PAGE, records="data", deadline_seconds=100
    )
