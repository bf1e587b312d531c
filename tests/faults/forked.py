"""A process that has loaded everything and is forked for each run, so that a run takes no second.

It never reads or writes data itself, so that no library has begun a thread when it is forked. The
children are processes like any other: with locks, files and a life of their own.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

SERVER = """
import json, os, signal, sys
import faulty_child
import duckdb, polars, pyarrow.parquet, psycopg, pgpq, requests
import python_loaders.cli, python_loaders.fetch.http
for line in sys.stdin:
    order = json.loads(line)
    if "wait" in order:
        _, status = os.waitpid(order["wait"], 0)
        print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
        continue
    pid = os.fork()
    if not pid:
        sys.stdin.close()
        faulty_child.run(order)
    print(pid, flush=True)
"""


@dataclass
class Child:
    """A running command."""

    pid: int
    server: "ForkServer"
    scratch: Path
    passed_file: Path
    reached: Path
    output_file: Path

    def wait(self) -> int:
        """Return the exit code; that of a signal is negative."""
        return self.server.ask({"wait": self.pid})

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait_until_reached(self) -> None:
        """Wait until it stands at its point."""
        deadline = time.monotonic() + 60
        while not self.reached.exists():
            assert time.monotonic() < deadline, f"{self.passed}\n{self.output}"
            time.sleep(0.005)

    def go_on(self) -> None:
        self.reached.unlink()

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    @property
    def passed(self) -> list[str]:
        """The points that it has passed."""
        return json.loads(self.passed_file.read_text()) if self.passed_file.exists() else []


@dataclass
class ForkServer:
    """Starts commands."""

    scratch: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": f"{REPOSITORY}:{HERE}", "NO_COLOR": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def ask(self, order: dict[str, object]) -> int:
        """Send an order; return the answer: a process, or its exit code."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def start(
        self,
        project: Path,
        *arguments: str,
        points: tuple[str, ...] = (),
        fault: str = "",
        clock: str = "",
        limits: dict[str, int] | None = None,
        environment: dict[str, str] | None = None,
    ) -> Child:
        """Begin a command in a project's directory."""
        scratch = self.scratch / uuid4().hex
        scratch.mkdir()
        child = Child(0, self, scratch, scratch / "passed", scratch / "reached", scratch / "output")
        child.pid = self.ask(
            {
                "project": str(project),
                "arguments": arguments,
                "points": points,
                "fault": fault,
                "clock": clock,
                "limits": limits or {},
                "environment": environment or {},
                "output": str(child.output_file),
                "passed": str(child.passed_file),
                "reached": str(child.reached),
            }
        )
        return child

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def killed(code: int) -> bool:
    """Say whether a process ended by kill -9."""
    return code == -signal.SIGKILL
