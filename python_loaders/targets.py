"""The engines that can be staged and queried, as the command line names them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from python_loaders.errors import UsageError
from python_loaders.postgres.connection import Connection
from python_loaders.settings import Settings
from python_loaders.spark.profile import load_profile
from python_loaders.stage.base import Result, Stager
from python_loaders.stage.duckdb import DuckDBStager
from python_loaders.stage.postgres import PostgresStager
from python_loaders.stage.spark import SparkStager
from python_loaders.states.postgres import PostgresStateStager

DUCKDB_SCHEMA = "main"


class Target(StrEnum):
    """An engine."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"
    SPARK = "spark"
    SPARK_THRIFT = "spark_thrift"


TargetOption = Annotated[Target, typer.Option(help="The engine.")]


def open_schema(target: Target, settings: Settings) -> tuple[str, Callable[[str], Result]]:
    """Return the schema of the marts, and what queries them: what readers see, if it is there."""
    match target:
        case Target.DUCKDB:
            published = settings.published.exists()
            warehouse = settings.published if published else settings.warehouse
            return DUCKDB_SCHEMA, DuckDBStager(warehouse, settings.landing).query
        case Target.POSTGRES:
            connection = Connection.from_environment()
            return connection.schema, PostgresStager(connection, settings.landing).query
        case Target.SPARK | Target.SPARK_THRIFT:
            profile = load_profile(settings, target)
            return profile.schema, SparkStager(profile, settings.landing).query


def open_stager(target: Target, settings: Settings, as_of: int | None = None) -> Stager:
    """Return what stages and queries an engine, or a state of the warehouse in it."""
    match target:
        case Target.DUCKDB:
            path = settings.warehouse if as_of is None else settings.state(as_of)
            return DuckDBStager(path, settings.landing)
        case Target.POSTGRES:
            connection = Connection.from_environment()
            if as_of is None:
                return PostgresStager(connection, settings.landing)
            return PostgresStateStager(connection, settings.landing, as_of)
        case Target.SPARK | Target.SPARK_THRIFT:
            if as_of is not None:
                raise UsageError("a state of the past can be had on duckdb and postgres")
            return SparkStager(load_profile(settings, target), settings.landing)
