"""When to try again: capped exponential backoff with jitter, within a total deadline."""

import datetime as dt
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Protocol, TypeVar

from python_loaders.errors import ContrailError

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
Result = TypeVar("Result")


class Clock(Protocol):
    """The time, so that tests need not wait."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""

    def now(self) -> dt.datetime:
        """Return the moment in UTC, without a zone."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The clock of the machine."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def now(self) -> dt.datetime:
        """Return the moment in UTC, without a zone."""
        return dt.datetime.now(dt.UTC).replace(tzinfo=None)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class TransientError(ContrailError):
    """An attempt failed in a way that another one may not.

    Args:
        message: what happened and where.
        wait: seconds that the server asks to wait, None if it does not say.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass
class Deadline:
    """The moment after which nothing is tried any more."""

    clock: Clock
    seconds: float

    def __post_init__(self) -> None:
        self._end = self.clock.monotonic() + self.seconds

    @property
    def remaining(self) -> float:
        """Seconds that are left; negative when it is over."""
        return self._end - self.clock.monotonic()

    def check(self, what: str) -> None:
        """Raise ContrailError when it is over."""
        if self.remaining <= 0:
            raise ContrailError(
                f"{what}: not complete after deadline_seconds {self.seconds:g}. Fetch again later, "
                "or allow more time in the contract."
            )


def retry(
    do: Callable[[], Result],
    attempts: int,
    deadline: Deadline,
    say: Callable[[str], None],
) -> Result:
    """Return what `do` returns, trying again after each TransientError.

    Args:
        do: one attempt.
        attempts: how many at most; 1 for what must not be repeated.
        deadline: of all attempts together; no wait goes beyond it.
        say: is told about each failed attempt and the wait after it.

    Raises:
        ContrailError: the last attempt failed, or the wait would go beyond the deadline.
    """
    for attempt in range(1, attempts + 1):
        try:
            return do()
        except TransientError as error:
            if attempt == attempts:
                tried = f" Tried {attempts} times." if attempts > 1 else ""
                raise ContrailError(f"{error}{tried} Fetch again later.") from error
            wait = _backoff(attempt) if error.wait is None else error.wait
            if wait >= deadline.remaining:
                asked = "the server asks to wait" if error.wait is not None else "the next wait is"
                raise ContrailError(
                    f"{error} Attempt {attempt} of {attempts}; {asked} {wait:.0f} s, longer than "
                    f"is left of deadline_seconds {deadline.seconds:g}. Fetch again later."
                ) from error
            say(f"{error} Attempt {attempt} of {attempts}; the next in {wait:.1f} s.")
            deadline.clock.sleep(wait)
    raise AssertionError("a loop of at least one attempt returns or raises")


def _backoff(attempt: int) -> float:
    """Return a random wait up to a bound that doubles, so that clients do not come together."""
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
    return random.uniform(0, longest)  # noqa: S311


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """Return the seconds that a server asks to wait, None if it does not say.

    Args:
        headers: of the answer. A date is compared with the server's own `Date` where it is given.
        now: in UTC, without a zone.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until = _moment(text)
    if until is None:
        return None
    return max(0.0, (until - (_moment(headers.get("Date", "")) or now)).total_seconds())


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
