"""Rows per second and peak memory of `contrail fetch` from PostgreSQL and MariaDB.

    python benchmarks/databases.py [MILLIONS ...]       default: 1 5

Starts servers of its own, fills a table of orders, and fetches it as a whole in a process of its
own. Prints a table in Markdown.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "databases"))

from mariadb import MariaDb, running  # noqa: E402

from python_loaders.postgres.installation import Account  # noqa: E402
from python_loaders.postgres.server import Server  # noqa: E402

COLUMNS = {
    "order_id": "bigint",
    "customer": "text",
    "status": "text",
    "amount": "decimal(12,2)",
    "weight": "double",
    "items": "integer",
    "ordered_on": "date",
    "updated_at": "timestamp",
    "is_paid": "boolean",
    "remark": "text",
}
TABLE = """
create table orders (order_id bigint primary key, customer varchar(40), status varchar(10),
    amount decimal(12,2), weight double precision, items integer, ordered_on date,
    updated_at timestamp(6), is_paid boolean, remark text)
"""
VALUES = (
    "n, concat('customer ', n % 90000), case n % 3 when 0 then 'open' else 'shipped' end, "
    "n % 1000000 / 100.0, n / 7.0, n % 40, {day}, {moment}, {paid}, "
    "case when n % 5 = 0 then concat('a remark of some length, number ', n) end"
)


def postgres(home: Path, millions: int) -> tuple[Server, str]:
    """Return a server with the table, and where it is."""
    server = Server(home / "postgres", Account.choose())
    place = server.start()
    values = VALUES.format(
        day="date '2020-01-01' + (n % 1000)::int",
        moment="timestamp '2020-01-01' + n * interval '1 second'",
        paid="n % 2 = 0",
    )
    with psycopg.connect(**place.parameters) as session:
        session.execute("drop table if exists orders")
        session.execute(TABLE)
        rows = f"generate_series(1::bigint, {millions * 1_000_000}) as s(n)"
        session.execute(f"insert into orders select {values} from {rows}")
        session.execute("analyze orders")
    return server, f"postgresql://{place.user}:{place.password}@{place.host}:{place.port}/contrail"


def mariadb(server: MariaDb, millions: int) -> str:
    """Fill the table and return where it is."""
    values = VALUES.format(
        day="date '2020-01-01' + interval n % 1000 day",
        moment="timestamp '2020-01-01 00:00:00' + interval n second",
        paid="n % 2 = 0",
    )
    with server.connect() as session:
        cursor = session.cursor()
        cursor.execute("create or replace database shop")
        cursor.execute("use shop")
        cursor.execute(TABLE)
        rows = f"(select seq as n from seq_1_to_{millions * 1_000_000}) as s"
        cursor.execute(f"insert into orders select {values} from {rows}")
    return f"mysql://contrail:{server.password}@127.0.0.1:{server.port}/shop"


def fetch(home: Path, kind: str, table: str, dsn: str) -> tuple[float, float, float, int]:
    """Return seconds, CPU seconds and peak memory in MiB of a fetch, and the file's size."""
    project = Path(tempfile.mkdtemp(dir=home))
    (project / "dbt_project.yml").touch()
    columns = "".join(f"          - {{name: {n}, data_type: '{t}'}}\n" for n, t in COLUMNS.items())
    contract = project / "models" / "staging" / "shop" / "_shop__sources.yml"
    contract.parent.mkdir(parents=True)
    contract.write_text(
        "version: 2\nsources:\n  - name: shop\n    tables:\n      - name: orders\n"
        "        config:\n          meta:\n"
        f"            fetch: {{kind: {kind}, dsn: env:SHOP_DSN, table: {table}}}\n"
        '            extracts: [{files: ["shop.orders@*"], format: parquet}]\n'
        "            delivery: {mode: replace, key: all}\n        columns:\n" + columns
    )
    environment = os.environ | {"SHOP_DSN": dsn, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    command = [sys.executable, "-m", "python_loaders", "fetch"]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read().decode() if process.stderr else ""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        sys.exit(said)
    [file] = (project / "data" / "inbox").glob("*.parquet")
    size = file.stat().st_size
    shutil.rmtree(project)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, size


def row(name: str, millions: int, figures: tuple[float, float, float, int]) -> str:
    """Return one line of the table."""
    seconds, cpu, peak, size = figures
    return (
        f"| {name} | {millions} M | {seconds:.1f} | {cpu:.1f} | "
        f"{millions * 1e6 / seconds:,.0f} | {peak:.0f} | {size / 1e6:.0f} |"
    )


def main() -> None:
    """Measure both."""
    sizes = [int(text) for text in sys.argv[1:]] or [1, 5]
    home = Path(tempfile.mkdtemp(prefix="contrail-"))
    home.chmod(0o755)
    print("| database | rows | seconds | CPU seconds | rows/s | peak MiB | file MB |")
    print("|---|---|---|---|---|---|---|")
    try:
        for millions in sizes:
            server, dsn = postgres(home, millions)
            try:
                print(row("PostgreSQL", millions, fetch(home, "postgres", "public.orders", dsn)))
            finally:
                server.stop()
        with running(home / "mariadb") as maria:
            for millions in sizes:
                dsn = mariadb(maria, millions)
                print(row("MariaDB", millions, fetch(home, "mysql", "orders", dsn)))
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
