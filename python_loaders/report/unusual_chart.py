"""Charts of the days that the anomaly tests scored, series by series."""

import datetime as dt
from collections.abc import Iterator, Sequence

import altair as alt

from python_loaders.contract.secrets import redact
from python_loaders.printable import printable
from python_loaders.report.figure import COLOURS, TEXT, Figure, draw
from python_loaders.report.unusual import Day, Monitor
from python_loaders.report.words import count

MOST_CHARTS = 6
# Of a series: a year, and some days of the one before.
LAST_DAYS = dt.timedelta(days=400)


def unusual_charts(monitors: Sequence[Monitor]) -> list[Figure]:
    """Draw the series with the most unusual last days."""
    series = [
        (monitor, days) for monitor in monitors for days in _series(monitor) if _is_scored(days)
    ]
    series.sort(key=lambda found: len(_unusual(*found)), reverse=True)
    return [_draw(monitor, days) for monitor, days in series[:MOST_CHARTS]]


def _series(monitor: Monitor) -> Iterator[list[Day]]:
    for name in dict.fromkeys(day.series for day in monitor.days):
        own = [day for day in monitor.days if day.series == name]
        yield [day for day in own if day.day > own[-1].day - LAST_DAYS]


def _is_scored(days: Sequence[Day]) -> bool:
    return any(day.score is not None for day in days)


def _unusual(monitor: Monitor, days: Sequence[Day]) -> list[Day]:
    return [d for d in days if d.score is not None and abs(d.score) >= monitor.warn_at]


def _draw(monitor: Monitor, days: Sequence[Day]) -> Figure:
    points = [{"day": str(day.day), "value": day.value, "expected": day.expected} for day in days]
    marked = [
        {
            "day": str(day.day),
            "value": day.value,
            "colour": COLOURS["plain" if day.is_holiday else "bad"],
        }
        for day in _unusual(monitor, days)
    ]

    def chart(width: int) -> alt.TopLevelMixin:
        base = alt.Chart(alt.Data(values=points), width=width - 60, height=110).encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(tickCount=6, labelOverlap=True))
        )
        y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=3))
        expected = base.mark_line(
            color=TEXT, opacity=0.35, strokeWidth=1, interpolate="step"
        ).encode(y=alt.Y("expected:Q"))
        values = base.mark_line(color=COLOURS["strong"], strokeWidth=1.2).encode(y=y)
        dots = (
            alt.Chart(alt.Data(values=marked))
            .mark_circle(size=60, opacity=1)
            .encode(x="day:T", y="value:Q", color=alt.Color("colour:N", scale=None))
        )
        return alt.layer(expected, values, dots)

    name = redact(f"{monitor.name}, {days[0].series}")
    return draw(chart, f"{printable(name)}: {count(len(marked), 'unusual day')} of {len(days)}")
