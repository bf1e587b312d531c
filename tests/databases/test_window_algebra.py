"""Where the next window begins and ends, without a database."""

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shop import at

from python_loaders.contract.fetch_database import Bound, Cursor
from python_loaders.errors import ContractError
from python_loaders.fetch.database.window import (
    MICROSECOND,
    ONE_DAY,
    Scale,
    Window,
    next_high,
    next_low,
    progress,
)

NUMBERS = Scale("integer", 1)
SECONDS = Scale("timestamp", 1_000_000 * MICROSECOND)
DAYS = Scale("date", ONE_DAY)


def cursor(lag: object = 0, **more: object) -> Cursor:
    return Cursor.model_validate({"column": "c", "lag": lag} | more)


def window(low: int | None, high: int, **more: object) -> Window:
    given = {"column": "c", "kind": "integer", "low": low, "high": high}
    return Window.model_validate(given | more)


@pytest.mark.parametrize(
    ("windows", "start", "lag", "low"),
    [
        pytest.param([], None, 3, None, id="from the beginning"),
        pytest.param([], 100, 3, 100, id="from start"),
        pytest.param([(None, 10)], None, 0, 10, id="from where it ended"),
        pytest.param([(None, 10)], None, 3, 7, id="from the lag before that"),
        pytest.param([(7, 20), (None, 10)], None, 3, 17, id="in any order"),
        pytest.param([(None, 10), (8, 20)], None, 3, 7, id="a window that began too late"),
        pytest.param([(None, 10), (20, 30)], None, 0, 10, id="from the gap"),
        pytest.param([(20, 30)], None, 0, None, id="the first is missing"),
        pytest.param([(100, 120)], 100, 3, 117, id="from start on"),
        pytest.param([(100, 104)], 100, 9, 100, id="never before start"),
        pytest.param([(100, 120)], 50, 0, 50, id="an earlier start"),
        pytest.param([(100, 120)], 110, 0, 120, id="a later start"),
        pytest.param([(100, 120)], 130, 0, 130, id="a start behind everything"),
        pytest.param([(None, 30), (5, 20)], None, 0, 30, id="one within another"),
    ],
)
def test_where_a_window_begins(
    windows: list[tuple[int | None, int]], start: int | None, lag: int, low: int | None
) -> None:
    rule = cursor(lag, start=start)
    done = progress([window(*pair, lag=lag) for pair in windows], NUMBERS, rule)
    assert next_low(done, NUMBERS, rule) == low


def test_windows_of_another_column_or_kind_say_nothing() -> None:
    others = [window(None, 10, column="d"), window(None, 10, kind="date")]
    assert progress(others, NUMBERS, cursor()).reach is None


def test_the_count_of_rows_without_a_cursor_is_kept() -> None:
    windows = [window(None, 10, nulls=4), window(10, 20)]
    assert progress(windows, NUMBERS, cursor()).nulls == 4


@pytest.mark.parametrize(
    ("scale", "last", "clock", "high"),
    [
        (NUMBERS, 7, None, 8),
        (NUMBERS, None, None, None),
        (SECONDS, at(5), at(9.7), at(6)),
        (SECONDS, None, at(9.7), None),
        (DAYS, at(0).date(), at(86_400), at(86_400).date()),
    ],
)
def test_where_a_window_ends(
    scale: Scale, last: Bound | None, clock: Bound | None, high: Bound | None
) -> None:
    assert next_high(last, clock, progress([], scale, cursor()), None, scale) == high


def test_the_running_tick_of_the_clock_is_left_for_the_next_window() -> None:
    assert SECONDS.floor(at(9.7)) == at(9)
    assert DAYS.floor(at(9.7)) == at(0).date()


def test_a_clock_or_a_number_that_was_set_back() -> None:
    done = progress([window(None, 100)], NUMBERS, cursor())
    for last, low in ((98, 100), (88, 90)):
        with pytest.raises(ContractError, match="everything up to 100 was read"):
            next_high(last, None, done, low, NUMBERS)
    # Within the lag nothing is lost: the next window reaches back to 90.
    assert next_high(95, None, done, 90, NUMBERS) == 96
    timed = Window(column="c", kind="timestamp", low=None, high=at(60).isoformat())
    done = progress([timed], SECONDS, cursor("1 second"))
    with pytest.raises(ContractError, match="clock of the database shows 2024-01-01T12:00:30"):
        next_high(at(20), at(30.5), done, at(59), SECONDS)


