"""What holds for all tests: their order, and that Ctrl-C reaches what they start."""

import signal

import pytest

LONG = ("end_to_end", "replay", "postgres", "databases", "faults", "mutation")
TESTS = "tests/"


def pytest_configure() -> None:
    # A shell has its background jobs ignore Ctrl-C, and their children would, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.nodeid.removeprefix(TESTS).partition("/")[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    # Folders with long tests first, so that all processes end together.
    items.sort(key=place)
