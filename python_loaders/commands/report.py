"""`contrail report`: one page on the state of the warehouse."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from python_loaders.contract.load import load_sources, loadable_tables
from python_loaders.display import Display
from python_loaders.errors import ContrailError, UsageError
from python_loaders.landing.log import CommitLog
from python_loaders.postgres.connection import Connection
from python_loaders.report.landed import read_landed
from python_loaders.report.ran import Ran, read_advice, read_ran
from python_loaders.report.unusual import read_unusual
from python_loaders.settings import load_settings
from python_loaders.targets import DUCKDB_SCHEMA, Target, TargetOption, open_stager

NOTHING_BUILT = "Nothing has been built yet: run `make`."


def write_report(
    target: TargetOption = Target.DUCKDB,
    output: Annotated[
        Path | None, typer.Option("--output", help="Where to write. Default: target/report.html.")
    ] = None,
) -> None:
    """Write one page on what was landed and rejected, tests, freshness and run times."""
    try:
        # Drawing needs packages that nothing else needs, and a second to load them.
        from python_loaders.report.page import Subject, render
    except ImportError as error:
        raise UsageError(
            f"contrail report needs more packages: pip install 'contrail[report]' ({error})"
        ) from error
    settings = load_settings()
    tables = loadable_tables(load_sources(settings.sources))
    built = target is not Target.DUCKDB or settings.warehouse.exists()
    query = open_stager(target, settings).query
    subject = Subject(
        target=target,
        landed=read_landed(tables, CommitLog(settings.landing)),
        ran=read_ran(query, _schema(target), target) if built else Ran(problem=NOTHING_BUILT),
        advice=read_advice(settings.manifest),
        monitors=read_unusual(query, settings.manifest) if built else (),
    )
    path = output or settings.manifest.with_name("report.html")
    page = render(subject, dt.datetime.now(dt.UTC).replace(tzinfo=None))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ContrailError(f"{path}: cannot be written: {error}") from error
    Display().line(f"wrote {path}")


def _schema(target: Target) -> str:
    return DUCKDB_SCHEMA if target is Target.DUCKDB else Connection.from_environment().schema
