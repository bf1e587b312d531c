"""`contrail joins`: does a join of a model repeat rows?"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from python_loaders.display import Display
from python_loaders.errors import ContrailError, UsageError, did_you_mean
from python_loaders.settings import Settings, load_settings

REPEATING = 1


def check_joins(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[MODEL]...", help="Default: all.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="Of a dbt compile; by default the project is compiled.")
    ] = None,
    show_all: Annotated[bool, typer.Option("--all", help="List every join.")] = False,
) -> None:
    """Find joins that may repeat rows, without reading any; exit with 1 if there are some."""
    # sqlglot takes a tenth of a second to load, which the other commands need not wait for.
    from python_loaders.joins.check import check, load

    settings, display = load_settings(), Display()
    with tempfile.TemporaryDirectory(prefix="contrail-joins-") as scratch:
        content = load(manifest or _compiled(settings, Path(scratch)))
    joins = check(content)
    models = [node["name"] for node in content["nodes"].values()]
    for name in names or []:
        if name not in models:
            raise UsageError(f"{name}: is no model.{did_you_mean(name, models)}")
    chosen = [join for join in joins if not names or join.model in names]
    for found in chosen:
        if found.problem:
            display.line(f"{found.path}: {found.model}: {found.join.sql}: {found.problem}", "red")
    if show_all:
        rows = [[join.model, join.join.sql, join.verdict] for join in chosen]
        display.table("Joins", ("model", "join", "result"), rows)
    wrong = sum(1 for join in chosen if join.problem)
    meant = sum(1 for join in chosen if not join.problem and not join.join.is_covered)
    what = "join" if len(chosen) == 1 else "joins"
    display.line(f"{len(chosen)} {what}: {wrong} to look at, {meant} that repeat rows on purpose")
    raise typer.Exit(REPEATING if wrong else 0)


def _compiled(settings: Settings, scratch: Path) -> Path:
    """Let dbt compile the project on an empty warehouse, so that nobody's is opened.

    Returns:
        The manifest, below scratch.

    Raises:
        ContrailError: dbt cannot.
    """
    target = scratch / "target"
    target.mkdir()
    parsed = settings.manifest.with_name("partial_parse.msgpack")
    if parsed.is_file():
        shutil.copy(parsed, target)
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "compile"]
    done = subprocess.run(  # noqa: S603
        [*dbt, "--target", "duckdb", "--project-dir", str(settings.project)],
        env=os.environ
        | {
            "CONTRAIL_DATA": str(scratch),
            "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR", str(settings.project)),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(scratch),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ContrailError(f"dbt cannot compile the project:\n{done.stdout}{done.stderr}")
    return target / "manifest.json"
