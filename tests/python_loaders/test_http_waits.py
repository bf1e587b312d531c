"""What is tried again and when, what is not, and where redirects lead."""

import time

import pytest
from http_bench import CONTENT, Bench
from misbehaving_server import (
    dripping_head,
    file,
    redirect,
    reply,
    reset,
)

from python_loaders.errors import ContrailError


@pytest.mark.fault(
    "5xx, timeouts and resets",
    outcome="tried again, with growing random waits; a POST is sent once",
)
@pytest.mark.parametrize(
    "step",
    [
        reply(CONTENT, cut=500),
        reply(CONTENT, chunked=True, cut=500),
        reply(CONTENT, length=len(CONTENT) + 1),
        reset(),
        reply("busy", 503),
        reply("gone wrong", 500),
        reply("wait", 429),
    ],
    ids=["cut", "chunk cut", "too short", "reset", "503", "500", "429"],
)
def test_what_may_pass_is_tried_again(bench: Bench, step: object) -> None:
    bench.server.plan("/a.csv", step, step, reply(CONTENT))
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert len(bench.clock.slept) == 2
    bench.server.plan("/b.csv", step)
    before = len(bench.server.seen)
    bench.fails("Tried 3 times. Fetch again later.", path="/b.csv", attempts=3)
    assert len(bench.server.seen) == before + 3
    assert bench.leftovers() == []


def test_a_server_that_is_not_there(bench: Bench) -> None:
    url = "http://127.0.0.1:9/a.csv"
    message = bench.fails("the connection failed", "Connection refused", url=url, attempts=2)
    assert len(message) < 250, message


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_will_not_pass_is_not_tried_again(bench: Bench, status: int) -> None:
    bench.server.plan(
        "/a.csv", reply('{"why": "no\x1b[31m"}', status, {"Content-Type": "application/json"})
    )
    bench.fails(f"answers {status}", 'It says: {"why": "no [31m"}')
    assert len(bench.server.seen) == 1


@pytest.mark.fault(
    "429 and Retry-After", outcome="waits as long as it is told, within the deadline"
)
def test_the_server_says_how_long_to_wait(bench: Bench) -> None:
    date = {"Date": "Tue, 02 Jan 2024 00:00:00 GMT", "Retry-After": "Tue, 02 Jan 2024 00:00:42 GMT"}
    bench.server.plan(
        "/a.csv",
        reply(status=429, headers={"Retry-After": "7"}),
        reply(status=503, headers=date),
        reply(status=503, headers={"Retry-After": "Sat, 03 Feb 2024 04:06:06 GMT"}),
        reply(status=503, headers={"Retry-After": "Sat, 03 Feb 2001 04:06:06 GMT"}),
        reply(CONTENT),
    )
    bench.fetch()
    assert bench.clock.slept == [7, 42, 60 - 49, 0]


def test_a_wait_beyond_the_deadline_is_not_begun(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(status=429, headers={"Retry-After": "3600"}))
    bench.fails("asks to wait 3600 s", "deadline_seconds 60", deadline_seconds=60)
    assert bench.clock.slept == []


@pytest.mark.fault(
    "5xx, timeouts and resets",
    outcome="tried again, with growing random waits; a POST is sent once",
)
def test_waits_grow_to_a_bound_and_are_random(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds: list[float] = []

    def longest(low: float, high: float) -> float:
        assert low == 0
        bounds.append(high)
        return high

    monkeypatch.setattr("random.uniform", longest)
    bench.server.plan("/a.csv", reply(status=500, headers={"Retry-After": "soon"}))
    bench.fails("Tried 9 times", attempts=9)
    assert bench.clock.slept == bounds == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.fault("deadline", outcome="failed; nothing is in the inbox")
def test_no_attempt_begins_after_the_deadline(bench: Bench) -> None:
    bench.clock.tick = 20
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fails("not complete after deadline_seconds 10", deadline_seconds=10)


@pytest.mark.fault("deadline", outcome="failed; nothing is in the inbox")
@pytest.mark.parametrize("where", ["head", "body"])
def test_a_server_that_drips_is_left_at_the_deadline(bench: Bench, where: str) -> None:
    """Each byte comes in time, all of them would not: the socket's own timeout never ends it."""
    slow = dripping_head(0.05) if where == "head" else reply(CONTENT, pause=0.05)
    bench.server.plan("/a.csv", slow)
    bench.clock = None
    begin = time.monotonic()
    with pytest.raises(ContrailError, match=r"in time|not complete after") as caught:
        bench.fetch(deadline_seconds=0.4, read_seconds=5, attempts=2)
    assert time.monotonic() - begin < 10
    assert "127.0.0.1" in str(caught.value)
    assert bench.files() == {}


def test_a_silent_server_is_left_after_read_seconds(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, pause=3))
    bench.fails("the content ends after 0 bytes: ReadTimeoutError", read_seconds=0.2, attempts=1)


def test_redirects_are_followed(bench: Bench) -> None:
    bench.server.plan("/a.csv", redirect("/b", 301))
    bench.server.plan("/b", redirect(bench.server.url("/c"), 307))
    bench.server.plan("/c", file(CONTENT, '"v1"'))
    assert bench.fetch().outcome == "fetched"
    assert bench.fetch().outcome == "unchanged"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/a.csv", "a loop"),
        ("file:///etc/passwd", "no address of HTTP"),
        ("ftp://127.0.0.1/a.csv", "no address of HTTP"),
        ("http://", "a loop"),
        ("http://[::1/", "no address of HTTP"),
        ("http://127.0.0.1:99999/", "no address of HTTP"),
    ],
)
def test_redirects_that_lead_nowhere(bench: Bench, target: str, words: str) -> None:
    bench.server.plan("/a.csv", redirect(target))
    bench.fails(words)
    assert len(bench.server.seen) == 1


def test_too_many_redirects(bench: Bench) -> None:
    for number in range(9):
        bench.server.plan(f"/{number}", redirect(f"/{number + 1}"))
    bench.server.plan("/9", reply(CONTENT))
    bench.fails("after 5 other redirects", path="/0")


def test_the_body_of_a_redirect_is_not_read(bench: Bench) -> None:
    endless = reply(b"x" * 1000, 302, {"Location": "/b"}, pause=0.01)
    bench.server.plan("/a.csv", endless)
    bench.server.plan("/b", reply(CONTENT))
    bench.clock = None
    bench.fetch(deadline_seconds=3)
    assert bench.files() == {"crossings.csv": CONTENT}


@pytest.mark.fault(
    "5xx, timeouts and resets",
    outcome="tried again, with growing random waits; a POST is sent once",
)
def test_a_post_is_sent_once(bench: Bench) -> None:
    asked = {"method": "POST", "body": {"from": "2024-01-01"}}
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fetch(**asked)
    [seen] = bench.server.seen
    assert (seen.method, seen.body) == ("POST", b'{"from": "2024-01-01"}')
    for step in (reply(status=503), reply(CONTENT, cut=5), reset(), redirect("/c", 307)):
        bench.server.plan("/b.csv", step)
        before = len(bench.server.seen)
        bench.fails(path="/b.csv", **asked)
        assert len(bench.server.seen) == before + 1
