"""Build the states that are needed and not there yet, with dbt."""

import hashlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.display import Display
from python_loaders.errors import ContrailError
from python_loaders.landing.log import CommitLog
from python_loaders.settings import Settings
from python_loaders.stage.base import LOG_SCHEMA
from python_loaders.states.state import commits_as_of
from python_loaders.states.store import StateStore, open_store
from python_loaders.targets import Target, open_stager

# What a state is made of beside its commits.
PROJECT_PARTS = ("dbt_project.yml", "macros", "models", "seeds")
SHOWN_LINES = 15


@dataclass(frozen=True)
class StateBuilder:
    """Builds states of one target."""

    target: Target
    settings: Settings
    display: Display

    @property
    def store(self) -> StateStore:
        """Where the states are kept."""
        return open_store(self.target, self.settings)

    @property
    def artifacts(self) -> Path:
        """Where dbt writes about states; what it writes about the present stays as it is."""
        return self.settings.manifest.parent / "as_of"

    @property
    def manifest(self) -> Path:
        """What dbt knows about the project: what it wrote last about a state, if it ever did."""
        own = self.artifacts / "manifest.json"
        return own if own.exists() else self.settings.manifest

    def staged_commits(self) -> int:
        """Return how many commits the present shows."""
        query = f"select count(*) from {LOG_SCHEMA}.deliveries"  # noqa: S608
        ((count,),) = open_stager(self.target, self.settings).query(query).rows
        return count

    def ensure(self, seq: int) -> None:
        """Build a state unless it is there, from the same commits, models and contracts.

        Raises:
            UsageError: there is no such commit.
            ContrailError: it cannot be staged, or dbt fails.
        """
        log = CommitLog(self.settings.landing)
        commits = commits_as_of(log, seq)
        origin = self._origin(log, seq)
        if self.store.origin(seq) == origin:
            return
        self.display.line(f"building the warehouse as it was after commit {seq} in {self.target}")
        begin = time.monotonic()
        self.store.remember(seq, None)
        if self.target is not Target.DUCKDB:  # there dbt does it
            tables = loadable_tables(load_sources(self.settings.sources))
            open_stager(self.target, self.settings, seq).stage(tables, commits)
        self._run_dbt(seq)
        self.store.remember(seq, origin)
        self.display.line(f"built it in {time.monotonic() - begin:.0f} seconds")

    def _origin(self, log: CommitLog, seq: int) -> str:
        """Return a digest of what a state is made of; a record holds that of its predecessor."""
        total = hashlib.sha256(log.path(seq).read_bytes())
        for part in PROJECT_PARTS:
            root = self.settings.project / part
            for path in sorted([root] if root.is_file() else root.rglob("*")):
                if path.is_file():
                    total.update(f"{path.relative_to(self.settings.project)}\0".encode())
                    total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()

    def _run_dbt(self, seq: int) -> None:
        command = [sys.executable, "-m", "dbt.cli.main", "build", "--full-refresh"]
        command += ["--exclude-resource-type", "test", "unit_test", "--target", str(self.target)]
        command += ["--target-path", str(self.artifacts), "--vars", f"{{as_of_seq: {seq}}}"]
        result = subprocess.run(  # noqa: S603 (our own words)
            command, cwd=self.settings.project, capture_output=True, text=True, check=False
        )
        if result.returncode:
            shown = "\n".join((result.stdout + result.stderr).strip().splitlines()[-SHOWN_LINES:])
            raise ContrailError(
                f"dbt could not build the warehouse as it was after commit {seq}. Correct the "
                f"cause and try again; dbt said at last:\n{shown}"
            )
