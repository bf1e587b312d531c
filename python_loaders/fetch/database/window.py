"""The windows of a cursor: what was read, and what is to be read next.

A window [low, high) holds the rows whose cursor is at least `low` and less than `high`. What was
read is known from the windows of landed deliveries and of files that wait in the inbox, nothing
else. See docs/databases.md for the rules in words.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from python_loaders.contract.fetch_database import Bound, Cursor, Lag
from python_loaders.errors import ContractError

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are UTC without a zone
EARLIEST = dt.datetime(1, 1, 1)  # noqa: DTZ001
MICROSECOND = dt.timedelta(microseconds=1)
ONE_DAY = dt.timedelta(days=1)
Kind = Literal["integer", "date", "timestamp"]


class Window(BaseModel):
    """One window as it stands in an origin.

    Attributes:
        column: the cursor; windows of another column say nothing.
        kind: how `low` and `high` are to be read.
        low: inclusive; None reaches back to the beginning.
        high: exclusive.
        lag: that the contract asked for when it was read, in seconds or as a whole number.
        nulls: how many rows of the table had no cursor, None if they were not read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    column: str
    kind: Kind
    low: int | str | None
    high: int | str
    lag: int = 0
    nulls: int | None = None

    def record(self) -> dict[str, JsonValue]:
        """Return it for an origin."""
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class Scale:
    """The values of one cursor: how they are counted and written down.

    Attributes:
        kind: whole numbers, dates, or moments in UTC.
        tick: the distance between two neighbours.
    """

    kind: Kind
    tick: Lag

    def text(self, value: Bound) -> int | str:
        """Return a value for JSON and for people."""
        return value if isinstance(value, int) else value.isoformat()

    def value(self, given: object) -> Bound:
        """Return a value of a database, or one that `text` returned a text for."""
        if self.kind == "integer":
            return int(str(given))
        moment = dt.datetime.fromisoformat(str(given))
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC).replace(tzinfo=None)
        return moment if self.kind == "timestamp" else moment.date()

    def floor(self, value: Bound) -> Bound:
        """Return the last value of the scale that is not later than a clock's."""
        if not isinstance(value, dt.datetime) or not isinstance(self.tick, dt.timedelta):
            return value
        if self.kind == "date":
            return value.date()
        return value - (value - EPOCH) % self.tick

    def after(self, value: Bound) -> Bound:
        """Return the next value."""
        return _shift(value, self.tick)

    def before(self, value: Bound, lag: Lag) -> Bound:
        """Return the value that lies `lag` before another; seconds if it is only a number."""
        if isinstance(lag, int) and self.kind != "integer":
            lag = dt.timedelta(seconds=lag)
        try:
            return _shift(value, -lag)
        except OverflowError:
            return EARLIEST if isinstance(value, dt.datetime) else EARLIEST.date()

    def fit(self, cursor: Cursor) -> Cursor:
        """Return the contract's cursor with values of this scale.

        Raises:
            ContractError: lag or start are of another kind than the column.
        """
        lag, start = cursor.lag, cursor.start
        if isinstance(lag, int) != (self.kind == "integer") and lag != 0:
            wanted = "a whole number" if self.kind == "integer" else "a time like `10 minutes`"
            raise ContractError(f"cursor.lag: {cursor.column} is {self.kind}, write {wanted}")
        if self.kind == "date" and isinstance(lag, dt.timedelta) and lag % ONE_DAY:
            raise ContractError(f"cursor.lag: {cursor.column} is a date, write whole days")
        if self.kind == "timestamp" and type(start) is dt.date:
            start = dt.datetime.combine(start, dt.time())
        kinds = {"integer": int, "date": dt.date, "timestamp": dt.datetime}
        if start is not None and type(start) is not kinds[self.kind]:
            raise ContractError(f"cursor.start: {cursor.column} is {self.kind}, {start!r} is not")
        return cursor.model_copy(update={"start": start})


def _shift(value: Bound, by: Lag) -> Bound:
    if isinstance(value, int):
        assert isinstance(by, int)  # noqa: S101
        return value + by
    return value + (by if isinstance(by, dt.timedelta) else dt.timedelta(0))


@dataclass(frozen=True)
class Progress:
    """What is known before a window is opened.

    Attributes:
        reach: everything before it was read, None if nothing was.
        nulls: how many rows had no cursor when those were read, None if they never were.
    """

    reach: Bound | None
    nulls: int | None


def progress(windows: Iterable[Window], scale: Scale, cursor: Cursor) -> Progress:
    """Return how far windows reach without a gap.

    A window holds for certain what lies more than `lag` before its end; the next one must begin
    there or earlier. Where it does not, a delivery was taken back or a file was removed before it
    was landed, and what lies behind is read again.
    """
    own = [w for w in windows if (w.column, w.kind) == (cursor.column, scale.kind)]
    parsed = [(None if w.low is None else scale.value(w.low), scale.value(w.high), w) for w in own]
    parsed.sort(key=lambda item: (item[0] is not None, item[0] if item[0] is not None else item[1]))
    reach: Bound | None = None
    nulls: int | None = None
    for low, high, window in parsed:
        is_first = low is None or (cursor.start is not None and low <= cursor.start)
        if not is_first and (reach is None or low > scale.before(reach, window.lag)):
            break
        reach = high if reach is None else max(reach, high)
        if window.nulls is not None:
            nulls = max(nulls or 0, window.nulls)
    return Progress(reach, nulls)


def next_low(done: Progress, scale: Scale, cursor: Cursor) -> Bound | None:
    """Return where the next window begins: `lag` before what was read, or at `start`."""
    if done.reach is None:
        return cursor.start
    low = scale.before(done.reach, cursor.lag)
    return low if cursor.start is None else max(low, cursor.start)


def next_high(
    last: Bound | None, clock: Bound | None, done: Progress, low: Bound | None, scale: Scale
) -> Bound | None:
    """Return where the window ends, just after its last row, or None if there is none to read.

    Args:
        last: the largest cursor of the snapshot, of those before the clock.
        clock: the database's, read before the snapshot; None for whole numbers. The tick that it
            shows is not over, so the rows of that tick are left for the next window.
        done: what was read before.
        low: where the window begins.
        scale: of the cursor.

    Raises:
        ContractError: the clock, or the largest number, is behind where the window begins.
    """
    high = None if last is None else scale.after(last)
    ahead = high if clock is None else scale.floor(clock)
    if done.reach is not None and low is not None and ahead is not None and ahead < low:
        what = "largest value ends at" if clock is None else "clock of the database shows"
        raise ContractError(
            f"the {what} {scale.text(ahead)}, but everything up to {scale.text(done.reach)} was "
            f"read, and a lag reaches back to {scale.text(low)} only. The clock was set back, or "
            "the table restored or emptied: rows that come now would be missed. Correct it, or "
            "read the table from the beginning with `contrail fetch --anew`."
        )
    return high if high is not None and (low is None or high > low) else None


def windows_of(records: Sequence[dict[str, JsonValue] | None]) -> list[Window]:
    """Return the windows among what origins say."""
    return [Window.model_validate(record) for record in records if record and "high" in record]
