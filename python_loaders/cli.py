"""The command line: reads arguments, calls the loaders, prints, and sets the exit code."""

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from python_loaders import __version__
from python_loaders.commands.choose import choose_candidates
from python_loaders.commands.gc import collect_garbage
from python_loaders.commands.joins import check_joins
from python_loaders.commands.log import show_log
from python_loaders.commands.plan import plan_landing
from python_loaders.commands.rejects import show_rejects
from python_loaders.commands.report import write_report
from python_loaders.commands.trace import trace_row
from python_loaders.commands.undo import undo_delivery
from python_loaders.commands.verify import verify_landing
from python_loaders.compare.command import compare_targets
from python_loaders.contract.load import load_sources, loadable_tables, select_tables
from python_loaders.diff.command import diff_states
from python_loaders.display import Display
from python_loaders.errors import ContrailError, UsageError
from python_loaders.fetch import run as fetching
from python_loaders.fetch.inbox import Inbox
from python_loaders.landing.approval import Consent
from python_loaders.landing.history import fetched_files
from python_loaders.landing.log import CommitLog
from python_loaders.landing.run import SUMMARY_HEADERS, attempt, summary_row
from python_loaders.postgres.commands import app as postgres_app
from python_loaders.printable import printable
from python_loaders.publish import is_behind
from python_loaders.publish import publish as publish_warehouse
from python_loaders.query import Format, to_cells, to_csv, to_json
from python_loaders.settings import load_settings
from python_loaders.signals import Stopped, end_process, stoppable
from python_loaders.spark.commands import app as spark_app
from python_loaders.stage.duckdb import DuckDBStager
from python_loaders.states.command import app as states_app
from python_loaders.states.state import commits_as_of
from python_loaders.states.store import require_state
from python_loaders.status import SCHEMA_HEADERS, STATUS_HEADERS, schema_rows, status_rows
from python_loaders.targets import Target, TargetOption, open_stager
from python_loaders.verbose import set_up_logs


class Commands(TyperGroup):
    """Turns every error of the loaders into one message and its exit code."""

    def invoke(self, ctx: typer.Context) -> object:
        """Run the chosen command."""
        try:
            with stoppable():
                return super().invoke(ctx)
        except ContrailError as error:
            Display().error(error)
            raise typer.Exit(error.exit_code) from None
        except Stopped as stopped:
            Display().line(f"ended by {stopped}; what was not committed is not visible to anyone")
            end_process(stopped.exit_code)


app = typer.Typer(cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(postgres_app, name="postgres")
app.add_typer(spark_app, name="spark")
app.add_typer(states_app, name="states")
app.command("compare")(compare_targets)
app.command("diff")(diff_states)
app.command("plan")(plan_landing)
app.command("log")(show_log)
app.command("undo")(undo_delivery)
app.command("rejects")(show_rejects)
app.command("trace")(trace_row)
app.command("verify")(verify_landing)
app.command("gc")(collect_garbage)
app.command("report")(write_report)
app.command("joins")(check_joins)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"contrail {__version__}")
        raise typer.Exit


@app.callback()
def main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show logs and tracebacks.")] = False,
) -> None:
    """Land, stage and query the Contrail warehouse. Data lives below $CONTRAIL_DATA."""
    set_up_logs(verbose)


@app.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="As if nothing had been fetched before.")
    ] = False,
) -> None:
    """Bring what the contracts say into the inbox: packages, files, pages of an API."""
    settings, display = load_settings(), Display()
    jobs = fetching.find_jobs(load_sources(settings.sources), names or [])
    log = CommitLog(settings.landing)
    inbox = Inbox(
        settings.inbox, say=display.line, anew=anew, read_log=lambda: fetched_files(log.read())
    )
    done = []
    for job in jobs:
        result = fetching.attempt(job, inbox)
        done.append(result)
        if result.error:
            display.error(result.error)
        for row in fetching.summary_rows(result):
            display.line(f"{job.place.full_name} {row[3]}: {row[-1]}")
    if done:
        rows = [row for result in done for row in fetching.summary_rows(result)]
        display.table("Fetched", fetching.SUMMARY_HEADERS, rows)
    else:
        display.line("nothing to fetch: no contract says where its files come from (`fetch`)")
    raise typer.Exit(max((result.exit_code for result in done), default=0))


