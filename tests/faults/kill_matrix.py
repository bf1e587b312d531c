"""Kill a command at each of its points, each time from the same beginning."""

from collections import Counter
from collections.abc import Callable

from fault_project import FaultProject
from forked import killed

from python_loaders.landing.gc import collect
from python_loaders.landing.log import CommitLog
from python_loaders.landing.verify import verify


def tidy(project: FaultProject) -> None:
    """Collect what the killed run left; then nothing may be wrong with the landing zone."""
    log = CommitLog(project.landing)
    collect(log, project.inbox, 0, dry_run=False)
    assert verify(CommitLog(project.landing), lambda _: None).problems == []


def moments_of_all(_: str) -> tuple[str, ...]:
    return ("before", "after")


def matrix(
    prepared: FaultProject,
    command: tuple[str, ...],
    points: tuple[str, ...],
    look: Callable[[FaultProject], object],
    printed: list[str],
    moments: Callable[[str], tuple[str, ...]] = moments_of_all,
) -> None:
    """Run a command to its end, then kill it at each point that it passed.

    After each kill a reader sees what was there before or what the whole command makes, a second
    run ends in the same bytes, and what is left over is invisible and can be collected.

    Args:
        prepared: the project before the command.
        command: what is killed.
        points: which calls count (see faulty_child.py).
        look: what a reader sees.
        printed: is told the counts.
        moments: whether to kill before a point of a name, after it, or both.
    """
    whole = prepared.copy(prepared.root.parent / "whole")
    child = whole.start(*command, points=points)
    assert child.wait() == 0, child.output
    before, after, passed = look(prepared), look(whole), child.passed
    tidy(whole)
    bytes_after = whole.tree()
    assert before != after
    assert len(passed) > 3
    counts: Counter[tuple[str, str]] = Counter()
    cells = [(n, name, moment) for n, name in enumerate(passed, 1) for moment in moments(name)]
    for number, name, moment in cells:
        place = f"{moment} point {number} ({name})"
        hit = prepared.copy(prepared.root.parent / f"{number}-{moment}")
        code, output = hit.run(*command, points=points, fault=f"kill:{number}:{moment}")
        assert killed(code), f"{place}: {code}\n{output}"
        seen = look(hit)
        assert seen in (before, after), f"{place}: readers see {seen}"
        counts[name, "new" if seen == after else "old"] += 1
        hit.expect(*command)
        assert look(hit) == after, place
        tidy(hit)
        assert hit.tree() == bytes_after, place
    printed.append(f"contrail {' '.join(command)}: {len(cells)} kills")
    for name in dict.fromkeys(passed):
        old, new = counts[name, "old"], counts[name, "new"]
        printed.append(f"  {name:<40} {old + new:>3} kills: {old:>3} old, {new:>3} new, 0 in part")
