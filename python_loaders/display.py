"""What users see: progress, lines, tables. Rich on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import (
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.table import Table as RichTable

from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.printable import printable
from python_loaders.verbose import log_traceback

UNLIMITED = 10_000
STYLES = {
    "committed": "green",
    "committed with rejects": "yellow",
    "unchanged": "dim",
    "stale": "yellow",
}


class Advance:
    """Receives the bytes read so far of one delivery."""

    def __init__(self, progress: Progress | None, label: str) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=None) if progress else None

    def __call__(self, byte_count: int) -> None:
        """Show that so many bytes of the member have been read."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=byte_count)


class Display:
    """Messages go to standard error, results to standard output."""

    def __init__(self) -> None:
        # Elsewhere than on a terminal a table may be as wide as it needs to be.
        width = None if sys.stdout.isatty() else UNLIMITED
        self.out = Console(highlight=False, emoji=False, width=width)
        self.err = Console(stderr=True, highlight=False, emoji=False)

    @contextmanager
    def progress(self, label: str) -> Iterator[Advance]:
        """Show bytes read of one delivery while it is landed; nothing when not on a terminal."""
        if not self.err.is_terminal:
            yield Advance(None, label)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as progress:
            yield Advance(progress, printable(label))

    def line(self, text: str, style: str = "") -> None:
        """Print one message, without secrets; not wrapped, so that logs can be searched."""
        shown = printable(redact(text), keep="\n")
        self.err.print(shown, style=style, markup=False, soft_wrap=True)

    def warning(self, text: str) -> None:
        """Print something to look at that is no failure."""
        self.line(f"warning: {text}", "yellow")

    def error(self, error: ContrailError) -> None:
        """Print a failure; with --verbose, also where it comes from."""
        self.line(f"error: {error}", "red")
        log_traceback(error)

    def answer(self, text: str) -> None:
        """Print one line of a result on standard output."""
        self.out.print(printable(text, keep="\n\t"), markup=False, soft_wrap=True)

    def table(self, title: str, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table on standard output, each row on one line, and numbers to the right."""
        table = RichTable(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for index, header in enumerate(headers):
            numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
            justify = "right" if numeric else "left"
            table.add_column(printable(header), justify=justify, no_wrap=True)
        for row in rows:
            table.add_row(*map(printable, row), style=STYLES.get(row[-1], ""))
        self.out.print(table, markup=False)


def _is_number(text: str) -> bool:
    return not text or text.replace(",", "").replace(".", "").lstrip("-").isdigit()
