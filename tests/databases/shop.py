"""A small dbt project that reads one table, in PostgreSQL or in MariaDB."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import duckdb
import psycopg
import pyarrow.parquet as pq
import pymysql
import yaml
from macro import latest_rows
from mariadb import MariaDb
from typer.testing import CliRunner, Result

from python_loaders.cli import app
from python_loaders.landing.log import Commit, CommitLog
from python_loaders.postgres.server import Server

COLUMNS = {"order_id": "bigint", "status": "text", "updated_at": "timestamp"}
KEYS = {"order_id": "bigint"}
MOMENT = dt.datetime(2024, 1, 1, 12)  # noqa: DTZ001 - everything is in UTC


def at(seconds: float) -> dt.datetime:
    """Return a moment so many seconds after noon of a day long ago."""
    return MOMENT + dt.timedelta(seconds=seconds)


@dataclass
class Shop:
    """The project's directory, and the database in which the shop keeps its orders."""

    root: Path
    name: str
    setenv: Callable[[str, str], None]

    kind: ClassVar[str]

    @property
    def table(self) -> str:
        """The table in the contract."""
        raise NotImplementedError

    @property
    def inbox(self) -> Path:
        return self.root / "data" / "inbox"

    @property
    def dsn(self) -> str:
        raise NotImplementedError

    def run(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Run a statement as the shop, committed at once."""
        raise NotImplementedError

    def connect(self) -> "psycopg.Connection | pymysql.Connection":
        """Open another connection of the shop, without autocommit."""
        raise NotImplementedError

    def close(self) -> None:
        """End the shop's own connection."""

    def stop(self) -> None:
        """Stop the server."""
        raise NotImplementedError

    def revive(self) -> None:
        """Start it again where it was; let it die without a word if it runs."""
        raise NotImplementedError

    def create(self, stamp: str = "timestamp(6)") -> None:
        """Make the table of orders."""
        self.run(
            "create table orders "
            f"(order_id bigint primary key, status text, updated_at {stamp} null)"
        )

    def order(self, number: int, seconds: float | None, status: str = "new") -> None:
        """Add an order, or change it."""
        self.run("delete from orders where order_id = %s", number)
        stamp = None if seconds is None else at(seconds)
        self.run("insert into orders values (%s, %s, %s)", number, status, stamp)

    # --- the project

    def describe(
        self,
        columns: dict[str, object] | None = None,
        *,
        delivery: dict[str, object] | None = None,
        keys: bool | dict[str, str] = False,
        guard: float | None = None,
        required: tuple[str, ...] = (),
        **fetch: object,
    ) -> None:
        """Write the contract of shop.orders, and of the list of its keys."""
        mapping = {"kind": self.kind, "dsn": "env:SHOP_DSN", "table": self.table} | fetch
        mode = "append" if fetch.get("cursor") else "replace"
        tables = [
            {
                "name": "orders",
                "config": {
                    "meta": {
                        "fetch": {k: v for k, v in mapping.items() if v is not None},
                        "extracts": [{"files": ["shop.orders@*.parquet"], "format": "parquet"}],
                        "delivery": delivery or {"mode": mode, "key": "all"},
                        "guard": {"max_row_loss": None},  # three rows without one lose a third
                    }
                },
                "columns": [
                    ({"name": name} | (kind if isinstance(kind, dict) else {"data_type": kind}))
                    | ({"data_tests": ["not_null"]} if name in required else {})
                    for name, kind in (columns or COLUMNS).items()
                ],
            }
        ]
        if keys:
            tables.append(
                {
                    "name": "order_keys",
                    "config": {
                        "meta": {
                            "extracts": [
                                {"files": ["shop.order_keys@*.parquet"], "format": "parquet"}
                            ],
                            "delivery": {"mode": "replace", "key": "all"},
                            "guard": {"max_row_loss": guard},
                        }
                    },
                    "columns": [
                        {"name": name, "data_type": kind}
                        for name, kind in (keys if isinstance(keys, dict) else KEYS).items()
                    ],
                }
            )
        path = self.root / "models" / "staging" / "shop" / "_shop__sources.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            yaml.safe_dump({"version": 2, "sources": [{"name": "shop", "tables": tables}]})
        )

    def contrail(self, *arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def fetch(self, *arguments: str) -> Result:
        result = self.contrail("fetch", *arguments)
        assert result.exit_code == 0, result.output
        return result

    def land(self) -> Result:
        result = self.contrail("land")
        assert result.exit_code == 0, result.output
        return result

    def move(self) -> None:
        """Fetch and land."""
        self.fetch()
        self.land()

    def files(self, table: str = "orders") -> list[Path]:
        return sorted(self.inbox.glob(f"shop.{table}@*"))

    def fetched(self) -> dict[str, list[object]]:
        """Return the columns of the only file in the inbox."""
        [path] = self.files()
        return pq.read_table(path).to_pydict()

    def commits(self, table: str = "orders") -> list[Commit]:
        commits = CommitLog(self.root / "data" / "landing").read()
        return [commit for commit in commits if commit.table == table]

    def staged(self, sql: str) -> list[tuple[object, ...]]:
        """Stage, then query the warehouse."""
        result = self.contrail("stage")
        assert result.exit_code == 0, result.output
        with duckdb.connect(self.root / "data" / "warehouse.duckdb", read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def current(self, keys: str | None = None) -> list[tuple[object, ...]]:
        """Return what counts after the macro of the documentation, in order."""
        rows = latest_rows("raw_shop.orders", ["order_id"], keys)
        return self.staged(f"select order_id, status from ({rows}) as rows_now order by all")

    def landed(self, columns: str = "order_id, status") -> list[tuple[object, ...]]:
        """Return every row that was ever landed, in order."""
        return self.staged(f"select {columns} from raw_shop.orders order by all")


@dataclass
class PostgresShop(Shop):
    server: Server

    kind = "postgres"

    @property
    def table(self) -> str:
        return f"{self.name}.orders"

    def __post_init__(self) -> None:
        self._session: psycopg.Connection | None = None

    @property
    def dsn(self) -> str:
        place = self.server.start()
        return (
            f"postgresql://{place.user}:{place.password}@{place.host}:{place.port}/{place.dbname}"
        )

    def connect(self) -> psycopg.Connection:
        # The server of the tests may otherwise lose the last commits when it is killed.
        settings = {"TimeZone": "UTC", "search_path": self.name, "synchronous_commit": "on"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return psycopg.connect(self.dsn, options=options)

    def run(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        if self._session is None or self._session.closed:
            self._session = self.connect()
            self._session.autocommit = True
        done = self._session.execute(sql, values or None)
        return done.fetchall() if done.description else []

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def stop(self) -> None:
        self.close()
        self.server.stop()

    def revive(self) -> None:
        self.close()
        assert self.server.control("-m", "immediate", "restart").returncode == 0


@dataclass
class MysqlShop(Shop):
    server: MariaDb

    kind = "mysql"

    @property
    def table(self) -> str:
        return "orders"

    def __post_init__(self) -> None:
        self._session: pymysql.Connection | None = None

    @property
    def dsn(self) -> str:
        return f"mysql://contrail:{self.server.password}@127.0.0.1:{self.server.port}/{self.name}"

    def connect(self) -> pymysql.Connection:
        session = self.server.connect(self.name, autocommit=False)
        session.cursor().execute("set time_zone = '+00:00', sql_mode = ''")
        return session

    def run(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        if self._session is None or not self._session.open:
            self._session = self.connect()
            self._session.autocommit(True)
        cursor = self._session.cursor()
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())

    def close(self) -> None:
        if self._session is not None and self._session.open:
            self._session.close()

    def stop(self) -> None:
        self.close()
        self.server.stop()

    def revive(self) -> None:
        self.close()
        self.server.stop(kill=True)
        self.server.start()
