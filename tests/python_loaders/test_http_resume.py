"""Downloads that were cut are continued only where both halves surely belong together."""

import pytest
from http_bench import CONTENT, SHA256, TAG, Bench
from misbehaving_server import (
    file,
    reply,
)


@pytest.mark.fault(
    "partial body", outcome="continued if the server proves that it is the same, else begun again"
)
@pytest.mark.parametrize("cuts", [[10], [10, 20_000, 30_000]])
def test_a_cut_download_is_continued(bench: Bench, cuts: list[int]) -> None:
    bench.server.plan("/a.csv", file(CONTENT, '"v1"', cuts))
    assert bench.fetch().outcome == "fetched"
    assert bench.files() == {"crossings.csv": CONTENT}
    ranges = [seen.header("Range") for seen in bench.server.seen]
    assert ranges[:2] == [None, "bytes=10-"]
    assert {seen.header("If-Range") for seen in bench.server.seen[1:]} == {'"v1"'}
    assert len(ranges) == len(cuts) + 1


@pytest.mark.fault(
    "partial body", outcome="continued if the server proves that it is the same, else begun again"
)
@pytest.mark.parametrize("tag", ['W/"v1"', None])
def test_without_a_strong_etag_a_download_begins_again(bench: Bench, tag: str | None) -> None:
    headers = {"ETag": tag} if tag else {}
    cut, whole = reply(CONTENT, headers=headers, cut=500), reply(CONTENT, headers=headers)
    bench.server.plan("/a.csv", cut, whole)
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert bench.server.seen[1].header("Range") is None


def test_a_file_that_changed_between_the_parts_begins_again(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, headers=TAG, cut=500), file(b"newer", '"v2"'))
    bench.fetch()
    assert bench.files() == {"crossings.csv": b"newer"}


def test_a_server_that_ignores_ranges(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, headers=TAG, cut=500), reply(CONTENT, headers=TAG))
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}


REST = {"Content-Range": f"bytes 500-{len(CONTENT) - 1}/{len(CONTENT)}"}


@pytest.mark.parametrize(
    "headers",
    [
        REST | {"ETag": '"v2"'},
        REST,
        TAG | {"Content-Range": f"bytes 501-{len(CONTENT) - 1}/{len(CONTENT)}"},
        TAG | {"Content-Range": "bytes 500-"},
        TAG,
        TAG | REST | {"Content-Encoding": "gzip"},
    ],
)
def test_a_part_that_does_not_continue_ours_is_not_added(
    bench: Bench, headers: dict[str, str]
) -> None:
    bench.server.plan(
        "/a.csv",
        reply(CONTENT, headers=TAG, cut=500),
        reply(CONTENT[500:], 206, headers),
        reply(CONTENT, headers=TAG),
    )
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert [s.header("Range") for s in bench.server.seen] == [None, "bytes=500-", None]
    assert "is not the rest of what came before" in bench.said[1]


def test_a_part_that_is_shorter_than_the_whole_is_not_complete(bench: Bench) -> None:
    bench.server.plan(
        "/a.csv",
        reply(CONTENT, headers=TAG, cut=500),
        reply(CONTENT[500:900], 206, TAG | REST),
        file(CONTENT, '"v1"'),
    )
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert bench.server.seen[-1].header("Range") == "bytes=900-"


@pytest.mark.fault("416 range not satisfiable", outcome="begun again")
def test_nothing_after_what_is_there_begins_again(bench: Bench) -> None:
    bench.server.plan(
        "/a.csv", reply(CONTENT, headers=TAG, cut=500), reply(status=416), file(CONTENT)
    )
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert bench.server.seen[-1].header("Range") is None


def test_range_not_satisfiable_without_a_range(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(status=416))
    bench.fails("answers 416")


def test_the_next_run_continues(bench: Bench) -> None:
    cut = [reply(CONTENT, headers=TAG, cut=500)]
    bench.server.plan("/a.csv", *cut)
    bench.fails("Fetch again later", attempts=1)
    assert len(bench.leftovers()) == 2
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    assert bench.server.seen[-1].header("Range") == "bytes=500-"
    assert bench.leftovers() == []


@pytest.mark.parametrize("damage", ["note", "bytes", "shorter", "no part", "longer"])
def test_a_part_that_is_not_what_its_note_says_is_not_continued(bench: Bench, damage: str) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, headers=TAG, cut=500))
    bench.fails(attempts=1)
    part, note = (bench.path / name for name in bench.leftovers())
    content = part.read_bytes()
    match damage:
        case "note":
            note.unlink()
        case "bytes":
            part.write_bytes(b"x" + content[1:])
        case "shorter":
            part.write_bytes(content[:-1])
        case "no part":
            part.unlink()
        case "longer":
            part.write_bytes(content + b"more")
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    bench.fetch()
    assert bench.files() == {"crossings.csv": CONTENT}
    asked = bench.server.seen[-1].header("Range")
    assert asked == ("bytes=500-" if damage == "longer" else None)


def test_the_limit_counts_continued_parts_together(bench: Bench) -> None:
    bench.server.plan(
        "/a.csv",
        reply(CONTENT, headers=TAG, chunked=True, cut=500),
        reply(CONTENT[500:], 206, TAG | REST, chunked=True),
    )
    bench.fails("max_bytes", max_bytes=len(CONTENT) - 1)


def test_a_wrong_checksum_after_a_continued_part_begins_again(bench: Bench) -> None:
    """A server may reuse an ETag for other bytes: then the halves do not belong together."""
    bench.server.plan(
        "/a.csv",
        reply(b"x" * len(CONTENT), headers=TAG, cut=500),
        reply(CONTENT[500:], 206, TAG | REST),
        reply(CONTENT, headers=TAG),
    )
    bench.fetch(sha256=SHA256)
    assert bench.files() == {"crossings.csv": CONTENT}
