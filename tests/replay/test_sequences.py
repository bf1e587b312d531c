"""Whatever is delivered, and whenever it is built: it ends in what a build from nothing gives.

A failure prints its sequence. It becomes a test in test_found.py, as it is.

    pytest -m soak tests/replay                          # 200 sequences, for half an hour or more
    CONTRAIL_SOAK=1000 pytest -m soak tests/replay --hypothesis-seed=7
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from operations import Replay, Step
from strategies import sequences

COMMON = settings(
    deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)
)


# The same sequences with every run, and no search for a shorter one.
@settings(COMMON, max_examples=8, derandomize=True, phases=[Phase.generate])
@given(steps=sequences())
def test_incremental_builds_equal_a_full_build(replay: Replay, steps: list[Step]) -> None:
    replay(steps, past=False)


@pytest.mark.soak
@settings(
    COMMON,
    max_examples=int(os.environ.get("CONTRAIL_SOAK", "200")),
    phases=[Phase.generate, Phase.shrink],
)
@given(steps=sequences())
def test_incremental_builds_equal_a_full_build_in_a_long_run(
    replay: Replay, steps: list[Step]
) -> None:
    replay(steps)
