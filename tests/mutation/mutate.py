"""Break each model in every way that is known, and report which mistakes no test noticed.

python tests/mutation/mutate.py                          # all models about the data
python tests/mutation/mutate.py fct_flights flights      # some of them
python tests/mutation/mutate.py --report docs/benchmarks/mutation.md
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "replay"), str(HERE.parents[1])]

from equivalents import Equivalents
from judge import Judge, Verdict
from mutants import Mutant, mutants_of
from mutation_fixture import Fixture, build
from mutation_report import report

# Models about runs of dbt read no deliveries; tests/runs has runs for them.
ABOUT_RUNS = "models/ops/"


@dataclass
class Results:
    """What became of the mutants."""

    say: Callable[[str], None]
    verdicts: list[tuple[Mutant, Verdict]] = field(default_factory=list)
    equivalents: Equivalents = field(default_factory=Equivalents)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        if verdict.outcome == "survived" and self.equivalents.reason(mutant.name):
            verdict = Verdict("equivalent", changed=verdict.changed)
        if verdict.outcome == "survived":
            unseen = "" if verdict.changed else " (and no row of the fixture is another)"
            self.say(f"survived: {mutant.name}{unseen}")
        self.verdicts.append((mutant, verdict))

    def count(self) -> Counter[str]:
        return Counter(verdict.outcome for _, verdict in self.verdicts)

    def survivors(self) -> list[str]:
        return [mutant.name for mutant, v in self.verdicts if v.outcome == "survived"]

    def score(self) -> float:
        """The killed ones' share, in percent, of those that are SQL and not equivalent."""
        count = self.count()
        return 100 * count["killed"] / max(1, count["killed"] + count["survived"])


def chosen(fixture: Fixture, models: Sequence[str]) -> list[Mutant]:
    """Return the mutants of some models, or of all that are about the data."""
    return [
        mutant
        for query in fixture.queries()
        if (query.model in models if models else not query.path.startswith(ABOUT_RUNS))
        for mutant in mutants_of(query)
    ]


def sampled(mutants: Sequence[Mutant], models: int, of_each: int, seed: int) -> list[Mutant]:
    """Return some mutants of some models; always the same for one seed."""
    dice, sample = random.Random(seed), []
    for name in dice.sample(sorted({mutant.model for mutant in mutants}), models):
        own = [mutant for mutant in mutants if mutant.model == name]
        sample += dice.sample(own, min(of_each, len(own)))
    return sample


def judged(fixture: Fixture, mutants: Sequence[Mutant], say: Callable[[str], None]) -> Results:
    """Judge mutants; say which survive."""
    judge = Judge(fixture, fixture.unit_tests({mutant.model for mutant in mutants}))
    assert not judge.not_passing, f"fail without any mistake: {judge.not_passing}"
    results = Results(say)
    for number, mutant in enumerate(mutants, start=1):
        results.add(mutant, judge.judge(mutant))
        if number % 100 == 0:
            say(f"{number} of {len(mutants)} mutants, {results.score():.1f} % killed")
    judge.close()
    return results


def _say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="default: all")
    parser.add_argument("--report", type=Path, help="write the table of models here")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="contrail-mutation-") as home:
        fixture = build(Path(home))
        results = judged(fixture, chosen(fixture, arguments.models), _say)
    count = results.count()
    _say(
        f"{len(results.verdicts)} mutants in {time.monotonic() - began:.0f} s: "
        f"{count['killed']} killed, {count['survived']} survived, "
        f"{count['equivalent']} equivalent, {count['invalid']} not SQL: {results.score():.1f} %"
    )
    if arguments.report:
        arguments.report.write_text(report(results.verdicts), encoding="utf-8")
    return 1 if count["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
