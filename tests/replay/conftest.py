"""What the tests of this directory share: dbt, a template of the warehouse, and a count."""

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from operations import Replay, Step, World
from warehouse_in_process import Dbt, ReplayedWarehouse

COUNTED = pytest.StashKey[Counter[str]]()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> ReplayedWarehouse:
    return ReplayedWarehouse.template(
        tmp_path_factory.mktemp("template"), Dbt(tmp_path_factory.mktemp("dbt"))
    )


@pytest.fixture(scope="session")
def new_world(
    template: ReplayedWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], World]:
    """Nothing is landed yet, and what depends on no delivery is built."""
    return lambda: World(template.copied(tmp_path_factory.mktemp("replay") / "built"))


@pytest.fixture(scope="session")
def replay(
    template: ReplayedWarehouse,
    new_world: Callable[[], World],
    pytestconfig: pytest.Config,
) -> Replay:
    """Carry out a sequence, then compare every relation with a build from nothing, now and then."""
    counted = pytestconfig.stash.setdefault(COUNTED, Counter())

    def carry_out(steps: Sequence[Step], *, past: bool = True) -> World:
        world = new_world()
        world.play(steps)
        world.assert_equal_to_a_full_build(template)
        if past:
            world.assert_the_past_comes_back(template)
        counted.update(world.done)
        counted["sequences"] += 1
        return world

    return carry_out


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = terminalreporter.config.stash.get(COUNTED, None)
    if counted:
        words = ", ".join(f"{number} {what}" for what, number in sorted(counted.items()))
        terminalreporter.write_line(f"replayed: {words}")
