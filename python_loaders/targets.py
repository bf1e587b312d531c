"""The engines that can be staged and queried, as the command line names them."""

from enum import StrEnum
from typing import Annotated

import typer

from python_loaders.postgres.connection import Connection
from python_loaders.settings import Settings
from python_loaders.stage.base import Stager
from python_loaders.stage.duckdb import DuckDBStager
from python_loaders.stage.postgres import PostgresStager


class Target(StrEnum):
    """An engine."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"


TargetOption = Annotated[Target, typer.Option(help="The engine.")]


def open_stager(target: Target, settings: Settings) -> Stager:
    """Return what stages and queries an engine."""
    match target:
        case Target.DUCKDB:
            return DuckDBStager(settings.warehouse, settings.landing)
        case Target.POSTGRES:
            return PostgresStager(Connection.from_environment(), settings.landing)
