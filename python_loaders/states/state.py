"""A state: the warehouse as it stood after an earlier commit of the landing log.

It is made from the beginning of the log, which never changes, with the models and contracts of
today. So the same rule says what counted then and what counts now, and two states differ by what
was delivered between them and by nothing else. On DuckDB a state is a file of its own, on
PostgreSQL it has schemas of its own; what readers use is not touched.
"""

from collections.abc import Sequence

from python_loaders.errors import UsageError
from python_loaders.landing.log import Commit, CommitLog


def suffix(seq: int) -> str:
    """Return what the names of a state's schemas end with; profiles.yml and macros/states agree."""
    return f"_as_of_{seq}"


def parse_seq(text: str) -> int:
    """Return the number of a commit as somebody wrote it.

    Raises:
        UsageError: it is no number.
    """
    if not text.isdecimal():
        raise UsageError(f"{text!r} is not the number of a commit. `contrail log` lists them.")
    return int(text)


def commits_as_of(log: CommitLog, seq: int) -> list[Commit]:
    """Return the commits that there were after a commit.

    Raises:
        UsageError: there is no such commit.
    """
    commits: Sequence[Commit] = log.read()
    if not 1 <= seq <= len(commits):
        there = f"The log has the commits 1 to {len(commits)}" if commits else "The log is empty"
        raise UsageError(f"there is no commit {seq}. {there}; `contrail log` lists them.")
    return list(commits[:seq])
