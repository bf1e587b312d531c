"""The benchmark of readers notices what it is there to notice."""

import sys
from math import inf

import pytest
from project_manifest import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from looks import AGREE, LONG, MONTH, Build, Look, legal, line

FULL = {MONTH: 100, LONG: 1000}
BUILDS = [Build(1, 10, 20), Build(2, 30, 40), Build(3, 50, inf), Build(4, 60, 70)]


@pytest.mark.parametrize(
    ("began", "ended", "answers"),
    [
        (0, 1, {100}),
        (9, 10, {100, 99}),
        (15, 16, {100, 99}),
        (21, 22, {99}),
        (35, 55, {99, 98, 97}),
        (56, 58, {98, 97}),  # the third build failed, and nobody knows how far it came
        (65, 66, {98, 97, 96}),
        (71, 99, {96}),
    ],
)
def test_a_look_may_see_the_versions_of_its_time(
    began: float, ended: float, answers: set[int]
) -> None:
    assert legal(Look(MONTH, began, ended, 0), 100, BUILDS) == answers


def test_wrong_answers_are_counted() -> None:
    looks = [
        Look(MONTH, 0, 1, 100),
        Look(MONTH, 15, 16, 99),
        Look(MONTH, 15, 16, 0),  # a part
        Look(MONTH, 21, 22, 100),  # stale
        Look(LONG, 21, 22, 999),
        Look(LONG, 21, 22, 900),  # a part
        Look(AGREE, 15, 16, 0),
        Look(AGREE, 15, 16, 1),
        Look(MONTH, 15, 16, "could not set lock"),
    ]
    cells = [cell.strip() for cell in line("x", looks, FULL, BUILDS).split("|")][1:6]
    assert cells == ["x", "9", "1", "3", "1"]
