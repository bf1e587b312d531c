"""Secrets reach the server they are for, and nothing else: a canary is planted and looked for."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project
from http_bench import CONTENT, Bench
from misbehaving_server import Handler, Server, file, redirect, reply, serving

from python_loaders.contract import secrets

CANARY = "canary/7f3a + ü&x=1"
BASIC = base64.b64encode(f"mate:{CANARY}".encode()).decode()
FORMS = {CANARY, "7f3a", quote(CANARY), quote_plus(CANARY), BASIC, BASIC[:24]}
FORMS |= {base64.b64encode(CANARY.encode()).decode()[:20]}


@pytest.fixture(autouse=True)
def _canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", {})
    monkeypatch.setenv("FERRY_KEY", CANARY)


@pytest.fixture
def other() -> Iterator[Server]:
    """Another origin: the same machine, another port."""
    with serving() as server:
        yield server


@pytest.mark.parametrize("reference", ["env:FERRY_KEY", "file"])
def test_secrets_arrive(bench: Bench, tmp_path: Path, reference: str) -> None:
    if reference == "file":
        (tmp_path / "key").write_text(f"{CANARY}\n")
        reference = f"file:{tmp_path}/key"
    bench.server.plan("/a.csv", reply(CONTENT))
    asked = {"headers": {"X-Api-Key": reference, "Accept": "text/csv"}, "query": {"k": reference}}
    bench.fetch(**asked, bearer=reference)
    bench.inbox.path.joinpath("crossings.csv").unlink()
    bench.fetch(**asked, basic={"user": "mate", "password": reference})
    first, second = bench.server.seen
    assert first.header("X-Api-Key").encode("latin-1").decode() == CANARY
    assert first.header("Accept") == "text/csv"
    assert first.header("Authorization").encode("latin-1").decode() == f"Bearer {CANARY}"
    assert first.path == f"/a.csv?k={quote_plus(CANARY)}"
    assert second.header("Authorization") == f"Basic {BASIC}"


@pytest.mark.fault("redirect to another host", outcome="followed without the secrets")
def test_secrets_stay_with_the_host_they_are_for(bench: Bench, other: Server) -> None:
    asked = {
        "headers": {"X-Api-Key": "env:FERRY_KEY"},
        "query": {"k": "env:FERRY_KEY"},
        "basic": {"user": "mate", "password": "env:FERRY_KEY"},
    }
    bench.server.plan("/a.csv", redirect("/b"))
    bench.server.plan("/b", redirect(other.url("/c")))
    other.plan("/c", redirect(other.url("/d")))
    other.plan("/d", redirect(bench.server.url("/e")))
    bench.server.plan("/e", reply(CONTENT))
    bench.fetch(**asked)
    at_home = [seen.header("X-Api-Key") is not None for seen in bench.server.seen]
    assert at_home == [True, True, True]
    assert [seen.path for seen in bench.server.seen[1:]] == ["/b", "/e"]
    for seen in other.seen:
        assert not {"authorization", "x-api-key", "cookie"} & {
            name.lower() for name in seen.headers
        }
        assert "7f3a" not in f"{seen}"
    assert len(other.seen) == 2


def test_a_checksum_elsewhere_gets_no_secret(bench: Bench, other: Server) -> None:
    bench.server.plan("/a.csv", reply(CONTENT))
    url = other.plan("/sums", reply("0" * 64))
    asked = {"bearer": "env:FERRY_KEY", "query": {"k": "env:FERRY_KEY"}, "method": "POST"}
    bench.fails("not the declared", checksum_url=url, **asked)
    [seen] = other.seen
    assert (seen.method, seen.path) == ("GET", "/sums")
    assert seen.header("Authorization") is None


def test_passwords_of_the_machine_are_not_used(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    bench.server.plan("/a.csv", reply(CONTENT))
    bench.fetch()
    assert bench.server.seen[0].header("Authorization") is None


def test_a_secret_that_no_header_can_carry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_KEY", "canary-7f3a\r\nX-Evil: 1")
    bench.server.plan("/a.csv", reply(CONTENT))
    message = bench.fails(
        "header X-Api-Key holds a line end", headers={"X-Api-Key": "env:FERRY_KEY"}
    )
    assert "7f3a" not in message
    assert bench.server.seen == []


FETCHES = """
            fetch:
              - &ask
                kind: http
                url: "URL/good.csv"
                as: "crossings_0.csv"
                headers: {X-Api-Key: "file:KEYFILE"}
                query: {k: "env:FERRY_KEY"}
                basic: {user: mate, password: "env:FERRY_KEY"}
                attempts: 2
              - {<<: *ask, url: "URL/moved.csv", as: crossings_1.csv}
              - {<<: *ask, url: "URL/401.csv", as: crossings_2.csv}
              - {<<: *ask, url: "URL/500.csv", as: crossings_3.csv}
              - {<<: *ask, url: "URL/slow.csv", as: crossings_4.csv, read_seconds: 0.2}
              - {<<: *ask, url: "URL/cut.csv", as: crossings_5.csv}
              - {<<: *ask, url: "URL/evil.csv", as: crossings_6.csv}
              - {<<: *ask, url: "URL/loop.csv", as: crossings_7.csv}
              - {<<: *ask, url: "http://127.0.0.1:9/closed.csv", as: crossings_8.csv, attempts: 1}
