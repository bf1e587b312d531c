"""Where a database is and who asks: looked up from the references of a contract, late."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import certifi
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from python_loaders.contract.fetch_database import DatabaseFetch, Tls
from python_loaders.contract.secrets import Secret, conceal, is_reference, resolve
from python_loaders.errors import ContractError

LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
POSTGRES_MODES = {"verify": "verify-full", "require": "require", "off": "disable"}
DEFAULT_PORTS = {"postgres": 5432, "mysql": 3306}
KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


@dataclass(frozen=True)
class Address:
    """A database server, a database there, and a user.

    Attributes:
        kind: `postgres` or `mysql`.
        host: a name, an address, or the directory or file of a socket.
        tls: None where encryption is neither asked for nor forbidden.
        extra: other parameters of libpq that a dsn holds.
    """

    kind: str
    host: str
    port: int
    user: str
    password: Secret
    database: str
    tls: Tls | None
    connect_seconds: int
    read_seconds: float
    extra: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def uri(self) -> str:
        """The place without user and password, for people and records."""
        return f"{self.kind}://{self.host}:{self.port}/{self.database}"

    def for_libpq(self) -> str:
        """Return the parameters for PostgreSQL, password included."""
        parameters: dict[str, object] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password.get_secret_value(),
            "dbname": self.database,
            "connect_timeout": self.connect_seconds,
            "application_name": "contrail",
            "tcp_user_timeout": int(self.read_seconds * 1000),
            **KEEPALIVES,
        }
        if self.tls:
            parameters["sslmode"] = POSTGRES_MODES[self.tls.mode]
            if self.tls.mode == "verify":
                parameters["sslrootcert"] = self.tls.ca or certifi.where()
        return make_conninfo(
            "", **{k: v for k, v in (parameters | dict(self.extra)).items() if v != ""}
        )

    def for_mysql(self) -> ssl.SSLContext | None:
        """Return what encrypts the connection to MySQL, None for nothing.

        Raises:
            ContractError: the file of authorities cannot be read.
        """
        if self.tls is None or self.tls.mode == "off":
            return None
        try:
            context = ssl.create_default_context(cafile=self.tls.ca or certifi.where())
        except (OSError, ssl.SSLError) as error:
            raise ContractError(f"tls.ca: {self.tls.ca}: {error}") from error
        if self.tls.mode == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def is_local(host: str) -> bool:
    """Return whether nothing leaves the machine on the way: the loopback, or a socket."""
    return host in LOOPBACK or host.startswith("/")


def find_address(spec: DatabaseFetch) -> Address:
    """Look up the references of a contract.

    Raises:
        ContrailError: a reference leads to nothing.
        ContractError: what it leads to is no address. The message does not show it.
    """
    if spec.tls and spec.tls.ca and not Path(spec.tls.ca).is_file():
        raise ContractError(f"tls.ca: {spec.tls.ca}: there is no such file")
    if spec.dsn:
        return _of_dsn(spec, resolve(spec.dsn).get_secret_value())
    port = _text(str(spec.port or DEFAULT_PORTS[spec.kind]))
    if not port.isdecimal():
        raise ContractError(f"port: {spec.port} does not lead to a number")
    password = resolve(spec.password) if spec.password else Secret("")
    host, user, database = (_text(v or "") for v in (spec.host, spec.user, spec.database))
    return _make(spec, (host, int(port), user, password, database), {})


def _text(value: str) -> str:
    return resolve(value).get_secret_value() if is_reference(value) else value


def _make(
    spec: DatabaseFetch, place: tuple[str, int, str, Secret, str], extra: dict[str, str]
) -> Address:
    tls = spec.tls
    if tls is None and "sslmode" not in extra and not is_local(place[0]):
        tls = Tls()  # nobody said how, and the way leads over a network
    parameters = tuple(sorted(extra.items()))
    return Address(spec.kind, *place, tls, spec.connect_seconds, spec.read_seconds, parameters)


def _of_dsn(spec: DatabaseFetch, dsn: str) -> Address:
    try:
        known = _parse_postgres(dsn) if spec.kind == "postgres" else _parse_mysql(dsn)
        host, port, user, password, database = (
            known.pop(name, "") for name in ("host", "port", "user", "password", "dbname")
        )
        number = int(port or DEFAULT_PORTS[spec.kind])
    except (psycopg.Error, ValueError):
        # Their messages quote the text.
        scheme = {"postgres": "postgresql"}.get(spec.kind, spec.kind)
        raise ContractError(
            f"dsn: {spec.dsn} does not lead to an address like "
            f"{scheme}://user:password@host:port/database"
        ) from None
    if not database:
        raise ContractError(f"dsn: {spec.dsn} leads to an address without a database")
    if spec.tls and "sslmode" in known:
        raise ContractError(f"tls and the sslmode of {spec.dsn} both say how; keep one")
    if password:
        conceal(password)
    return _make(spec, (host, number, user, Secret(password), database), known)


def _parse_postgres(dsn: str) -> dict[str, str]:
    return {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}


def _parse_mysql(dsn: str) -> dict[str, str]:
    parts = urlsplit(dsn)
    if parts.scheme not in ("mysql", "mariadb") or parts.query or parts.fragment:
        raise ValueError
    return {
        "host": unquote(parts.hostname or ""),
        "port": str(parts.port or ""),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "dbname": unquote(parts.path.removeprefix("/")),
    }
