"""A fixed sample of the mutants is killed. All of them: `make mutation`.

A survivor is a rule that no test guards: write the unit test or data test that says it. If it gives
the same rows for every input, list it in equivalents.yml with the reason.
"""

from mutate import chosen, judged, sampled
from mutation_fixture import Fixture

MODELS = 8
OF_EACH = 5
SEED = 2013


def test_tests_notice_a_sample_of_mistakes(mutation_fixture: Fixture) -> None:
    sample = sampled(chosen(mutation_fixture, []), MODELS, OF_EACH, SEED)
    results = judged(mutation_fixture, sample, lambda _: None)
    assert results.count()["killed"] >= len(sample) // 2
    assert not results.survivors()
