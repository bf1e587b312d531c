"""Which files a landing takes, by what the command line names."""

from collections.abc import Sequence
from pathlib import Path

from python_loaders.contract.load import load_sources, select_tables
from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.landing.delivery import Candidate, files_below, find_candidates
from python_loaders.printable import printable
from python_loaders.settings import Settings


def choose_candidates(
    settings: Settings, names: Sequence[str], files: Sequence[Path], display: Display
) -> list[Candidate]:
    """Return the deliveries to land, in order, and tell what is in the inbox beside them.

    Args:
        settings: where things live.
        names: SOURCE or SOURCE.TABLE; all for no name.
        files: instead of those of the inbox.
        display: where warnings go.

    Raises:
        UsageError: there is no such source, table or file, or no contract matches a file.
    """
    tables = select_tables(load_sources(settings.sources), names)
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: there is no such file")
    candidates, unmatched = find_candidates(files or files_below(settings.inbox), tables)
    if files and unmatched:
        globs = sorted({glob for table in tables for e in table.extracts for glob in e.files})
        raise UsageError(
            f"{unmatched[0]}: no contract matches this name. Names that do: {', '.join(globs)}"
        )
    if not names and unmatched:
        listed = ", ".join(printable(str(path.relative_to(settings.inbox))) for path in unmatched)
        display.warning(f"no contract matches these files of the inbox: {listed}")
    if not candidates:
        display.line(f"nothing to land in {settings.inbox}; `contrail fetch` brings the samples")
    return candidates
