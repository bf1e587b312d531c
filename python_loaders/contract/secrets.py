"""Secrets: a contract refers to them, they are looked up late, and they are never shown.

A contract holds `env:NAME` or `file:/path` and no secret. What such a reference leads to is
remembered here for one purpose only: to be taken out of every text that leaves the process.
"""

import base64
import json
import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, quote_plus

import pydantic

from python_loaders.errors import ContrailError

HIDDEN = "***"
REFERENCE = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$"
# A shorter text is taken out only where it stands alone: `pw` is also a part of many words.
SHORT = 6
USERINFO = re.compile(r"(?<=://)[^\s/?#'\"]*@")
# Also without a host before it: libraries show the path of a request alone.
PARAMETER = re.compile(r"(?<=[?&])([^\s=&?#'\"]+)=[^\s&#'\")]*")
# The settings of a database connection, as `password=...` or `'password': '...'`.
SETTING = re.compile(
    r"(?i)(\b(?:password|passwd|pwd|sslpassword)['\"]?\s*[=:]\s*)('[^']*'|\"[^\"]*\"|[^\s,;&}]+)"
)

Reference = Annotated[str, pydantic.Field(pattern=REFERENCE)]
_known: dict[str, re.Pattern[str]] = {}


class Secret(pydantic.Secret[str]):
    """A text that shows itself as ***; `get_secret_value()` returns it."""

    def _display(self) -> str:
        return HIDDEN


def is_reference(text: str) -> bool:
    """Return whether a text of a contract refers to a secret."""
    return re.match(REFERENCE, text) is not None


def resolve(reference: str) -> Secret:
    """Look up what a reference leads to; from now on `redact` takes it out of every text.

    Args:
        reference: `env:NAME`, or `file:/path` to a text of which a final line end is left out.

    Raises:
        ContrailError: there is no such variable or file, or it is empty.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        text = os.environ.get(name, "")
        advice = "Set it in the environment of the command."
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            # The error of a text that cannot be decoded would show it.
            why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
            raise ContrailError(f"secret {reference}: {why}. Write it into that file.") from None
        text = text.removesuffix("\n").removesuffix("\r")
        advice = "Write it into that file."
    if not text:
        raise ContrailError(f"secret {reference}: is not set or empty. {advice}")
    conceal(text)
    return Secret(text)


def conceal(text: str) -> None:
    """Take a text out of everything that is shown, in the forms in which others would show it."""
    encoded = base64.b64encode(text.encode()).decode()
    forms = {text, quote(text), quote(text, safe=""), quote_plus(text), encoded}
    forms |= {repr(text)[1:-1], json.dumps(text)[1:-1], *text.splitlines()}
    # Headers carry UTF-8, and some take it for Latin-1.
    forms |= {repr(text.encode())[2:-1], text.encode().decode("latin-1")}
    for form in forms - {""}:
        pattern = re.escape(form)
        if len(form) < SHORT:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        _known[form] = re.compile(pattern)


def redact(text: str) -> str:
    """Return a text without the secrets that were looked up and without those of addresses.

    Of an address the user, the password and the values of the query are replaced; the names in
    the query stay, because they say what was asked for.
    """
    for form in sorted(_known, key=len, reverse=True):
        text = _known[form].sub(HIDDEN, text)
    text = USERINFO.sub(f"{HIDDEN}@", text)
    text = PARAMETER.sub(rf"\1={HIDDEN}", text)
    return SETTING.sub(rf"\1{HIDDEN}", text)
