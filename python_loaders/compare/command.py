"""`contrail compare`: are the marts of two targets the same, row by row?"""

from collections.abc import Callable
from typing import Annotated

import typer

from python_loaders.compare.compare import Comparison, compare
from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.engine import Engine
from python_loaders.compare.find import Sides
from python_loaders.compare.marts import load_marts, select_marts
from python_loaders.compare.postgres import PostgresEngine
from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.postgres.connection import Connection
from python_loaders.settings import Settings, load_settings

ENGINES: dict[str, Callable[[Settings], Engine]] = {
    "duckdb": lambda settings: DuckDBEngine(settings.warehouse),
    "postgres": lambda _: PostgresEngine(Connection.from_environment()),
}


def compare_targets(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MART]...", help="Default: all.")
    ] = None,
    targets: Annotated[str, typer.Option(help="Two targets.")] = "duckdb,postgres",
) -> None:
    """Compare the marts of two targets row by row; exit with 1 if anything differs."""
    settings, display = load_settings(), Display()
    sides = _sides(targets)
    engines = (ENGINES[sides.left](settings), ENGINES[sides.right](settings))
    done = []
    for mart in select_marts(load_marts(settings.manifest), names or []):
        done.append(compare(mart, sides, engines))
        if done[-1].difference:
            display.line(f"{mart.name}: {done[-1].difference}", "red")
    headers = ("mart", f"rows in {sides.left}", f"rows in {sides.right}", "result")
    display.table("Compared", headers, [_row(comparison) for comparison in done])
    differing = sum(1 for comparison in done if comparison.difference)
    display.line(f"{differing} of {len(done)} marts differ" if differing else "all marts are equal")
    raise typer.Exit(1 if differing else 0)


def _sides(targets: str) -> Sides:
    names = [name.strip() for name in targets.split(",")]
    if len(set(names)) != 2 or len(names) != 2 or not set(names) <= set(ENGINES):
        raise UsageError(f"--targets {targets}: name two of {', '.join(ENGINES)}, with a comma")
    return Sides(*names)


def _row(comparison: Comparison) -> list[str]:
    rows = ["missing" if count is None else f"{count:,}" for count in comparison.rows]
    return [comparison.mart, *rows, "different" if comparison.difference else "equal"]