@pytest.mark.parametrize(
    ("scale", "rule", "message"),
    [
        (NUMBERS, cursor("1 minute"), "write a whole number"),
        (SECONDS, cursor(5), "write a time"),
        (DAYS, cursor("36 hours"), "whole days"),
        (NUMBERS, cursor(0, start=dt.date(2024, 1, 1)), "start"),
        (SECONDS, cursor(0, start=2024), "start"),
        (DAYS, cursor(0, start=at(0)), "start"),
    ],
)
def test_lag_and_start_are_of_the_kind_of_the_column(
    scale: Scale, rule: Cursor, message: str
) -> None:
    with pytest.raises(ContractError, match=message):
        scale.fit(rule)


def test_a_date_where_a_moment_begins() -> None:
    assert SECONDS.fit(cursor(0, start=dt.date(2024, 1, 1))).start == at(-43_200)


@pytest.mark.parametrize("lag", ["10", "10 parsecs", "-3 minutes", True, 1.5, None])
def test_a_lag_that_nobody_understands(lag: object) -> None:
    with pytest.raises(ValueError, match="lag"):
        cursor(lag)


def test_a_lag_must_be_said() -> None:
    with pytest.raises(ValueError, match="lag"):
        Cursor.model_validate({"column": "c"})


def test_a_lag_before_the_beginning_of_time() -> None:
    assert SECONDS.before(dt.datetime(1, 1, 2), dt.timedelta(days=9)) == dt.datetime(1, 1, 1)  # noqa: DTZ001
    assert DAYS.before(dt.date(1, 1, 2), dt.timedelta(days=9)) == dt.date(1, 1, 1)


Row = tuple[int, float]  # the second of the stamp, and the moment of the commit


@st.composite
def histories(draw: Callable[..., object]) -> tuple[int, list[Row], list[float], set[int]]:
    """A lag, rows that are committed within it, moments of fetches, and fetches that are lost."""
    lag = draw(st.integers(0, 4))
    quarters = st.integers(0, 40)
    written = draw(st.lists(quarters, max_size=12))
    rows = [(q // 4, (q + draw(st.integers(0, lag * 4))) / 4) for q in written]
    fetches = sorted(q / 4 for q in draw(st.lists(quarters, min_size=1, max_size=8, unique=True)))
    lost = draw(st.sets(st.integers(0, len(fetches) - 1), max_size=2))
    return lag, rows, fetches, lost


@given(histories())
# The second of three fetches, the only one to see the second row, is taken back.
@example((4, [(1, 1.25), (0, 3.0), (4, 4.5), (6, 6.5)], [2.0, 5.0, 7.0], {1}))
@settings(max_examples=300, deadline=None)
def test_every_row_that_is_committed_within_the_lag_is_read(
    history: tuple[int, list[Row], list[float], set[int]],
) -> None:
    """Whatever the moments, the ties and the deliveries that are taken back."""
    lag, rows, fetches, lost = history
    scale, rule = SECONDS, cursor(f"{lag} seconds")
    kept: dict[int, tuple[Window, set[int]]] = {}
    for number, moment in enumerate([*fetches, 100]):
        if moment == 100:
            kept = {n: pair for n, pair in kept.items() if n not in lost}
        visible = {i: at(stamp) for i, (stamp, committed) in enumerate(rows) if committed < moment}
        clock = at(moment)
        done = progress([window for window, _ in kept.values()], scale, rule)
        low = next_low(done, scale, rule)
        due = [stamp for stamp in visible.values() if stamp < scale.floor(clock)]
        last = max(due, default=None)
        high = next_high(last, clock, done, low, scale)
        if high is not None:
            read = {i for i, s in visible.items() if (low is None or s >= low) and s < high}
            text = None if low is None else scale.text(low)
            bounds = {"low": text, "high": scale.text(high), "lag": lag}
            kept[number] = Window(column="c", kind="timestamp", **bounds), read
    assert set().union(*(read for _, read in kept.values())) == set(range(len(rows)))
