"""Stage a state: the raw relations as they were after a commit."""

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.landing.log import CommitLog
from python_loaders.settings import load_settings
from python_loaders.stage.duckdb import DuckDBStager
from python_loaders.states.state import commits_as_of, parse_seq
from python_loaders.states.store import DuckDBStates


def stage_duckdb(seq_text: str) -> None:
    """Make the views of a state in its own DuckDB file. They are lists of files and cost nothing.

    Raises:
        ContrailError: there is no such commit, or a file that it names is missing.
    """
    settings, seq = load_settings(), parse_seq(seq_text)
    commits = commits_as_of(CommitLog(settings.landing), seq)
    tables = loadable_tables(load_sources(settings.sources))
    DuckDBStates(settings).remember(seq, None)  # dbt may be about to build a part of it
    DuckDBStager(settings.state(seq), settings.landing).stage(tables, commits)
