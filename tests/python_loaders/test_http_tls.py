"""Certificates are always verified, and nothing leads from https back to http."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_bench import CONTENT, Bench
from misbehaving_server import Server, redirect, reply, serving

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="no openssl here to make a certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that its own key signed, with the key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    command = [OPENSSL, "req", "-x509", "-nodes", "-newkey", "ec", "-days", "2"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path)]
    made = subprocess.run([*command, "-out", "-"], capture_output=True, check=True)
    path.write_bytes(path.read_bytes() + made.stdout)
    return path


@pytest.fixture(scope="module")
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as server:
        yield server


@pytest.fixture
def trusting(
    bench: Bench, secure: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Bench:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    secure.seen.clear()
    bench.server = secure
    return bench


def test_a_certificate_that_nobody_vouches_for(bench: Bench, secure: Server) -> None:
    url = secure.plan("/a.csv", reply(CONTENT))
    secure.seen.clear()
    bench.fails("certificate is not valid", "REQUESTS_CA_BUNDLE", url=url)
    assert secure.seen == []


def test_no_setting_of_the_machine_switches_it_off(
    bench: Bench, secure: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "")
    bench.fails("certificate is not valid", url=secure.plan("/a.csv", reply(CONTENT)))


def test_an_authority_that_the_machine_trusts(trusting: Bench) -> None:
    trusting.server.plan("/a.csv", reply(CONTENT))
    trusting.fetch()
    assert trusting.files() == {"crossings.csv": CONTENT}


def test_a_certificate_for_another_name(trusting: Bench) -> None:
    url = trusting.server.plan("/a.csv", reply(CONTENT)).replace("localhost", "127.0.0.1")
    trusting.fails("certificate is not valid", "127.0.0.1", url=url)


def test_a_redirect_to_what_is_not_encrypted(trusting: Bench, running: Server) -> None:
    trusting.server.plan("/a.csv", redirect(running.plan("/b", reply(CONTENT))))
    trusting.fails("which is not encrypted")
