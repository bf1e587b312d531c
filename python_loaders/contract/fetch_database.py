"""What a contract says about a table that is read from PostgreSQL, MySQL or MariaDB."""

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from python_loaders.contract.fetch_base import FetchRules
from python_loaders.contract.secrets import Reference

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
LAG = re.compile(r"(\d+) (second|minute|hour|day)s?")
FIELDS = ("host", "port", "user", "password", "database")

# Of the contract; landed names are in lower case.
ColumnName = Annotated[str, AfterValidator(str.lower)]
Lag = int | dt.timedelta
Bound = int | dt.date | dt.datetime


def _lag(value: object) -> object:
    """Read `10 minutes`; a whole number is a distance of whole numbers."""
    if isinstance(value, str):
        match = LAG.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is not like `10 minutes`, or a number for whole numbers")
        return dt.timedelta(seconds=int(match[1]) * UNITS[match[2]])
    if isinstance(value, bool) or not isinstance(value, int | dt.timedelta):
        raise ValueError(f"{value!r} is not like `10 minutes`, or a number for whole numbers")  # noqa: TRY004 - pydantic expects it
    return value


def _start(value: object) -> object:
    """Take what YAML has already read: a whole number, a date, or a moment, then in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
    if value is None or (isinstance(value, int | dt.date) and not isinstance(value, bool)):
        return value
    raise ValueError(f"{value!r} is no whole number, date or time, such as 2024-01-01 00:00:00")


def _relation(value: str) -> str:
    parts = value.split(".")
    if len(parts) > 2 or not all(parts) or "\0" in value:
        raise ValueError(f"{value!r} is not like schema.table")
    return value


class Strict(BaseModel):
    """A part of the mapping: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Strict):
    """How the connection is encrypted: `verify` also checks who answers."""

    mode: Literal["verify", "require", "off"] = "verify"
    ca: str | None = Field(None, description="File of the authorities that are trusted.")


class Cursor(Strict):
    """The column that says which rows are new, and how far to look back."""

    column: ColumnName
    lag: Annotated[Lag, BeforeValidator(_lag)]
    null: Literal["refuse", "include_once", "include_always", "leave_out"] = "refuse"
    start: Annotated[Bound | None, BeforeValidator(_start)] = None


class Deletes(Strict):
    """The key whose list tells which rows are gone, and the table that takes the list."""

    key: Annotated[list[ColumnName], Field(min_length=1)]
    into: str


class DatabaseFetch(FetchRules):
    """One table: where it is, and whether it is read as a whole or by a cursor.

    Host, port, user and database may be references, too.
    """

    kind: str
    dsn: Reference | None = None
    host: str | None = None
    port: int | Reference | None = None
    user: str | None = None
    password: Reference | None = None
    database: str | None = None
    tls: Tls | None = None
    table: Annotated[str, AfterValidator(_relation)]
    cursor: Cursor | None = None
    deletes: Deletes | None = None
    connect_seconds: Annotated[int, Field(ge=1)] = 10
    read_seconds: Annotated[float, Field(gt=0)] = 300
    attempts: Annotated[int, Field(ge=1)] = 3

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        given = [name for name in FIELDS if getattr(self, name) is not None]
        if self.dsn and given:
            raise ValueError(f"dsn and {given[0]} both say where the database is; keep one")
        if not self.dsn and not (self.host and self.database):
            raise ValueError("say where the database is: dsn, or host and database")
        if self.deletes and not self.cursor:
            raise ValueError("deletes need a cursor; a whole table loses its deleted rows anyway")
        return self

    @property
    def label(self) -> str:
        """The table in the database."""
        return self.table


class PostgresFetch(DatabaseFetch):
    """A table or view of PostgreSQL."""

    kind: Literal["postgres"]


class MysqlFetch(DatabaseFetch):
    """A table or view of MySQL or MariaDB."""

    kind: Literal["mysql"]
