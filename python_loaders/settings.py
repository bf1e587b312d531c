"""Where things live: the project, and the data directory that CONTRAIL_DATA moves."""

import os
from dataclasses import dataclass
from pathlib import Path

from python_loaders.errors import UsageError


@dataclass(frozen=True)
class Settings:
    """The directories of one run, all absolute."""

    project: Path
    data: Path

    @property
    def sources(self) -> Path:
        """Directory below which the source YAML files lie."""
        return self.project / "models" / "staging"

    @property
    def inbox(self) -> Path:
        """Files as delivered: fetched, or dropped here by the user."""
        return self.data / "inbox"

    @property
    def landing(self) -> Path:
        """Committed Parquet and the commit log."""
        return self.data / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; profiles.yml names the same path."""
        return self.data / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The copy of it that readers open, so that they never wait for a build."""
        return self.data / "published" / "warehouse.duckdb"

    @property
    def states(self) -> Path:
        """The warehouse as it stood after earlier commits; profiles.yml names the same paths."""
        return self.data / "states"

    def state(self, seq: int) -> Path:
        """Return the DuckDB file of one of them."""
        return self.states / f"as_of_{seq}" / "warehouse.duckdb"

    @property
    def manifest(self) -> Path:
        """What dbt knows about the project; written by every dbt command."""
        return self.project / os.environ.get("DBT_TARGET_PATH", "target") / "manifest.json"


def load_settings() -> Settings:
    """Find the dbt project around the working directory, and its data directory.

    A relative CONTRAIL_DATA is relative to the project, as it is for dbt.

    Raises:
        UsageError: there is no dbt project at or above the working directory.
    """
    here = Path.cwd()
    for directory in (here, *here.parents):
        if (directory / "dbt_project.yml").is_file():
            data = directory / os.environ.get("CONTRAIL_DATA", "data")
            return Settings(project=directory, data=data.resolve())
    raise UsageError(
        f"{here}: no dbt_project.yml here or above. Run contrail inside the project's directory."
    )
