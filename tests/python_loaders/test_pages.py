"""Paged APIs: all records of all pages as one file, or no file at all."""

import json
from urllib.parse import parse_qs

import pytest
from http_bench import Bench
from hypothesis import given, settings
from hypothesis import strategies as st
from misbehaving_server import Handler, Step, redirect, reply

from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.fetch.lossless_json import read_json, to_json

ROWS = [{"id": n, "ship": f"s{n}"} for n in range(7)]
PAGE = {"by": "page"}
OFFSET = {"by": "offset"}
CURSOR = {"by": "cursor", "path": "next"}
NEXT = {"by": "next", "path": "links.next"}
LINK = {"by": "link"}


def answer(value: object, headers: dict[str, str] | None = None, status: int = 200) -> Step:
    return reply(json.dumps(value), status, headers)


def asked(handler: Handler, name: str, default: int = 0) -> int:
    query = parse_qs(handler.path.partition("?")[2])
    return int(query.get(name, [default])[0])


def by_number(rows: list[dict], size: int = 3) -> Step:
    """Serve pages 1, 2, 3, ... of some rows."""

    def step(handler: Handler) -> None:
        begin = (asked(handler, "page") - 1) * size
        data = {
            "data": rows[begin : begin + size],
            "meta": {
                "total": len(rows),
                "pages": -(-len(rows) // size),
                "more": begin + size < len(rows),
            },
        }
        answer(data)(handler)

    return step


def lines(bench: Bench, name: str = "pages.ndjson") -> list[object]:
    return [json.loads(line) for line in bench.files()[name].decode().splitlines()]


@pytest.mark.parametrize(
    ("end", "requests"),
    [
        ({}, 4),
        ({"total": "meta.total"}, 3),
        ({"page_count": "meta.pages"}, 3),
        ({"more": "meta.more"}, 3),
        ({"more": "meta.more", "total": "meta.total", "key": ["id"]}, 3),
    ],
)
def test_pages_by_number(bench: Bench, end: dict[str, object], requests: int) -> None:
    bench.server.plan("/a", by_number(ROWS))
    fetched = bench.pages(paging=PAGE, records="data", **end)
    assert lines(bench) == ROWS
    assert [s.path for s in bench.server.seen] == [f"/a?page={n + 1}" for n in range(requests)]
    assert fetched.origin
    assert (fetched.origin.rows, fetched.origin.pages) == (7, requests)
    assert bench.leftovers() == []
    assert bench.pages(paging=PAGE, records="data", **end).outcome == "unchanged"


@pytest.mark.parametrize("size", [3, 7])
def test_pages_by_offset_count_what_came(bench: Bench, size: int) -> None:
    """A server may give less than was asked for: the next page begins after what it gave."""

    def step(handler: Handler) -> None:
        begin = asked(handler, "offset")
        answer(ROWS[begin : begin + min(size, asked(handler, "limit"))])(handler)

    bench.server.plan("/a", step)
    bench.pages(paging=OFFSET, query={"limit": 5})
    assert lines(bench) == ROWS
    offsets = [asked(s, "offset") for s in bench.server.seen]
    assert offsets == ([0, 3, 6, 7] if size == 3 else [0, 5, 7])


@pytest.mark.parametrize("cursors", [["a/b+", "c", None], [5, "c", ""], [12, 13, False]])
def test_pages_by_cursor(bench: Bench, cursors: list[object]) -> None:
    pages = zip((ROWS[:3], ROWS[3:6], ROWS[6:]), cursors, strict=True)
    bench.server.plan("/a", *(answer({"items": rows, "next": next_}) for rows, next_ in pages))
    bench.pages(paging=CURSOR, records="items", query={"limit": 3})
    assert lines(bench) == ROWS
    queries = [parse_qs(s.path.partition("?")[2]) for s in bench.server.seen]
    assert [q.get("cursor") for q in queries] == [None, [str(cursors[0])], [str(cursors[1])]]
    assert {q["limit"][0] for q in queries} == {"3"}


def test_a_last_page_without_a_cursor(bench: Bench) -> None:
    bench.server.plan("/a", answer({"d": ROWS[:3], "next": "x"}), answer({"d": ROWS[3:]}))
    bench.pages(paging=CURSOR, records="d")
    assert lines(bench) == ROWS


def test_a_misspelt_path_does_not_look_like_one_page(bench: Bench) -> None:
    bench.server.plan("/a", answer({"d": ROWS[:3], "nextt": "x"}))
    bench.fails("page 1 of", "has nothing at next", paging=CURSOR, records="d", path="/a")
    paging = CURSOR | {"may_be_missing": True}
    bench.pages(paging=paging, records="d")
    assert lines(bench) == ROWS[:3]


def test_pages_by_links_in_the_header(bench: Bench) -> None:
    bench.server.plan("/a", answer(ROWS[:3], {"Link": '</b?p=2>; rel="next", </a>; rel="first"'}))
    bench.server.plan("/b", answer(ROWS[3:], {"Link": '</a>; rel="prev"'}))
    bench.pages(paging=LINK, query={"limit": 3})
    assert lines(bench) == ROWS
    assert [s.path for s in bench.server.seen] == ["/a?limit=3", "/b?p=2&limit=3"]


def test_pages_by_addresses_in_the_body(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_KEY", "canary")
    following = bench.server.url("/b?limit=9&x=1")
    bench.server.plan("/a", answer({"d": ROWS[:3], "links": {"next": following}}))
    bench.server.plan("/b", answer({"d": ROWS[3:], "links": {"next": None}}))
    bench.pages(paging=NEXT, records="d", query={"limit": 3, "k": "env:FERRY_KEY"})
    assert lines(bench) == ROWS
    assert bench.server.seen[1].path == "/b?limit=9&x=1&k=canary"


def test_a_post_is_paged_in_its_body(bench: Bench) -> None:
    bench.server.plan("/a", answer({"d": ROWS[:3], "next": 17}), answer({"d": ROWS[3:], "next": 0}))
    paging = CURSOR | {"may_be_missing": True}
    bench.server.plan(
        "/a", answer({"d": ROWS[:3], "next": 17}), answer({"d": ROWS[3:], "next": None})
    )
    bench.pages(paging=paging, records="d", method="POST", body={"from": "2024"})
    assert [json.loads(s.body) for s in bench.server.seen] == [
        {"from": "2024"},
        {"from": "2024", "cursor": 17},
    ]
    bench.server.plan("/a", reply(status=503))
    before = len(bench.server.seen)
    bench.fails("503", path="/a", paging=paging, records="d", method="POST", body={})
    assert len(bench.server.seen) == before + 1


def test_a_total_in_a_header(bench: Bench) -> None:
    bench.server.plan("/a", answer(ROWS, {"X-Total-Count": "7"}))
    bench.pages(paging=PAGE, total="header:x-total-count")
    assert len(bench.server.seen) == 1


def test_a_page_is_tried_again(bench: Bench) -> None:
    step = by_number(ROWS)
    bench.server.plan(
        "/a",
        step,
        reply(status=429, headers={"Retry-After": "9"}),
        reply("[1, 2", cut=3),
        reply('{"data": [', nameless=True),
        step,
    )
    bench.pages(paging=PAGE, records="data")
    assert lines(bench) == ROWS
    assert bench.clock.slept[0] == 9
    assert len(bench.clock.slept) == 3


def test_the_name_is_of_its_own_moment(bench: Bench) -> None:
    pattern = {"as": "ships_%Y%m%dT%H%M%SZ.ndjson"}
    bench.server.plan("/a", answer(ROWS[:1]))
    bench.pages(paging=LINK, **pattern)
    bench.server.plan("/a", answer(ROWS[:2]))
    bench.pages(paging=LINK, **pattern)
    names = ["ships_20240203T040506Z.ndjson", "ships_20240203T040507Z.ndjson"]
    assert sorted(bench.files()) == names


def test_numbers_keep_their_digits(bench: Bench) -> None:
    numbers = '"a":1.10,"b":12345678901234567890.50,"c":1e400,"n":null'
    texts = r'"é\ud83d":"é\n\ud83d"'
    bench.server.plan("/a", reply(f"[{{{numbers}, {texts}}}]"))
    bench.pages(paging=LINK)
    [line] = bench.files()["pages.ndjson"].decode().splitlines()
    # Half a character cannot be written as UTF-8: a text with one stays escaped.
    assert line == f"{{{numbers},{texts}}}".replace("é", r"\u00e9")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"paging": {"by": "magic"}}, "magic"),
        ({"paging": {"by": "cursor"}}, "path"),
        ({"paging": LINK, "records": "a..b"}, "is no path"),
        ({"paging": PAGE, "query": {"page": 1}}, "page is set by paging"),
        ({"paging": PAGE, "url": "https://h/a?page="}, "page is set by paging"),
        ({"paging": PAGE, "method": "POST"}, "write a mapping"),
        ({"paging": LINK, "page_count": "pages"}, "page_count counts"),
    ],
)
def test_contracts_that_are_refused(more: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PagesFetch.model_validate({"kind": "pages", "url": "https://h/a", "as": "a.ndjson"} | more)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.lists(JSON) | st.dictionaries(st.text(), JSON), st.booleans())
def test_any_json_comes_out_as_it_went_in(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=1)
    line = to_json(read_json(text.encode()))
    assert "\n" not in line
    assert json.loads(line.encode()) == value


def test_redirects_of_pages(bench: Bench) -> None:
    bench.server.plan("/a", redirect("/b"))
    bench.server.plan("/b", answer(ROWS))
    bench.pages(paging=LINK)
    assert lines(bench) == ROWS
