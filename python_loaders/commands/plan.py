"""`contrail plan`: what would a landing do?"""

from pathlib import Path
from typing import Annotated

import typer

from python_loaders.commands.choose import choose_candidates
from python_loaders.display import Display
from python_loaders.landing.log import CommitLog
from python_loaders.landing.plan import Plan
from python_loaders.landing.run import SUMMARY_HEADERS, summary_row
from python_loaders.settings import load_settings


def plan_landing(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="This file instead of the inbox; repeatable.")
    ] = None,
) -> None:
    """Say of each delivery what landing it would do, and why; writes nothing."""
    settings, display = load_settings(), Display()
    candidates = choose_candidates(settings, names or [], file or [], display)
    plan = Plan(CommitLog(settings.landing))
    done = []
    for candidate in candidates:
        result = plan.attempt(candidate, display.progress)
        done.append(result)
        if result.error:
            display.error(result.error)
        for warning in result.landed.warnings if result.landed else ():
            display.warning(warning)
        display.line(result.line)
    if done:
        display.table("Plan", SUMMARY_HEADERS, [summary_row(result) for result in done])
    raise typer.Exit(max((result.exit_code for result in done), default=0))
