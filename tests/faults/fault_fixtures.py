"""Fixtures for every folder whose tests let processes run into faults."""

import sys
from collections.abc import Iterator

import pytest
from forked import ForkServer


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """The process that all others are forked from."""
    server = ForkServer(tmp_path_factory.mktemp("forks"))
    yield server
    server.stop()


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """Lines that are shown whether or not the test fails."""
    lines: list[str] = []
    yield lines
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{line}" for line in lines) + "\n")
