"""What an answer says about itself: its checksum, which part it is, why it is a refusal."""

import base64
import binascii
import re

import requests
from urllib3.exceptions import HTTPError

from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError

CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
READ_BYTES = 8192
SHOWN_CHARACTERS = 300
SHOWN_TYPES = ("text/plain", "application/json", "application/problem")


def is_chunked(answer: requests.Response) -> bool:
    """Return whether the content says itself where it ends."""
    return "chunked" in answer.headers.get("Transfer-Encoding", "").lower()


def announced_length(answer: requests.Response) -> int | None:
    """Return how many bytes will follow, None if the head does not say.

    Raises:
        ContrailError: the head says something else than a number.
    """
    if is_chunked(answer) or "Content-Length" not in answer.headers:
        return None
    # A header that is repeated is one with commas.
    lengths = {text.strip() for text in answer.headers["Content-Length"].split(",")}
    [text] = lengths if len(lengths) == 1 else [""]
    if not (text.isascii() and text.isdigit()):
        where = redact(str(answer.url))
        raise ContrailError(f"{where}: the Content-Length {sorted(lengths)} is no number.")
    return int(text)


def announced_sha256(answer: requests.Response) -> str | None:
    """Return the sha256 that the server gives of the whole content as it sends it, if any.

    `Repr-Digest: sha-256=:base64:` and the older `Digest: sha-256=base64` are understood.
    """
    for header in ("Repr-Digest", "Digest"):
        for item in answer.headers.get(header, "").split(","):
            name, _, value = item.strip().partition("=")
            if name.lower() == "sha-256":
                try:
                    return base64.b64decode(value.strip(":"), validate=True).hex()
                except binascii.Error:
                    continue
    return None


def continues(answer: requests.Response, offset: int, etag: str) -> bool:
    """Return whether the content is what comes after the first bytes of the same thing."""
    match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    plain = answer.headers.get("Content-Encoding", "identity") == "identity"
    return bool(match) and int(match[1]) == offset and answer.headers.get("ETag") == etag and plain


def whole_length(answer: requests.Response) -> int | None:
    """Return the length of the whole of which the content is a part, None if it is not said."""
    match = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    return int(match[3]) if match and match[3] != "*" else None


def refusal_text(answer: requests.Response) -> str:
    """Return the begin of a refusing answer, for a message: it often says what is wrong."""
    if not answer.headers.get("Content-Type", "").startswith(SHOWN_TYPES):
        return ""
    try:
        text = answer.raw.read(READ_BYTES, decode_content=True).decode(errors="replace")
    except (HTTPError, OSError):
        return ""
    # Redacted before it is cut: half a secret would not be recognised.
    readable = "".join(c if c.isprintable() else " " for c in redact(text)).strip()
    return f" It says: {readable:.{SHOWN_CHARACTERS}}" if readable else ""
