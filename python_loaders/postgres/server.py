"""A PostgreSQL server for those who have none: made, started and stopped here."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from python_loaders.errors import ContrailError
from python_loaders.postgres.connection import Connection
from python_loaders.postgres.installation import Account, find_programs, server_home

LOOPBACK = "127.0.0.1"
ATTEMPTS = 3
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Server:
    """A cluster below one directory. It listens on the loopback interface only."""

    home: Path
    account: Account

    @classmethod
    def of(cls, data: Path) -> "Server":
        """Return the server that belongs to a data directory."""
        account = Account.choose()
        return cls(server_home(data, account), account)

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.home / "server.log"

    @property
    def _password(self) -> Path:
        return self.home / "password"

    @property
    def _kept(self) -> Path:
        return self.home / "kept"

    @property
    def is_kept(self) -> bool:
        """Whether the server is meant to stay when the command that uses it ends."""
        return self._kept.exists()

    def keep(self) -> None:
        """Let the server stay until `stop`."""
        self._kept.touch()

    def connection(self) -> Connection | None:
        """Return how to reach the server, None while it does not run."""
        if not self.cluster.exists() or self.control("status").returncode != 0:
            return None
        port = (self.cluster / "postmaster.pid").read_text().splitlines()[3]
        return Connection(
            host=LOOPBACK, port=int(port), password=self._password.read_text(), sslmode="disable"
        )

    def start(self) -> Connection:
        """Make the cluster if it is missing, start the server unless it runs.

        Raises:
            ContrailError: it does not start.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.cluster.exists():
            self._initialize()
        connection = self.connection()
        for _ in range(ATTEMPTS):
            # Between finding a free port and taking it, another process may be faster.
            connection = connection or self._try_start()
        if not connection:
            said = self.log.read_text(errors="replace").splitlines()[-5:]
            raise ContrailError(
                f"{self.cluster}: PostgreSQL does not start. If another version made this "
                "directory, move it away, then stage and build again. "
                f"{self.log} ends with: {' / '.join(said)}"
            )
        _create_database(connection)
        return connection

    def stop(self) -> bool:
        """End all sessions and the server, and return whether it ran.

        Raises:
            ContrailError: it does not stop.
        """
        self._kept.unlink(missing_ok=True)
        if not self.connection():
            return False
        ended = self.control("-m", "fast", "-t", "60", "stop")
        if ended.returncode != 0:
            raise ContrailError(f"{self.cluster}: PostgreSQL does not stop. {ended.stdout.strip()}")
        return True

    def control(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pg_ctl on the cluster."""
        self.log.touch()
        self.account.own(self.log)
        programs = find_programs(self.home, self.account)
        # Without -l a server that it starts would keep our pipe, and we would wait for its end.
        common = ("-D", self.cluster, "-l", self.log, "-w")
        return self.account.run(programs / "pg_ctl", *common, *arguments)

    def _try_start(self) -> Connection | None:
        options = " ".join(f"-c {name}={value}" for name, value in _settings(_free_port()).items())
        self.control("-o", options, "start")
        return self.connection()

    def _initialize(self) -> None:
        """Make the cluster aside, so that one that was interrupted is not taken for whole."""
        self._password.touch(mode=0o600)
        self._password.write_text(secrets.token_urlsafe(24))
        self.account.own(self._password)
        draft = Path(tempfile.mkdtemp(prefix="cluster-", dir=self.home))
        self.account.own(draft)
        made = self.account.run(
            find_programs(self.home, self.account) / "initdb",
            *("--username", Connection.user, "--pwfile", self._password),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--no-instructions", "--pgdata", draft),
        )
        if made.returncode != 0:
            shutil.rmtree(draft)
            raise ContrailError(f"{draft}: initdb failed. {made.stdout.strip()}")
        draft.rename(self.cluster)


def _settings(port: int) -> dict[str, str | int]:
    """Return settings for loading in bulk, into a warehouse that can always be built again."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    shared = Path("/dev/shm")  # noqa: S108 - asked for its size only
    roomy = shared.is_dir() and shutil.disk_usage(shared).total >= 1 << 30
    return {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": "",
        "timezone": "UTC",
        "shared_buffers": f"{min(1024, memory // 4)}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "maintenance_work_mem": f"{min(512, memory // 16)}MB",
        "work_mem": f"{min(64, memory // 64)}MB",
        # Nobody replicates from here, so a table filled in the transaction that made it needs
        # no WAL; and few checkpoints write each page once.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "8GB",
        "checkpoint_timeout": "30min",
        # A crash of the machine may lose the last transactions, each as a whole, never a part
        # of one; `contrail stage` and `dbt build` see what is missing and do it again.
        "synchronous_commit": "off",
        # Compiling costs more than it saves in queries of a second.
        "jit": "off",
        "random_page_cost": 1.1,
        # Containers often have 64 MB of /dev/shm, too little for parallel queries.
        "dynamic_shared_memory_type": "posix" if roomy else "mmap",
    }


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return listener.getsockname()[1]


def _create_database(connection: Connection) -> None:
    parameters = connection.parameters | {"dbname": "postgres"}
    with psycopg.connect(**parameters, autocommit=True) as session:
        known = session.execute("select 1 from pg_database where datname = %s", [connection.dbname])
        if not known.fetchone():
            name = sql.Identifier(connection.dbname)
            session.execute(sql.SQL("create database {}").format(name))
