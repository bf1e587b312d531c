"""A file is complete and right: lengths, checksums, limits and compression."""

import base64
import gzip
import hashlib
import re

import pytest
from http_bench import CONTENT, SHA256, TAG, Bench
from misbehaving_server import (
    file,
    reply,
)


def test_a_body_longer_than_announced_is_cut_at_its_length(bench: Bench) -> None:
    """What follows the announced end belongs to no answer; a checksum would tell."""
    bench.server.plan("/a.csv", reply(CONTENT, length=500, cut=len(CONTENT)))
    bench.fails("not the declared", sha256=SHA256)


def test_a_checksum_is_compared(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, headers=TAG))
    fetched = bench.fetch(sha256=SHA256)
    assert fetched.origin
    assert fetched.origin.checksum == f"sha256:{SHA256}"
    bench.server.plan("/b.csv", reply(b"x" + CONTENT[1:], headers=TAG))
    bench.fails(f"not the declared {SHA256}", path="/b.csv", sha256=SHA256)
    assert bench.leftovers() == []


def test_a_pinned_file_is_asked_for_once(bench: Bench) -> None:
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fetch(sha256=SHA256)
    assert bench.fetch(sha256=SHA256).outcome == "unchanged"
    assert len(bench.server.seen) == 1


@pytest.mark.parametrize(
    "listing",
    [
        SHA256,
        f"{SHA256.upper()}  a.csv\n",
        f"{'0' * 64}  b.csv\n{SHA256} *a.csv\n",
        f"SHA256 (a.csv) = {SHA256}\nSHA256 (b.csv) = {'0' * 64}\n",
    ],
)
def test_a_checksum_file_is_compared(bench: Bench, listing: str) -> None:
    bench.server.plan("/a.csv", reply(CONTENT))
    url = bench.server.plan("/sums", reply(listing))
    bench.fetch(checksum_url=url)
    assert bench.files() == {"crossings.csv": CONTENT}
    assert bench.fetch(checksum_url=url).outcome == "unchanged"
    assert len(bench.server.asked("/a.csv")) == 1
    bench.server.plan("/sums", reply("1" * 64))
    bench.fails("not the declared 1111", checksum_url=url)


def test_a_new_checksum_counts_more_than_an_old_etag(bench: Bench) -> None:
    url = bench.server.plan("/sums", reply(SHA256))
    bench.server.plan("/a.csv", file(CONTENT, '"v1"'))
    bench.fetch(checksum_url=url)
    bench.server.plan("/sums", reply(hashlib.sha256(b"newer").hexdigest()))
    bench.server.plan("/a.csv", file(b"newer", '"v1"'))
    assert bench.fetch(checksum_url=url).outcome == "fetched"
    assert bench.files() == {"crossings.csv": b"newer"}


@pytest.mark.parametrize("listing", ["none", f"{'0' * 64}  b.csv\n{SHA256}  c.csv\n"])
def test_a_checksum_file_that_does_not_say_which(bench: Bench, listing: str) -> None:
    bench.server.plan("/a.csv", reply(CONTENT))
    url = bench.server.plan("/s", reply(listing))
    bench.fails("checksums that could be of a.csv", checksum_url=url)
    assert bench.server.asked("/a.csv") == []


@pytest.mark.parametrize(
    "header", ["Digest: sha-256={}", "Repr-Digest: sha-512=:eA==:, sha-256=:{}:"]
)
def test_a_digest_of_the_server_is_compared(bench: Bench, header: str) -> None:
    name, _, form = header.partition(": ")
    right = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
    wrong = base64.b64encode(hashlib.sha256(b"").digest()).decode()
    bench.server.plan("/a.csv", reply(CONTENT, headers={name: form.format(right)}))
    bench.fetch()
    bench.server.plan("/b.csv", reply(CONTENT, headers={name: form.format(wrong)}))
    bench.fails("not the server's e3b0c442", path="/b.csv")


def test_a_length_that_nobody_knows(bench: Bench) -> None:
    """A body that only the end of the connection ends may be cut, and no client can tell."""
    bench.server.plan("/a.csv", reply(CONTENT, nameless=True, cut=500))
    bench.fails("does not say how long", "allow_unknown_length")
    bench.fails("not the declared", sha256=SHA256)
    bench.server.plan("/a.csv", reply(CONTENT, nameless=True))
    bench.fetch(sha256=SHA256)
    assert bench.fetch(**{"as": "b.csv"}, allow_unknown_length=True).outcome == "unchanged"


@pytest.mark.parametrize("length", ["12x", "-5", "5, 7"])
def test_a_length_that_is_none(bench: Bench, length: str) -> None:
    def step(handler: object) -> None:
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello".encode())
        handler.close_connection = True

    bench.server.plan("/a.csv", step)
    message = bench.fails()
    assert re.search(r"is no number|Content-Length", message), message


def test_content_that_is_compressed_on_the_way(bench: Bench) -> None:
    packed = gzip.compress(CONTENT[:40_000]) + gzip.compress(CONTENT[40_000:])
    digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
    headers = TAG | {"Content-Encoding": "gzip", "Digest": f"sha-256={digest}"}
    bench.server.plan("/a.csv", reply(packed, headers=headers))
    bench.fetch(sha256=SHA256)
    assert bench.files() == {"crossings.csv": CONTENT}

    for cut in (len(packed) - 1, len(packed) - 9, 20):
        headers = TAG | {"Content-Encoding": "gzip"}
        step = reply(packed[:cut], headers=headers)
        bench.server.plan("/b.csv", step, step, reply(packed, headers=headers))
        bench.fetch("/b.csv", **{"as": f"{cut}.csv"})
        assert bench.files()[f"{cut}.csv"] == CONTENT
        assert {s.header("Range") for s in bench.server.asked("/b.csv")} == {None}
        (bench.path / f"{cut}.csv").unlink()
    damaged = packed[:30] + bytes([packed[30] ^ 1]) + packed[31:]
    bench.server.plan("/c.csv", reply(damaged, headers=headers))
    bench.fails("damaged gzip", path="/c.csv")
    bench.server.plan("/d.csv", reply(packed, headers={"Content-Encoding": "br"}))
    bench.fails("encoded as 'br'", path="/d.csv")


def test_a_compressed_answer_does_not_unpack_without_bound(bench: Bench) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    bench.server.plan("/a.csv", reply(bomb, headers={"Content-Encoding": "gzip"}))
    bench.fails("max_bytes", max_bytes=1_000_000)
    assert bench.leftovers() == []


@pytest.mark.parametrize("chunked", [True, False])
def test_a_file_that_is_too_long(bench: Bench, chunked: bool) -> None:
    bench.server.plan("/a.csv", reply(CONTENT, chunked=chunked))
    bench.fails("max_bytes", max_bytes=len(CONTENT) - 1)
    bench.fetch(max_bytes=len(CONTENT))
    bench.server.plan("/b.csv", file(CONTENT, '"v1"', [500]))
    bench.fails("max_bytes", path="/b.csv", max_bytes=len(CONTENT) - 1)
