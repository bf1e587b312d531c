"""dbt in processes of its own that may be killed, without the seconds that importing it takes."""

import multiprocessing
import os
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.postgres"])


class Run:
    """One command of dbt that is running or has ended."""

    def __init__(self, arguments: list[str], environment: dict[str, str], output: Path) -> None:
        self.output = output
        output.touch()
        self.process: BaseProcess = _forks.Process(
            target=_dbt, args=(arguments, os.environ | environment, output)
        )
        self.process.start()

    @property
    def printed(self) -> str:
        return self.output.read_text()

    def wait_until_printed(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.printed:
            assert self.process.is_alive(), self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.process.kill()
        self.process.join()

    def ends_with(self, code: int) -> str:
        """Wait for the end; return all that it printed."""
        self.process.join(timeout=120)
        assert self.process.exitcode == code, f"{self.process.exitcode}\n{self.printed}"
        return self.printed


def _dbt(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with output.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from dbt.cli.main import cli

    sys.argv = ["dbt", *arguments]
    cli(arguments)
