"""A project of its own for every test, and a server that misbehaves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ferry_project import CONTRACT, Project
from http_bench import Bench
from misbehaving_server import Server, serving


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project with the contract of ferries.crossings."""
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONTRAIL_DATA", raising=False)
    made = Project(tmp_path)
    made.describe(CONTRACT)
    made.inbox.mkdir(parents=True)
    return made


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    """One server for all tests; each of them plans its answers."""
    with serving() as server:
        yield server


@pytest.fixture
def bench(running: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """An inbox to fetch into, and the server to fetch from."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    running.seen.clear()
    return Bench(running, tmp_path / "inbox")
