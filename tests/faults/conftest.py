"""An empty project for each test."""

from pathlib import Path

import pytest
from fault_fixtures import forks, printed
from fault_project import FaultProject
from forked import ForkServer

__all__ = ["forks", "printed"]


@pytest.fixture
def project(tmp_path: Path, forks: ForkServer) -> FaultProject:
    return FaultProject.build(tmp_path / "project", forks)
