"""`contrail gc`: remove what killed runs have left behind."""

import re
from typing import Annotated

import typer

from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.landing.gc import collect
from python_loaders.landing.log import CommitLog
from python_loaders.settings import load_settings

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def collect_garbage(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    grace: Annotated[
        str, typer.Option(help="Keep what is younger: 90m, 24h, 7d; 0s keeps nothing.")
    ] = "24h",
) -> None:
    """Remove unfinished files, and files that no commit names; what is landed stays for ever."""
    settings, display = load_settings(), Display()
    found = collect(CommitLog(settings.landing), settings.inbox, _seconds(grace), dry_run=dry_run)
    done = "would remove" if dry_run else "removed"
    for item in found:
        what = f"kept, younger than {grace}" if item.kept else done
        display.line(f"{what}: {item.path} ({item.bytes:,} bytes)")
    gone = [item for item in found if not item.kept]
    display.line(f"{done} {len(gone)} leftovers, {sum(item.bytes for item in gone) / 1e6:,.1f} MB")


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if not match:
        raise UsageError(f"--grace {text}: give a number and s, m, h or d, like 90m or 24h")
    return int(match[1]) * SECONDS[match[2]]
