"""A password is looked up late and shown nowhere: not in argv, messages, files or records."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from shop import Shop

from python_loaders.contract.fetch_database import MysqlFetch, PostgresFetch
from python_loaders.fetch.database.address import find_address

CANARY = "kanarie 'n\"\\v@gel%41/:?#é"
FORMS = [CANARY.encode(), quote(CANARY, safe="").encode(), quote(CANARY).encode()]
# Libraries may show a part of it only.
FORMS += [b"kanarie", b"v@gel", "gel%41/:?#é".encode()]


def argvs_during(process: subprocess.Popen[bytes]) -> bytes:
    """Return the command lines of all processes for as long as one runs."""
    seen = b""
    while process.poll() is None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it has ended meanwhile
                seen += path.read_bytes()
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    return seen


@pytest.fixture
def secret_dsn(shop: Shop) -> Callable[..., str]:
    """Make a user with the canary as password; return an address, with changes."""
    shop.create()
    shop.order(1, 1)
    if shop.kind == "postgres":
        literal = "E'" + CANARY.replace("\\", "\\\\").replace("'", "\\'") + "'"
        shop.run(f"create role user_{shop.name} superuser login password {literal}")
    else:
        shop.run("create user %s@%s identified by %s", f"user_{shop.name}", "%", CANARY)
        shop.run("grant all on *.* to %s@%s", f"user_{shop.name}", "%")
    user = f"user_{shop.name}"

    def dsn(password: str = CANARY, host: str = "127.0.0.1", port: int = 0) -> str:
        port = port or int(shop.dsn.rpartition(":")[2].partition("/")[0])
        scheme, database = shop.dsn.partition(":")[0], shop.dsn.rpartition("/")[2]
        return f"{scheme}://{user}:{quote(password, safe='')}@{host}:{port}/{database}"

    yield dsn
    shop.close()
    shop.run(f"drop {'role' if shop.kind == 'postgres' else 'user'} {user}")


@pytest.mark.fault("secrets in output", outcome="in no message, log, record or argument")
def test_no_output_and_no_file_holds_the_password(
    shop: Shop,
    secret_dsn: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("SHOP_DSN", secret_dsn())
    cursor = {"column": "updated_at", "lag": 0}
    shop.describe(cursor=cursor)
    command = [sys.executable, "-m", "python_loaders", "fetch"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.Popen(command, cwd=shop.root, **pipes)
    seen = argvs_during(process)
    said = process.stdout.read().decode()
    assert process.returncode == 0, said
    said += shop.land().output + shop.contrail("stage").output + shop.contrail("status").output
    # What can go wrong on the way.
    failures = [
        (1, secret_dsn() + "_nowhere", {}),
        (1, secret_dsn(password=CANARY + "x"), {}),
        (1, secret_dsn(port=1), {"attempts": 1}),
        (4, secret_dsn() + "?nonsense=" + quote(CANARY), {}),
        (4, secret_dsn(), {"table": shop.table + "_nowhere"}),
        (4, secret_dsn(), {"tls": {"ca": "/nowhere"}}),
    ]
    for expected, dsn, change in failures:
        monkeypatch.setenv("SHOP_DSN", dsn)
        shop.describe(cursor=cursor, **change)
        result = shop.contrail("fetch")
        assert result.exit_code == expected, result.output
        said += result.output + repr(result.exc_info)
    said = (said + caplog.text).encode()
    written = b"".join(p.read_bytes() for p in shop.root.rglob("*") if p.is_file())
    for form in FORMS:
        assert form not in said
        assert form not in written
        assert form not in seen
    assert b"python_loaders" in seen


def test_a_traceback_of_ours_does_not_hold_it(
    shop: Shop, secret_dsn: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is printed of our objects."""
    monkeypatch.setenv("SHOP_DSN", secret_dsn())
    model = PostgresFetch if shop.kind == "postgres" else MysqlFetch
    rules = {"kind": shop.kind, "dsn": "env:SHOP_DSN", "table": shop.table}
    address = find_address(model.model_validate(rules))
    assert address.password.get_secret_value() == CANARY
    assert "***" in repr(address)
    for form in FORMS:
        assert form not in repr(address).encode()
        assert form not in address.uri.encode()
