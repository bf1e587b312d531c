"""How to reach PostgreSQL: the variables that profiles.yml reads too, and connecting with them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from python_loaders.errors import ContrailError, UsageError

PREFIX = "CONTRAIL_PG_"


@dataclass(frozen=True)
class Connection:
    """Where the warehouse is and who we are there; the defaults are those of profiles.yml."""

    host: str = "127.0.0.1"
    port: int = 5432
    user: str = "contrail"
    password: str = field(default="", repr=False)
    dbname: str = "contrail"
    sslmode: str = "prefer"
    schema: str = "contrail"

    @staticmethod
    def is_given() -> bool:
        """Return whether the environment says which server to use."""
        return bool(os.environ.get(f"{PREFIX}HOST"))

    @classmethod
    def from_environment(cls) -> "Connection":
        """Read CONTRAIL_PG_HOST, _PORT, _USER, _PASSWORD, _DBNAME, _SSLMODE and _SCHEMA.

        Raises:
            UsageError: the port is not a number.
        """
        names = ("host", "user", "password", "dbname", "sslmode", "schema")
        given = {name: os.environ.get(PREFIX + name.upper()) for name in names}
        port = os.environ.get(f"{PREFIX}PORT") or str(cls.port)
        if not port.isdecimal():
            raise UsageError(f"{PREFIX}PORT is {port!r}. Set it to a number, such as 5432.")
        return cls(port=int(port), **{name: value for name, value in given.items() if value})

    def environment(self) -> dict[str, str]:
        """Return the variables that lead others here. The password is among them."""
        return {
            f"{PREFIX}HOST": self.host,
            f"{PREFIX}PORT": str(self.port),
            f"{PREFIX}USER": self.user,
            f"{PREFIX}PASSWORD": self.password,
            f"{PREFIX}DBNAME": self.dbname,
            f"{PREFIX}SSLMODE": self.sslmode,
            f"{PREFIX}SCHEMA": self.schema,
        }

    @property
    def parameters(self) -> dict[str, str | int]:
        """The parameters of libpq. Without a password it looks into the user's .pgpass."""
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "dbname": self.dbname,
            "sslmode": self.sslmode,
            "connect_timeout": 10,
            "application_name": "contrail",
        }

    def __str__(self) -> str:
        return f"PostgreSQL at {self.host}:{self.port}, database {self.dbname}, as {self.user}"

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """Open a connection in UTC; leaving commits, an error rolls back.

        Raises:
            ContrailError: the server cannot be reached, or does not let us in.
        """
        try:
            opened = psycopg.connect(**self.parameters, options="-c TimeZone=UTC")
        except psycopg.OperationalError as error:
            raise ContrailError(
                f"{self}: cannot connect. Set the variables {PREFIX}HOST, _PORT, _USER, _PASSWORD "
                "and _DBNAME, or put `contrail postgres run --` before the command to have a "
                f"server for it. {str(error).strip()}"
            ) from None
        with opened:
            yield opened
