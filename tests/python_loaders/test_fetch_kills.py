"""A fetch that is killed or stopped leaves nothing that landing would see, and goes on later."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from ferry_project import CONTRACT, HEADER, ROWS, Project
from misbehaving_server import Handler, Server, file, reply

from python_loaders.fetch import inbox, part

CONTENT = (HEADER + ROWS).encode()
STEPS = {
    "before the first byte": (part.Part, "write", "before"),
    "after the last byte": (part.Part, "write", "after"),
    "before the file is durable": (inbox, "sync_file", "before"),
    "after the file is durable": (inbox, "sync_file", "after"),
    "after the origin is durable": (inbox, "write_origin", "after"),
    "after the name is given": (inbox, "sync_directory", "before"),
    "after the name is durable": (inbox, "sync_directory", "after"),
}


@pytest.fixture
def fetching(project: Project, running: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    fetch = f"            fetch: {{kind: http, url: '{running.address}/crossings.csv'}}"
    project.describe(CONTRACT.replace("          meta:\n", f"          meta:\n{fetch}\n", 1))
    running.plan("/crossings.csv", file(CONTENT, '"v1"'))
    running.seen.clear()
    return project


def process(project: Project, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=project.root, env=environment, stderr=subprocess.PIPE
    )


def expect_the_file_once(project: Project, running: Server) -> None:
    result = project.run("fetch")
    assert result.exit_code == 0, result.output
    assert (project.inbox / "crossings.csv").read_bytes() == CONTENT
    visible = [path.name for path in project.inbox.rglob("[!.]*") if ".origin" not in path.parts]
    assert visible == ["crossings.csv"]
    assert [path.name for path in project.inbox.glob(".*.part*")] == []
    assert project.land().exit_code == 0
    [commit] = project.commits()
    assert commit.origin
    assert commit.origin["etag"] == '"v1"'
    asked = len(running.seen)
    assert "unchanged" in project.run("fetch").output
    assert running.seen[asked].header("If-None-Match") == '"v1"'


def killed_at(project: Project, step: str) -> int:
    """Fetch in a process of its own that kills itself at a step; return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:  # here is the child, which must never come back into pytest
        owner, name, when = STEPS[step]
        do = getattr(owner, name)

        def die(*arguments: object) -> None:
            if when == "after":
                do(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, die)
        project.run("fetch")
    finally:
        os._exit(99)


@pytest.mark.fault("kill -9 while fetching", outcome="no file in the inbox or the whole one")
@pytest.mark.parametrize("step", STEPS)
def test_killed(fetching: Project, running: Server, step: str) -> None:
    assert killed_at(fetching, step) == -signal.SIGKILL
    path = fetching.inbox / "crossings.csv"
    assert path.exists() == step.startswith("after the name")
    assert not path.exists() or path.read_bytes() == CONTENT
    expect_the_file_once(fetching, running)


@pytest.mark.fault("SIGTERM and Ctrl-C", outcome="ends within 2 s with 143 or 130, leaves nothing")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stopped(fetching: Project, running: Server, number: signal.Signals) -> None:
    slow = reply(CONTENT, headers={"ETag": '"v1"'}, pause=0.05)
    running.plan("/crossings.csv", slow, file(CONTENT, '"v1"'))
    with process(fetching, "-m", "python_loaders", "fetch") as stopped:
        wait_for(lambda: any(p.stat().st_size for p in fetching.inbox.glob(".*.part")))
        begin = time.monotonic()
        stopped.send_signal(number)
        _, errors = stopped.communicate(timeout=60)
        assert time.monotonic() - begin < 2
    assert stopped.returncode == 128 + number
    assert b"ended by" in errors
    expect_the_file_once(fetching, running)
    assert running.seen[1].header("Range"), "what was there is continued"


@pytest.mark.fault("concurrent fetches", outcome="the second waits for the first")
def test_a_second_fetch_waits_for_the_first(fetching: Project, running: Server) -> None:
    go_on = threading.Event()

    def hold(handler: Handler) -> None:
        handler.head(200, {"Content-Length": str(len(CONTENT)), "ETag": '"v1"'})
        handler.wfile.write(CONTENT[:9])
        go_on.wait(60)
        handler.wfile.write(CONTENT[9:])

    running.plan("/crossings.csv", hold, file(CONTENT, '"v1"'))
    with process(fetching, "-m", "python_loaders", "fetch") as first:
        wait_for(lambda: running.seen)
        with process(fetching, "-m", "python_loaders", "fetch") as second:
            said = second.stderr.readline()
            time.sleep(0.5)  # in which it would ask the server if it did not wait
            asked = len(running.seen)
            go_on.set()
            assert asked == 1
            assert b"another contrail fetch is running" in said
            assert b"crossings.csv: fetched" in first.communicate(timeout=60)[1]
            assert b"crossings.csv: unchanged" in second.communicate(timeout=60)[1]
    assert [seen.header("If-None-Match") for seen in running.seen] == [None, '"v1"']


def wait_for(condition: object) -> None:
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")
