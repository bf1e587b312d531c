"""Which commits count: the last of each key that was not taken back."""

import json

import pytest
from ferry_project import HEADER, ROWS, Project

from python_loaders.landing.log import Commit, CommitLog, Operation, live_commits


@pytest.fixture
def landed(project: Project) -> Commit:
    project.deliver("crossings.csv", HEADER + ROWS)
    project.land()
    return project.commits()[0]


def live_after(first: Commit, *undoes: int | None) -> list[int]:
    """Return the live numbers of a log: None lands the key again, a number takes that one back."""
    commits = [
        first.model_copy(
            update={
                "seq": seq,
                "op": Operation.UNDO if undone else Operation.LAND,
                "undoes": undone,
            },
        )
        for seq, undone in enumerate(undoes, 1)
    ]
    return [commit.seq for commit in live_commits(commits)]


@pytest.mark.parametrize(
    ("undoes", "live"),
    [
        ((None, None), [2]),
        ((None, 1), []),
        ((None, None, 2), [1]),
        ((None, None, 1), [2]),
        ((None, None, 2, 1), []),
        ((None, None, 2, None), [4]),
        ((None, None, 2, None, 4), [1]),
        ((None, None, 2, 3), [2]),  # the undo is taken back
    ],
)
def test_a_commit_that_was_taken_back_gives_way_to_the_one_before_it(
    landed: Commit, undoes: tuple[int | None, ...], live: list[int]
) -> None:
    assert live_after(landed, *undoes) == live


def test_records_without_the_later_fields_are_read(project: Project, landed: Commit) -> None:
    path = CommitLog(project.landing).path(1)
    record = json.loads(path.read_text())
    for name in ("op", "undoes", "forced", "origin", "schema_version", "seal"):
        del record[name]
    path.write_text(json.dumps(record))
    assert project.commits() == [landed.model_copy(update={"seal": ""})]
