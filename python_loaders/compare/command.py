"""`contrail compare`: are the marts of two or more targets the same, row by row?"""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from python_loaders.compare.compare import Comparison, compare
from python_loaders.compare.duckdb import DuckDBEngine
from python_loaders.compare.engine import Engine
from python_loaders.compare.find import Sides
from python_loaders.compare.marts import Mart, load_marts, select_marts
from python_loaders.compare.postgres import PostgresEngine
from python_loaders.compare.spark import SparkEngine
from python_loaders.display import Display
from python_loaders.errors import UsageError
from python_loaders.postgres.connection import Connection
from python_loaders.settings import Settings, load_settings
from python_loaders.spark.profile import load_profile

ENGINES: dict[str, Callable[[Settings], Engine]] = {
    "duckdb": lambda settings: DuckDBEngine(settings.warehouse),
    "postgres": lambda _: PostgresEngine(Connection.from_environment()),
    "spark": lambda settings: SparkEngine(load_profile(settings, "spark")),
    "spark_thrift": lambda settings: SparkEngine(load_profile(settings, "spark_thrift")),
}


def compare_targets(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MART]...", help="Default: all.")
    ] = None,
    targets: Annotated[str, typer.Option(help="Two targets or more.")] = "duckdb,postgres",
) -> None:
    """Compare the marts of targets row by row; exit with 1 if anything differs from the first."""
    settings, display = load_settings(), Display()
    first, *others = _named(targets)
    marts = select_marts(load_marts(settings.manifest), names or [])
    done = [
        comparison
        for other in others
        for comparison in _compare_two(Sides(first, other), marts, settings, display)
    ]
    differing = sum(1 for comparison in done if comparison.difference)
    display.line(f"{differing} of {len(done)} marts differ" if differing else "all marts are equal")
    raise typer.Exit(1 if differing else 0)


def _compare_two(
    sides: Sides, marts: Sequence[Mart], settings: Settings, display: Display
) -> list[Comparison]:
    engines = (ENGINES[sides.left](settings), ENGINES[sides.right](settings))
    done = []
    for mart in marts:
        done.append(compare(mart, sides, engines))
        if done[-1].difference:
            display.line(f"{mart.name}: {done[-1].difference}", "red")
    headers = ("mart", f"rows in {sides.left}", f"rows in {sides.right}", "result")
    display.table("Compared", headers, [_row(comparison) for comparison in done])
    return done


def _named(targets: str) -> list[str]:
    names = [name.strip() for name in targets.split(",")]
    if len(names) < 2 or len(set(names)) != len(names) or not set(names) <= set(ENGINES):
        known = ", ".join(ENGINES)
        raise UsageError(f"--targets {targets}: name two or more of {known}, with a comma")
    return names


def _row(comparison: Comparison) -> list[str]:
    rows = ["missing" if count is None else f"{count:,}" for count in comparison.rows]
    return [comparison.mart, *rows, "different" if comparison.difference else "equal"]
