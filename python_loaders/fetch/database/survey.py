"""What is asked in a snapshot before its first row is read: how many rows, and do they fit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from python_loaders.contract.fetch_database import Bound, Cursor
from python_loaders.errors import ContractError
from python_loaders.fetch.database.reading import Reading, Snapshot, UnreadableError
from python_loaders.fetch.database.window import (
    Progress,
    Scale,
    Window,
    next_high,
    next_low,
    progress,
)


@dataclass(frozen=True)
class Selection:
    """Which rows to read.

    Attributes:
        where: a condition in SQL, "" for all rows.
        window: what the condition stands for, None for all rows.
    """

    where: str = ""
    window: Window | None = None


def select_window(
    snapshot: Snapshot,
    reading: Reading,
    cursor: Cursor,
    windows: Sequence[Window],
    say: Callable[[str], None],
) -> Selection | None:
    """Return the rows of the next window, None if it would be empty.

    Args:
        snapshot: what to ask.
        reading: of the cursor's column.
        cursor: what the contract says about it.
        windows: what was read before.
        say: is told about rows that are left for later.

    Raises:
        ContractError: the cursor cannot be one, has no value in some rows and the contract does
            not say what that means, or was set back.
    """
    try:
        scale = snapshot.scale(reading.live)
    except UnreadableError as error:
        raise ContractError(
            f"cursor.column: {cursor.column} is {reading.live.type}: {error}"
        ) from None
    cursor = scale.fit(cursor)
    name = snapshot.quote(reading.live.name)

    def literal(value: Bound) -> str:
        return snapshot.literal(value, reading.live)

    done = progress(windows, scale, cursor)
    low = next_low(done, scale, cursor)
    clock = None if scale.kind == "integer" else snapshot.clock
    due = "" if clock is None else f" where {name} < {literal(scale.floor(clock))}"
    [last] = snapshot.ask(f"select max({name}) from {snapshot.relation}{due}")  # noqa: S608
    high = next_high(None if last is None else scale.value(last), clock, done, low, scale)
    nulls = _null_rows(snapshot, name, cursor, done, say)
    if clock is not None:
        _tell_of_later(snapshot, name, literal(scale.floor(clock)), say)
    conditions = []
    if high is not None:
        bounds = [f"{name} >= {literal(low)}"] if low is not None else []
        conditions.append(" and ".join([*bounds, f"{name} < {literal(high)}"]))
    if nulls:
        conditions.append(f"{name} is null")
    if not conditions:
        return None
    # Rows without a cursor alone open no window, so they leave everything before it as it was.
    end = high if high is not None else done.reach if done.reach is not None else cursor.start
    return Selection(" where " + " or ".join(conditions), _window(cursor, scale, low, end, nulls))


def _window(
    cursor: Cursor, scale: Scale, low: Bound | None, high: Bound | None, nulls: int | None
) -> Window | None:
    if high is None:
        return None
    return Window(
        column=cursor.column,
        kind=scale.kind,
        low=None if low is None else scale.text(low),
        high=scale.text(high),
        lag=cursor.lag if isinstance(cursor.lag, int) else int(cursor.lag.total_seconds()),
        nulls=nulls,
    )


def _null_rows(
    snapshot: Snapshot, name: str, cursor: Cursor, done: Progress, say: Callable[[str], None]
) -> int | None:
    """Return how many rows without a cursor are to be read, None if they are not."""
    found = snapshot.ask(f"select count(*) from {snapshot.relation} where {name} is null")  # noqa: S608
    nulls = int(str(found[0]))
    if cursor.null == "include_always":
        return nulls
    if cursor.null == "include_once" and done.nulls is None:
        return nulls
    if cursor.null == "include_once" and nulls > (done.nulls or 0):
        raise ContractError(
            f"{snapshot.relation}: {nulls} rows have no {cursor.column}, and there were "
            f"{done.nulls} when those were read, once. Fill it in the database, or let cursor.null "
            "be include_always."
        )
    if cursor.null == "refuse" and nulls:
        raise ContractError(
            f"{snapshot.relation}: {nulls} rows have no {cursor.column}, so no window would ever "
            "hold them. Fill it in the database, or say with cursor.null what to do: include_once, "
            "include_always or leave_out."
        )
    if cursor.null == "leave_out" and nulls:
        say(f"{snapshot.relation}: {nulls} rows without {cursor.column} are left out")
    return None


def _tell_of_later(snapshot: Snapshot, name: str, now: str, say: Callable[[str], None]) -> None:
    later = f"select count(*) from {snapshot.relation} where {name} >= {now}"  # noqa: S608
    [found] = snapshot.ask(later)
    if int(str(found)):
        say(f"{snapshot.relation}: {found} rows are not due yet, {name} is {now} or later")


def count_rows(
    snapshot: Snapshot, readings: Sequence[Reading], selection: Selection, label: str
) -> int:
    """Return the number of rows to read.

    Raises:
        ContractError: some of their values cannot be read, with the number of them by column.
    """
    checked = [reading for reading in readings if reading.misfit]
    counts = ", ".join(["count(*)", *(f"count(case when {r.misfit} then 1 end)" for r in checked)])
    found = snapshot.ask(f"select {counts} from {snapshot.relation}{selection.where}")  # noqa: S608
    rows, *misfits = (int(str(number)) for number in found)
    problems = [
        f"column {r.column.name} ({r.live.type}): {number} value(s) do not fit {r.column.data_type}"
        for r, number in zip(checked, misfits, strict=True)
        if number
    ]
    if problems:
        raise ContractError(
            f"{label}: nothing of {snapshot.relation} was read.\n  " + "\n  ".join(problems) + "\n"
            "Correct them in the database. Infinite or zero dates and NaN can be declared to mean "
            "nothing, with null_values of the column."
        )
    return rows


def select_sql(
    snapshot: Snapshot, readings: Sequence[Reading], selection: Selection, order: str = ""
) -> str:
    """Return the query of the rows, under the names of the contract."""
    values = ", ".join(f"{r.value} as {snapshot.quote(r.column.landed_name)}" for r in readings)
    return f"select {values} from {snapshot.relation}{selection.where}{order}"  # noqa: S608
