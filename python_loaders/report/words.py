"""Numbers, ages and times as people say them."""

import datetime as dt

NOTHING = "\N{EN DASH}"


def number(value: float | None) -> str:
    """Return a whole number with separators."""
    return NOTHING if value is None else f"{value:,.0f}"


def seconds(value: float | None) -> str:
    """Return a duration, as short as it is clear: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min."""
    if value is None:
        return NOTHING
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def hours(value: float | None) -> str:
    """Return a limit of so many hours in the largest unit that fits."""
    if value is None:
        return NOTHING
    return f"{value / 24:g} days" if value % 24 == 0 else f"{value:g} h"


def moment(value: dt.datetime | None) -> str:
    """Return a UTC moment to the minute."""
    return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M}"


def ago(value: dt.datetime | None, now: dt.datetime) -> str:
    """Return the age of a UTC moment."""
    if value is None:
        return "never"
    minutes = max(0, int((now - value).total_seconds() // 60))  # less if the clock was set back
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"


def count(amount: int, singular: str, plural: str = "") -> str:
    """Return "1 delivery", "2 deliveries"."""
    word = singular if amount == 1 else plural or f"{singular}s"
    return f"{amount:,} {word}"


def between(least: int, most: int) -> str:
    """Return "3 to 20", or "20"."""
    return number(most) if least == most else f"{number(least)} to {number(most)}"


def measure(value: float | None) -> str:
    """Return a measured value with as many digits as tell it apart: 1,204, 12.3, 0.0123."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
