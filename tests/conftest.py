"""The order of the tests: folders with long tests first, so that all processes end together."""

import pytest

LONG = ("end_to_end", "replay", "postgres", "databases", "faults", "mutation")
TESTS = "tests/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        folder = item.nodeid.removeprefix(TESTS).partition("/")[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=place)
