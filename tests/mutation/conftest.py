"""A warehouse for the mutants of the sample."""

import pytest
from mutation_fixture import Fixture, build


@pytest.fixture(scope="session")
def mutation_fixture(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    return build(tmp_path_factory.mktemp("mutation"))
