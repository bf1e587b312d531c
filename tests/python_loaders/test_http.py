"""Files over HTTP: once, only if they changed, and under the contract's name."""

import pytest
from http_bench import CONTENT, SHA256, TAG, Bench
from misbehaving_server import (
    file,
    reply,
)

from python_loaders.fetch import http as http_module


def test_a_file_arrives_with_its_origin(bench: Bench) -> None:
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    fetched = bench.fetch()
    assert fetched.outcome == "fetched"
    assert bench.files() == {"crossings.csv": CONTENT}
    origin = fetched.origin
    assert origin
    assert (origin.etag, origin.bytes, origin.sha256) == ('"v1"', len(CONTENT), SHA256)
    assert origin.last_modified == "Tue, 02 Jan 2024 00:00:00 GMT"
    assert bench.leftovers() == []
    [asked] = bench.server.seen
    assert asked.header("Accept-Encoding") == "identity"


@pytest.mark.fault("304 not modified", outcome="unchanged")
def test_only_a_changed_file_is_sent_again(bench: Bench) -> None:
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    bench.fetch()
    assert bench.fetch().outcome == "unchanged"
    assert bench.server.seen[-1].header("If-None-Match") == '"v1"'
    bench.server.plan("/a.csv", file(b"newer", '"v2"'))
    assert bench.fetch().outcome == "fetched"
    assert bench.files() == {"crossings.csv": b"newer"}


def test_without_an_etag_the_date_decides(bench: Bench) -> None:
    date = {"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"}
    bench.server.plan("/a.csv", reply(CONTENT, headers=date), reply(status=304))
    bench.fetch()
    assert bench.fetch().outcome == "unchanged"
    assert bench.server.seen[-1].header("If-Modified-Since") == date["Last-Modified"]


def test_without_any_sign_the_content_decides(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fetch()
    stamp = (bench.path / "crossings.csv").stat().st_mtime_ns
    assert bench.fetch().outcome == "unchanged"
    assert (bench.path / "crossings.csv").stat().st_mtime_ns == stamp
    assert bench.leftovers() == []


def test_a_file_that_is_gone_or_damaged_is_sent_again(bench: Bench) -> None:
    bench.server.plan("/a.csv", file(CONTENT))
    bench.fetch()
    (bench.path / "crossings.csv").unlink()
    assert bench.fetch().outcome == "fetched"
    assert bench.files() == {"crossings.csv": CONTENT}


def test_an_etag_counts_for_its_own_request_only(bench: Bench) -> None:
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    bench.fetch(query={"month": 1}, **{"as": "1.csv"})
    assert bench.fetch(query={"month": 2}, **{"as": "2.csv"}).outcome == "fetched"
    assert [seen.path for seen in bench.server.seen] == ["/a.csv?month=1", "/a.csv?month=2"]


def test_not_modified_without_a_condition_is_no_answer(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(status=304))
    bench.fails("answers 304")


@pytest.mark.parametrize("status", [204, 206, 207])
def test_an_answer_to_another_question_is_refused(bench: Bench, status: int) -> None:
    bench.server.plan("/a.csv", reply(b"" if status == 204 else b"x", status))
    bench.fails(f"answers {status}")


def test_the_name_comes_from_the_contract(bench: Bench) -> None:
    headers = TAG | {"Content-Disposition": 'attachment; filename="../../evil.csv"'}
    bench.server.plan("/a.csv", reply(CONTENT, headers=headers))
    for pattern, name in {
        "a_%Y-%m-%d.csv": "a_2024-02-03.csv",
        "a_{etag}.csv": "a_v1.csv",
        "a_{sha8}.csv": f"a_{SHA256[:8]}.csv",
    }.items():
        bench.fetch(**{"as": pattern})
        assert set(bench.files()) == {name}
        (bench.path / name).unlink()


def test_an_etag_cannot_lead_out_of_the_inbox(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, headers={"ETag": 'W/"../../e v/il"'}))
    bench.fetch(**{"as": "a_{etag}.csv"})
    assert set(bench.files()) == {"a_..-..-e-v-il.csv"}
    bench.server.plan("/b.csv", reply(CONTENT + b"b"))
    bench.fails("sends no ETag", path="/b.csv", **{"as": "a_{etag}.csv"})


def test_a_file_that_somebody_dropped_is_not_replaced(bench: Bench) -> None:
    bench.path.mkdir()
    (bench.path / "crossings.csv").write_text("by hand")
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fails("somebody else put this file there")
    assert bench.leftovers() == []


@pytest.mark.fault("disk full while fetching", outcome="failed; nothing is in the inbox")
def test_a_full_disk_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, _piece: bytes) -> None:
        self.size = 10
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(http_module.Part, "write", full)
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    with pytest.raises(OSError, match="No space left"):
        bench.fetch()
    assert bench.leftovers() == []
    assert bench.files() == {}
