"""kill -9 at any moment of a run: never a part, and a second run repairs."""

import random
import time
from collections import Counter

import pytest
from fault_project import FaultProject, delivery
from forked import killed
from kill_matrix import tidy

ROWS = 60_000
SEED = 20_260_101


def kill_at_random(project: FaultProject, hits: int, seed: int, printed: list[str]) -> None:
    """Land correction after correction; kill each landing once, at a random moment of its run.

    Only kills that hit a running process count.
    """
    chance = random.Random(seed)
    live = "ship"
    project.deliver("crossings.csv", delivery(2020, live, ROWS))
    begin = time.monotonic()
    project.expect("land")
    length = time.monotonic() - begin
    seen: Counter[str] = Counter()
    while seen["old"] + seen["new"] < hits:
        name = f"ship{seen.total()}"
        moment = chance.uniform(0, length)
        place = f"seed {seed}, {name}, killed after {moment:.4f} s"
        before = project.commits()
        project.deliver("crossings.csv", delivery(2020, name, ROWS))
        child = project.start("land")
        time.sleep(moment)
        child.send(9)
        if killed(child.wait()):
            is_new = len(project.commits()) > len(before)
            assert project.ships() == {name if is_new else live: ROWS}, place
            seen["new" if is_new else "old"] += 1
            length *= 1.02  # until some come too late: then the last moments are hit as well
        else:
            seen["missed"] += 1
            length *= 0.95
        project.expect("land")
        assert project.ships() == {name: ROWS}, place
        assert project.commits()[:-1] == before, place
        live = name
    tidy(project)
    printed.append(
        f"contrail land, killed at random (seed {seed}): {seen['old'] + seen['new']} hits, "
        f"{seen['old']} old, {seen['new']} new, 0 in part; {seen['missed']} came too late"
    )


@pytest.mark.fault("kill -9 at any time", outcome="the old delivery or the new one, never a part")
def test_some_kills(project: FaultProject, printed: list[str]) -> None:
    kill_at_random(project, 25, SEED, printed)


@pytest.mark.soak
def test_many_kills(project: FaultProject, printed: list[str]) -> None:
    kill_at_random(project, 250, time.time_ns(), printed)
