"""What can be changed in a delivery: functions from rows to rows, by name."""

from collections.abc import Callable

Row = dict[str, str]
Rows = list[Row]
Edit = Callable[[Rows], Rows]
Edits = dict[str, Edit]


def later(hhmm: str, minutes: int) -> str:
    if hhmm == "NA":
        return hhmm
    total = (int(hhmm) // 100 * 60 + int(hhmm) % 100 + minutes) % 1440 or 1440
    return str(total // 60 * 100 + total % 60)


def late(rows: Rows) -> Rows:
    return [
        row
        if number % 3
        else row
        | {name: later(row[name], 20) for name in ("dep_time", "arr_time")}
        | {
            name: row[name] if row[name] == "NA" else str(int(row[name]) + 20)
            for name in ("dep_delay", "arr_delay")
        }
        for number, row in enumerate(rows)
    ]


def changed(**values: str) -> Edit:
    """Every third row with these values."""
    return lambda rows: [row if n % 3 else row | values for n, row in enumerate(rows)]


def suffixed(column: str, suffix: str) -> Edit:
    """Every second row with something after the value of a column."""
    return lambda rows: [
        row if n % 2 else row | {column: row[column] + suffix} for n, row in enumerate(rows)
    ]


def every(step: int, first: int = 0) -> Edit:
    return lambda rows: rows[first::step]


FLIGHT_EDITS: Edits = {
    "as it is": list,
    "late": late,
    "shrunk": every(2),
    "without Delta": lambda rows: [row for row in rows if row["carrier"] != "DL"],
    "only Hawaiian": lambda rows: [row for row in rows if row["carrier"] == "HA"],
    "other aircraft": suffixed("tailnum", "X"),
    "to nowhere known": changed(dest="QQQ"),
    "another carrier": changed(carrier="ZZ"),
    "backwards": lambda rows: rows[::-1],
}
WEATHER_EDITS: Edits = {
    "as it is": list,
    "windy": changed(wind_speed="40.5", visib="0.5"),
    "wet": changed(precip="0.4"),
    "shrunk": every(2),
    "one hour": lambda rows: [
        row | {"visib": "0.25"}
        if (row["origin"], row["time_hour"]) == ("JFK", "2013-02-01T04:00:00Z")
        else row
        for row in rows
    ],
    "only Kennedy": lambda rows: [row for row in rows if row["origin"] == "JFK"],
}
AIRPORT_EDITS: Edits = {
    "as it is": list,
    "renamed": suffixed("name", " Intl"),
    "renamed again": suffixed("name", " Memorial"),
    "another zone": changed(tzone="America/Chicago", tz="-6"),
    "another third": every(3, 1),
    "without a third": lambda rows: [row for n, row in enumerate(rows) if n % 3],
}
# The same for airportsdata, whose columns have other names.
AIRPORTSDATA_EDITS = AIRPORT_EDITS | {
    "another zone": changed(tz="America/Chicago"),
    "moved": changed(lat="45.5"),
}
AIRLINE_EDITS: Edits = {
    "as it is": list,
    "renamed": suffixed("name", " (new)"),
    "renamed again": suffixed("name", " (newer)"),
    "without a third": lambda rows: [row for n, row in enumerate(rows) if n % 3],
}
PLANE_EDITS: Edits = {
    "as it is": list,
    "other seats": changed(seats="77"),
    "other engines": changed(engine="Turbo-prop", engines="4"),
    "without a third": lambda rows: [row for n, row in enumerate(rows) if n % 3],
    "another third": every(3, 1),
}
