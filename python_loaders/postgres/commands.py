"""The commands `contrail postgres ...`."""

import shlex
import sys
from typing import Annotated

import typer

from python_loaders.display import Display
from python_loaders.errors import ContrailError
from python_loaders.postgres.connection import Connection
from python_loaders.postgres.run import run_command
from python_loaders.postgres.server import Server
from python_loaders.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Run a PostgreSQL server where there is none.")
VERBATIM = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def _own_server() -> Server:
    return Server.of(load_settings().data)


@app.command()
def start() -> None:
    """Start a server that stays until `stop`, unless the environment names one."""
    if Connection.is_given():
        Display().line(f"{Connection.from_environment()}: given by the environment, none started")
        return
    server = _own_server()
    connection = server.start()
    server.keep()
    Display().line(f'{connection}; eval "$(contrail postgres env)" leads there')


@app.command()
def stop() -> None:
    """Stop the server that `start` started; one that the environment names is left alone."""
    Display().line("stopped" if _own_server().stop() else "no server of this project is running")


@app.command()
def env() -> None:
    """Print what leads to the server, password included, as lines for a shell."""
    connection = Connection.from_environment() if Connection.is_given() else None
    connection = connection or _own_server().connection()
    if not connection:
        raise ContrailError("no server of this project is running. Run `contrail postgres start`.")
    for name, value in connection.environment().items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


@app.command(context_settings=VERBATIM)
def run(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND [ARGUMENT]...")],
) -> None:
    """Run a command with a server, started if need be and stopped afterwards."""
    raise typer.Exit(run_command(_own_server(), command))