"""
CRASH = """
import sys
from python_loaders.cli import app
from python_loaders.fetch import inbox

def fail(*arguments):
    raise RuntimeError(f"a fault of the loader: {self_and_all(arguments)}")

def self_and_all(arguments):
    import os
    return [arguments, os.environ["FERRY_KEY"]]

inbox.render_name = fail
app(sys.argv[1:])
"""


def echo(status: int) -> object:
    """Answer with what was asked, as debugging servers do."""

    def step(handler: Handler) -> None:
        told = [handler.headers[name] for name in ("Authorization", "X-Api-Key")]
        text = f"{handler.path} {told} {told[0]} {told[1]}"
        reply(text, status, {"Content-Type": "text/plain", "Retry-After": "0"})(handler)

    return step


@pytest.fixture
def canary_project(project: Project, running: Server, tmp_path: Path) -> Project:
    key = tmp_path.parent / f"{tmp_path.name}-key"
    key.write_text(CANARY)
    fetches = FETCHES.strip("\n").replace("URL", running.address).replace("KEYFILE", str(key))
    project.describe(CONTRACT.replace("          meta:\n", f"          meta:\n{fetches}\n", 1))
    running.seen.clear()
    running.plan("/good.csv", file((HEADER + ROWS).encode()))
    running.plan("/moved.csv", redirect("/good.csv"))
    running.plan("/401.csv", echo(401))
    running.plan("/500.csv", echo(500))
    running.plan("/slow.csv", reply(CONTENT, pause=2))
    running.plan("/cut.csv", reply(CONTENT, headers={"ETag": '"v"', "Retry-After": "0"}, cut=9))
    running.plan("/evil.csv", bad_header)
    running.plan("/loop.csv", redirect(f"/loop.csv?k={quote_plus(CANARY)}"))
    return project


def bad_header(handler: Handler) -> None:
    """A head that makes urllib3 log the address."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nA\xff : b\r\n c\r\nContent-Length: 1\r\n\r\n1")
    handler.close_connection = True


def command(project: Project, *arguments: str, code: str | None = None) -> tuple[int, bytes, bytes]:
    """Run the command line as a process of its own; its argv is looked at, too."""
    begin = [sys.executable, "-c", code] if code else [sys.executable, "-m", "python_loaders"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [*begin, "--verbose", *arguments],
        cwd=project.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        argv = Path(f"/proc/{process.pid}/cmdline")
        seen = argv.read_bytes() if argv.exists() else b""
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err + seen


def expect_no_canary(project: Project, *outputs: bytes) -> None:
    texts = {f"output {number}": text for number, text in enumerate(outputs)}
    for path in project.root.rglob("*"):
        texts[str(path)] = path.name.encode()
        if path.is_file():
            texts[str(path)] += path.read_bytes()
    assert len(texts) > 8
    found = [
        f"{place}: ...{text[max(0, at - 60) : at + 60]!r}..."
        for place, text in texts.items()
        for form in FORMS
        if (at := text.find(form.encode())) >= 0
    ]
    assert found == []


@pytest.mark.fault("secrets in output", outcome="in no message, log, record or argument")
def test_the_canary_is_nowhere(canary_project: Project, running: Server) -> None:
    code, out, err = command(canary_project, "fetch")
    assert code == 1
    assert b"crossings_0.csv: fetched" in err
    assert b"crossings_1.csv: fetched" in err
    assert err.count(b": failed") == 7
    assert b"Traceback" in err
    assert b"DEBUG urllib3" in err
    assert b"It says: /401.csv?k=***" in err
    # The canary did travel: the test would prove nothing if it had not been used.
    arrived = [seen for seen in running.seen if seen.header("Authorization") == f"Basic {BASIC}"]
    assert {seen.path.partition("?")[0] for seen in arrived} >= {"/good.csv", "/401.csv"}
    assert all(quote_plus(CANARY) in seen.path for seen in running.asked("/500.csv"))
    outputs = [out, err]
    for name in ("land", "stage", "status"):
        result = canary_project.run("--verbose", name)
        assert result.exit_code == 0, result.output
        outputs.append(result.output.encode())
    assert canary_project.queried("select count(*) as n from raw_ferries.crossings") == [{"n": 3}]
    expect_no_canary(canary_project, *outputs)


@pytest.mark.fault("secrets in output", outcome="in no message, log, record or argument")
def test_a_crash_does_not_show_the_canary(canary_project: Project) -> None:
    code, out, err = command(canary_project, "fetch", code=CRASH)
    assert code == 1
    assert b"RuntimeError: a fault of the loader" in err
    assert b"***" in err
    expect_no_canary(canary_project, out, err)