@app.command()
def land(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="Land this file instead of the inbox; repeatable.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Bring the rows of a stale --file back.")
    ] = False,
    accept_change: Annotated[
        bool, typer.Option("--accept-change", help="Land what the guard holds back.")
    ] = False,
) -> None:
    """Land the deliveries of the inbox as checked, committed Parquet."""
    settings, display = load_settings(), Display()
    if force and not file:
        raise UsageError("--force needs --file: name the file whose older rows are to come back")
    candidates = choose_candidates(settings, names or [], file or [], display)
    done, log = [], CommitLog(settings.landing)
    for candidate in candidates:
        result = attempt(candidate, log, display.progress, Consent(force, accept_change))
        done.append(result)
        if result.error:
            display.error(result.error)
        for warning in result.landed.warnings if result.landed else ():
            display.warning(warning)
        display.line(result.line)
    if done:
        display.table("Landed", SUMMARY_HEADERS, [summary_row(result) for result in done])
    raise typer.Exit(max((result.exit_code for result in done), default=0))


@app.command()
def stage(
    target: TargetOption = Target.DUCKDB,
    as_of: Annotated[
        int | None, typer.Option("--as-of", help="As it was after this commit, beside the present.")
    ] = None,
) -> None:
    """Expose the live deliveries in the target's raw schemas."""
    settings, display = load_settings(), Display()
    tables = loadable_tables(load_sources(settings.sources))
    log = CommitLog(settings.landing)
    commits = log.read() if as_of is None else commits_as_of(log, as_of)
    open_stager(target, settings, as_of).stage(tables, commits)
    display.line(f"staged {len(tables)} tables from {len(commits)} commits in {target}")


@app.command()
def publish() -> None:
    """Show readers the DuckDB warehouse as it is now; whoever reads the old copy keeps it."""
    settings = load_settings()
    size = publish_warehouse(settings.warehouse, settings.published)
    Display().line(f"published {size / 1e6:,.0f} MB as {settings.published}")


@app.command()
def status(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE[.TABLE]]...", help="Default: all.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Show how the columns of each table have changed.")
    ] = False,
) -> None:
    """Show what is landed, how fresh it is, and what was rejected."""
    settings = load_settings()
    tables = select_tables(load_sources(settings.sources), names or [])
    commits = CommitLog(settings.landing).read()
    if schema:
        Display().table("Schema versions", SCHEMA_HEADERS, schema_rows(tables, commits))
        return
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    Display().table("Live deliveries", STATUS_HEADERS, status_rows(tables, commits, now))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One statement that reads, like 'from flights'.")],
    target: TargetOption = Target.DUCKDB,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Read what is built, published or not.")
    ] = False,
    as_of: Annotated[
        int | None, typer.Option("--as-of", help="Read the warehouse as it was after this commit.")
    ] = None,
) -> None:
    """Run read-only SQL on the published warehouse, or what is built if none is; times are UTC."""
    settings = load_settings()
    read_present = target is Target.DUCKDB and as_of is None and not unpublished
    if read_present and settings.published.exists():
        result = DuckDBStager(settings.published, settings.landing).query(sql)
        if is_behind(settings.published, settings.warehouse):
            Display().warning(
                f"{settings.warehouse} is newer than what is published and was asked here; "
                "`contrail publish` shows it to everybody, --unpublished to you"
            )
    else:
        if as_of is not None:
            require_state(target, settings, as_of)
        result = open_stager(target, settings, as_of).query(sql)
    if output is Format.TABLE:
        Display().table("", result.columns, to_cells(result))
    else:
        text = to_csv(result) if output is Format.CSV else to_json(result)
        sys.stdout.write(printable(text, keep="\n") if sys.stdout.isatty() else text)
