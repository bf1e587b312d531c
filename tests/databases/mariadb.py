"""A MariaDB server for tests: found or unpacked, started on a directory of its own, and stopped.

Debian and Ubuntu have it as the package mariadb-server-core. If it is not installed, the package is
downloaded with apt into a cache and unpacked there, by root and by ordinary users alike; nothing of
the system is changed. Run this file to do that ahead of the tests.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from python_loaders.postgres.installation import Account

PACKAGE = "mariadb-server-core"
# A certificate for localhost, made for these tests and of no other use.
TLS = Path(__file__).parent / "tls"
# Below share/mysql until version 10, below share/mariadb and named after it since.
SHARES = {"usr/share/mariadb": "mariadb", "usr/share/mysql": "mysql"}
SCRIPTS = ("system_tables", "performance_tables", "system_tables_data")
USER = "contrail"


class UnavailableError(Exception):
    """There is no MariaDB here, and none could be brought."""


def cache() -> Path:
    """Return where unpacked programs are kept, for every user to read and run."""
    given = os.environ.get("CONTRAIL_MARIADB_CACHE")
    base = "/var/cache" if os.geteuid() == 0 else os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(given or Path(base, "contrail", "mariadb")).expanduser()


@dataclass(frozen=True)
class Programs:
    """Where mariadbd and the files that it needs are, below / or below the cache."""

    root: Path

    @property
    def server(self) -> Path:
        return self.root / "usr/sbin/mariadbd"

    @property
    def share(self) -> Path:
        return next(path.parent for path in self.scripts)

    @property
    def scripts(self) -> list[Path]:
        """What makes the system tables; nothing if there is no server."""
        for share, prefix in SHARES.items():
            paths = [self.root / share / f"{prefix}_{name}.sql" for name in SCRIPTS]
            if all(path.exists() for path in paths):
                return paths
        return []

    @property
    def environment(self) -> dict[str, str]:
        libraries = [str(path) for path in self.root.glob("usr/lib/*-linux-gnu")]
        return {"PATH": os.defpath, "LC_ALL": "C"} | (
            {} if self.root == Path("/") else {"LD_LIBRARY_PATH": ":".join(libraries)}
        )


def find_programs() -> Programs:
    """Return the installed server, or an unpacked one.

    Raises:
        UnavailableError: with the reason.
    """
    for root in (Path("/"), cache() / "root"):
        if Programs(root).server.exists() and Programs(root).scripts:
            return Programs(root)
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise UnavailableError(f"mariadbd is not installed, and without apt {PACKAGE} cannot be")
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (cache() / "root").exists():
            _unpack(cache() / "root")
    return Programs(cache() / "root")


def _unpack(root: Path) -> None:
    with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
        Path(scratch).chmod(0o755)
        for directory in ("lists/partial", "cache/archives/partial"):
            Path(scratch, directory).mkdir(parents=True)
        settings = {
            "Debug::NoLocking": "1",
            "Dir::Cache": f"{scratch}/cache",
            "Dir::State::lists": f"{scratch}/lists",
            "APT::Sandbox::User": "",
            "Acquire::http::Timeout": "20",
            "Acquire::https::Timeout": "20",
            "Acquire::Retries": "1",
            "APT::Update::Error-Mode": "any",
        }
        apt = ["apt-get", "-q", *(word for k, v in settings.items() for word in ("-o", f"{k}={v}"))]
        _run([*apt, "update"])
        _run([*apt, "install", "--yes", "--no-install-recommends", "--download-only", PACKAGE])
        draft = Path(scratch, "root")
        for package in Path(scratch, "cache", "archives").glob("*.deb"):
            _run(["dpkg", "-x", str(package), str(draft)])
        if not (Programs(draft).server.exists() and Programs(draft).scripts):
            raise UnavailableError(f"{PACKAGE} holds no server as we know it")
        draft.rename(root)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-2:]
        raise UnavailableError(f"{command[0]} could not bring {PACKAGE}: {' / '.join(said)}")


@dataclass
class MariaDb:
    """A server below one directory, on a free port of the loopback interface."""

    home: Path
    programs: Programs
    account: Account
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    port: int = 0

    def initialize(self) -> None:
        """Make the system tables and one user who may do everything, with a password."""
        for path in (self.home / "data", self.home):
            path.mkdir(parents=True, exist_ok=True)
            self.account.own(path)
        for path in TLS.iterdir():
            self.account.own(Path(shutil.copy(path, self.home)))
        statements = ["create database mysql;", "use mysql;"]
        statements += [path.read_text() for path in self.programs.scripts]
        statements += [
            "delete from mysql.global_priv where user = '' or host <> 'localhost';",
            "flush privileges;",
            f"create user {USER}@'%' identified by '{self.password}';",
            f"grant all on *.* to {USER}@'%' with grant option;",
            "",
        ]
        script = "\n".join(statements)
        done = self._popen("--bootstrap", stdin=subprocess.PIPE)
        said, _ = done.communicate(script.encode(), timeout=120)
        if done.returncode:
            raise RuntimeError(f"mariadbd --bootstrap: {said.decode(errors='replace')[-2000:]}")

    def start(self, *options: str) -> None:
        """Start the server and wait until it answers."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = self.port or listener.getsockname()[1]
        listen = ["--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve"]
        listen += [f"--socket={self.home}/socket", f"--pid-file={self.home}/pid"]
        listen += [f"--log-error={self.home}/log"]
        listen += [f"--ssl-cert={self.home}/server.pem", f"--ssl-key={self.home}/server.key"]
        self._process = self._popen(*listen, *options, stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop(kill=True)
                text = (self.home / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"mariadbd does not start: {text}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        with contextlib.suppress(pymysql.Error):
            self.connect().close()
            return True
        return False

    def stop(self, *, kill: bool = False) -> None:
        """End the server, in good order or not, unless it has ended."""
        if self._process.poll() is not None:
            return
        (self._process.kill if kill else self._process.terminate)()
        self._process.communicate(timeout=60)

    def connect(self, database: str | None = None, **more: object) -> pymysql.Connection:
        """Connect as the user who may do everything."""
        return pymysql.connect(
            **{
                "host": "127.0.0.1",
                "port": self.port,
                "user": USER,
                "password": self.password,
                "database": database,
                "autocommit": True,
                "connect_timeout": 5,
                "charset": "utf8mb4",
            }
            | more
        )

    def _popen(self, *options: str, stdin: int) -> subprocess.Popen[bytes]:
        share = self.programs.share
        identity = {"user": self.account.name, "extra_groups": []} if self.account.name else {}
        command = [self.programs.server, "--no-defaults", f"--datadir={self.home}/data"]
        command += [f"--lc-messages-dir={share}/english", f"--character-sets-dir={share}/charsets"]
        command += ["--innodb-log-file-size=32M", "--innodb-flush-log-at-trx-commit=2"]
        command += ["--innodb-use-native-aio=0", *options]
        return subprocess.Popen(
            [str(word) for word in command],
            cwd="/",
            env=self.programs.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **identity,
        )


@contextlib.contextmanager
def running(home: Path) -> Iterator[MariaDb]:
    """Run a server on an empty directory that every user can enter."""
    server = MariaDb(home, find_programs(), Account.choose())
    server.initialize()
    server.start()
    try:
        yield server
    finally:
        server.stop()


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_programs().server}\n")
    except UnavailableError as error:
        sys.exit(str(error))
