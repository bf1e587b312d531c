"""The commands `contrail spark ...`."""

import os
import shlex
import sys

import typer

from python_loaders.settings import load_settings
from python_loaders.spark.connection import LOOPBACK
from python_loaders.spark.java import find_java

app = typer.Typer(no_args_is_help=True, help="What Spark needs to run here.")


@app.callback()
def spark() -> None:
    """What Spark needs to run here."""


@app.command()
def env() -> None:
    """Print what dbt needs to start Spark, as lines for a shell; make the directory of its data."""
    (load_settings().data / "spark").mkdir(parents=True, exist_ok=True)
    variables = {
        "JAVA_HOME": str(find_java()),
        "SPARK_LOCAL_IP": os.environ.get("SPARK_LOCAL_IP", LOOPBACK),
    }
    for name, value in variables.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
