"""Secrets are looked up late, never shown, and taken out of what others would show."""

from pathlib import Path

import pytest

from python_loaders.contract import secrets
from python_loaders.contract.secrets import Secret, redact, resolve
from python_loaders.display import Display
from python_loaders.errors import ContrailError


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", {})


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_KEY", "canary-1 &x")
    secret = resolve("env:FERRY_KEY")
    assert secret.get_secret_value() == "canary-1 &x"
    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    assert str(Secret("x")) == "***"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_secret_comes_from_a_file(tmp_path: Path, end: str) -> None:
    (tmp_path / "key").write_bytes(f" canary-2{end}".encode())
    assert resolve(f"file:{tmp_path}/key").get_secret_value() == " canary-2"


def test_a_secret_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FERRY_KEY", "")
    with pytest.raises(ContrailError, match="env:FERRY_KEY: is not set or empty"):
        resolve("env:FERRY_KEY")
    with pytest.raises(ContrailError, match="key: No such file"):
        resolve(f"file:{tmp_path}/key")
    (tmp_path / "key").write_bytes(b"canary-3\xff")
    with pytest.raises(ContrailError, match="is not UTF-8") as caught:
        resolve(f"file:{tmp_path}/key")
    assert caught.value.__cause__ is None
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "shown",
    [
        "canary 4/'é",
        "canary%204/%27%C3%A9",
        "canary%204%2F%27%C3%A9",
        "canary+4%2F%27%C3%A9",
        "Y2FuYXJ5IDQvJ8Op",
        r"canary 4/'\u00e9",
        "canary 4/'Ã©",
        r"canary 4/'\xc3\xa9",
    ],
)
def test_what_was_looked_up_is_taken_out_of_any_text(
    monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    monkeypatch.setenv("FERRY_KEY", "canary 4/'é")
    assert redact(f"<{shown}>") == f"<{shown}>"
    resolve("env:FERRY_KEY")
    assert redact(f"<{shown}>") == "<***>"


def test_each_line_of_a_secret_is_one(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("canary-a\ncanary-b\n")
    resolve(f"file:{tmp_path}/key")
    assert redact("canary-b 'canary-a\\ncanary-b' canary-a\ncanary-b") == "*** '***' ***"


def test_a_short_secret_is_taken_out_where_it_stands_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FERRY_KEY", "pw")
    resolve("env:FERRY_KEY")
    assert redact("user:pw, not pwd") == "user:***, not pwd"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("GET https://me:key@host/a?b=key&c=d#e (", "GET https://***@host/a?b=***&c=***#e ("),
        ("with url: /a/b?token=key&x=y (Caused by", "with url: /a/b?token=***&x=*** (Caused by"),
        ("postgresql://me:k@y@[::1]:5432/db", "postgresql://***@[::1]:5432/db"),
        ("host=h password=key dbname=d", "host=h password=*** dbname=d"),
        ("host=h password='k e y' dbname=d", "host=h password=*** dbname=d"),
        ("{'password': 'k, y', 'a': 1}", "{'password': ***, 'a': 1}"),
        ("https://host/plain?", "https://host/plain?"),
        ("is it there? yes, a=b", "is it there? yes, a=b"),
    ],
)  # fmt: skip
def test_addresses_and_settings_lose_their_secrets(text: str, safe: str) -> None:
    assert redact(text) == safe


def test_no_message_shows_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FERRY_KEY", "canary-7f3a")
    resolve("env:FERRY_KEY")
    display = Display()
    display.line("line canary-7f3a")
    display.warning("warning canary-7f3a")
    display.error(ContrailError("error canary-7f3a"))
    assert capsys.readouterr().err == "line ***\nwarning: warning ***\nerror: error ***\n"
