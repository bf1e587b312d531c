"""Unusual days, as the anomaly tests of dbt see them: the same SQL, with all days kept.

See docs/anomalies.md. Their compiled queries end in the days that a test returns; the days that it
scored are one step before.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_loaders.errors import ContrailError
from python_loaders.stage.base import Result

RETURNED = "select * from unusual_days"
SCORED = (
    "select series, day, value, expected, score, is_holiday, is_incident "
    "from scored_days where value is not null order by series, day"
)
TAG = "anomalies"
WARN_AT = 3.5


@dataclass(frozen=True)
class Day:
    """One day of a series; the score is none where too little came before."""

    series: str
    day: dt.date
    value: float
    expected: float | None
    score: float | None
    is_holiday: bool
    is_incident: bool


@dataclass(frozen=True)
class Monitor:
    """A test, and all the days that it scored."""

    name: str
    warn_at: float
    days: list[Day]

    @property
    def unusual(self) -> list[Day]:
        """The days that are not like those before, the last one first."""
        found = [d for d in self.days if d.score is not None and abs(d.score) >= self.warn_at]
        return sorted(found, key=lambda found_day: (found_day.day, found_day.series), reverse=True)


def read_unusual(query: Callable[[str], Result], manifest: Path) -> list[Monitor]:
    """Run the anomaly tests that dbt has compiled; those that cannot be run are left out."""
    monitors = []
    for node in _tests(manifest):
        sql, found, rest = (node.get("compiled_code") or "").rpartition(RETURNED)
        if not found or rest.strip():
            continue
        try:
            days = [_day(*row) for row in query(sql + SCORED).rows]
        except ContrailError:
            continue
        arguments = (node.get("test_metadata") or {}).get("kwargs", {})
        monitors.append(Monitor(node["name"], arguments.get("warn_at", WARN_AT), days))
    return sorted(monitors, key=lambda monitor: monitor.name)


def _day(series: str, day: dt.date, *rest: Any) -> Day:  # noqa: ANN401
    """Engines give numbers as floats or decimals."""
    numbers = [None if number is None else float(number) for number in rest[:3]]
    return Day(series, day, numbers[0] or 0.0, numbers[1], numbers[2], *rest[3:])


def _tests(manifest: Path) -> list[Mapping[str, Any]]:
    try:
        nodes = json.loads(manifest.read_bytes())["nodes"].values()
        return [node for node in nodes if TAG in node.get("tags", [])]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
