"""`contrail verify`: is the landing zone what the log says?"""

import time

import typer

from python_loaders.display import Display
from python_loaders.landing.log import CommitLog
from python_loaders.landing.verify import verify
from python_loaders.settings import load_settings

DAMAGED = 1


def verify_landing() -> None:
    """Recompute every hash, the chain of commits and all row counts; exit with 1 if any is off."""
    settings, display = load_settings(), Display()
    begin = time.monotonic()
    with display.progress("verify") as advance:
        found = verify(CommitLog(settings.landing), advance)
    seconds = time.monotonic() - begin
    for problem in found.problems:
        display.line(problem, "red")
    megabytes = found.bytes / 1e6
    what = f"{len(found.problems)} problem(s)" if found.problems else "all as it was landed"
    display.line(
        f"{found.commits:,} commits, {found.files:,} files, {found.rows:,} rows, "
        f"{megabytes:,.1f} MB in {seconds:.2f} s ({megabytes / seconds:,.0f} MB/s): {what}"
    )
    raise typer.Exit(DAMAGED if found.problems else 0)
