"""Print the result of a query for people (table) or for programs (csv, json)."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from enum import StrEnum

from python_loaders.stage.base import Result


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def to_csv(result: Result) -> str:
    """Return CSV with a header; NULL is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([["" if v is None else _plain(v) for v in row] for row in result.rows])
    return text.getvalue()


def to_json(result: Result) -> str:
    """Return an array with one object per row; dates and decimals are strings."""
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return json.dumps(rows, indent=2, default=_plain, ensure_ascii=False) + "\n"


def to_cells(result: Result) -> list[list[str]]:
    """Return the rows as text, NULL as an empty cell."""
    return [["" if value is None else str(_plain(value)) for value in row] for row in result.rows]


def _plain(value: object) -> object:
    """Return a value as JSON or CSV can hold it; timestamps in UTC, in ISO form."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time | dt.timedelta | Decimal | bytes):
        return str(value)
    return value
