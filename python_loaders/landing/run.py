"""Land many deliveries: one that fails does not stop the others."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from python_loaders.errors import ContrailError
from python_loaders.landing.approval import NO_CONSENT, Consent
from python_loaders.landing.delivery import Candidate
from python_loaders.landing.history import Landed
from python_loaders.landing.land import land
from python_loaders.landing.log import CommitLog
from python_loaders.printable import printable


@dataclass(frozen=True)
class Attempt:
    """One delivery, and what became of it: `landed` or `error`, the other is None."""

    candidate: Candidate
    seconds: float
    landed: Landed | None = None
    error: ContrailError | None = None

    @property
    def exit_code(self) -> int:
        """0, or the code of the error."""
        return self.error.exit_code if self.error else 0

    @property
    def line(self) -> str:
        """What became of it, in one line."""
        *place, outcome = (*summary_row(self)[:3], summary_row(self)[-1])
        reason = f" ({self.landed.reason})" if self.landed and self.landed.reason else ""
        return printable(f"{' '.join(place)}: {outcome}{reason}")


def attempt(
    candidate: Candidate,
    log: CommitLog,
    progress: Callable[[str], AbstractContextManager[Callable[[int], None]]],
    consent: Consent = NO_CONSENT,
) -> Attempt:
    """Land one delivery and measure it; errors become part of the answer."""
    begin = time.monotonic()
    try:
        with progress(f"{candidate.table.full_name} {candidate.path.name}") as advance:
            landed = land(candidate, log, advance, consent)
    except ContrailError as error:
        return Attempt(candidate, time.monotonic() - begin, error=error)
    return Attempt(candidate, time.monotonic() - begin, landed=landed)


SUMMARY_HEADERS = (
    "source",
    "table",
    "delivery",
    "rows",
    "rejects",
    "seconds",
    "MB/s",
    "outcome",
)


def summary_row(done: Attempt) -> list[str]:
    """Return one line of the summary, in the order of SUMMARY_HEADERS."""
    table = done.candidate.table
    landed = done.landed
    if landed is None:
        outcome = done.error.outcome if done.error else ""
        key = done.candidate.path.name
        return [table.source, table.name, key, "", "", f"{done.seconds:.2f}", "", outcome]
    speed = landed.byte_count / 1e6 / done.seconds
    return [
        table.source,
        table.name,
        landed.key,
        f"{landed.rows:,}",
        f"{landed.rejects:,}",
        f"{done.seconds:.2f}",
        f"{speed:.1f}" if landed.byte_count else "",
        landed.outcome,
    ]
