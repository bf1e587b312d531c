"""Run a command with a server that is there for as long as the command needs it."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from python_loaders.errors import UsageError
from python_loaders.postgres.connection import Connection
from python_loaders.postgres.server import Server

SIGNALLED = 128


class Child:
    """The command. Signals that are meant to end us end it instead, so that we can clean up."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._received = 0

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Take the signals while this lasts."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._pass_on) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, connection: Connection) -> int:
        """Run the command with the connection in its environment and return its exit code."""
        if self._received:
            return SIGNALLED + self._received
        environment = os.environ | connection.environment()
        with subprocess.Popen(self._command, env=environment) as self._process:  # noqa: S603
            code = self._process.wait()
        return code if code >= 0 else SIGNALLED - code

    def _pass_on(self, number: int, _frame: FrameType | None) -> None:
        self._received = number
        # On a terminal Ctrl-C reaches the command by itself.
        if self._process and not (number == signal.SIGINT and sys.stdin.isatty()):
            self._process.send_signal(number)


def run_command(server: Server, command: Sequence[str]) -> int:
    """Run a command with a server: the one that the environment names, else our own.

    Our own is started if need be and stopped afterwards, unless `contrail postgres start` wants
    it kept. A second command waits for the first, whose end would take the server away from it; a
    server that was left behind by a killed command is used, and stopped.

    Raises:
        UsageError: there is no such program.
    """
    if not shutil.which(command[0]):
        raise UsageError(f"{command[0]}: there is no such program")
    child = Child(command)
    if Connection.is_given():
        with child.signals():
            return child.run(Connection.from_environment())
    server.home.mkdir(parents=True, exist_ok=True)
    with (server.home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with child.signals():
            try:
                return child.run(server.start())
            finally:
                if not server.is_kept:
                    server.stop()
