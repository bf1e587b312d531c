"""An empty project for each test."""

from pathlib import Path

import pytest
from fault_fixtures import forks, printed
from forked import ForkServer
from harbour import Harbour

__all__ = ["forks", "printed"]


@pytest.fixture
def harbour(tmp_path: Path, forks: ForkServer) -> Harbour:
    return Harbour.build(tmp_path / "project", forks)
