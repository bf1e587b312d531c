"""Names of files: which a table takes, and which a fetch gives.

A fetch never takes them from a server.
"""

import datetime as dt
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

PLACEHOLDERS = ("etag", "sha8")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Letters of strftime that give digits only, so that no locale decides a file's name.
MOMENT = re.compile(r"%([YmdHMSjyGVuf])")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+=@-]{0,199}")
UNSAFE = re.compile(r"[^A-Za-z0-9._+=@-]+")
ETAG_CHARACTERS = 64
SAMPLE = dt.datetime(2024, 1, 31, 23, 59, 59)  # noqa: DTZ001


def matches(path: Path, patterns: Iterable[str]) -> bool:
    """Return whether a file is one of those that an extract names.

    A pattern without a slash is for the name, one with slashes for the last folders, too.
    """
    return any(
        path.match(pattern) if "/" in pattern else fnmatchcase(path.name, pattern)
        for pattern in patterns
    )


def render_name(pattern: str, moment: dt.datetime, etag: str | None, sha256: str) -> str:
    """Return the name that a pattern leads to.

    Args:
        pattern: as in the contract, such as `flights_%Y-%m-%d_{sha8}.csv`.
        moment: of the fetch, in UTC, for the parts that begin with a percent sign.
        etag: of the server's answer, for `{etag}`; without quotes, other characters become `-`.
        sha256: of the file, for `{sha8}`.

    Raises:
        ValueError: the name would not be safe, or the answer had no ETag that it asks for.
    """
    if etag is None and "{etag}" in pattern:
        raise ValueError("the server sends no ETag for {etag}; {sha8} is always known")
    stamp = UNSAFE.sub("-", (etag or "").removeprefix("W/").strip('"'))[:ETAG_CHARACTERS]
    name = MOMENT.sub(lambda match: moment.strftime(match[0]), pattern)
    name = name.replace("{etag}", stamp).replace("{sha8}", sha256[:8])
    if not SAFE.fullmatch(name):
        raise ValueError(
            f"{name!r} is no safe file name: letters, digits and ._+=@- only, beginning with a "
            "letter or digit, at most 200"
        )
    return name


def _check(pattern: str) -> str:
    """Refuse what could not become a name, before anything is fetched."""
    for placeholder in PLACEHOLDER.findall(pattern):
        if placeholder not in PLACEHOLDERS:
            raise ValueError(f"{{{placeholder}}} is not one of {{etag}}, {{sha8}}")
    if left := re.search(r"%.?", MOMENT.sub("", pattern)):
        raise ValueError(f"{left[0]!r} is not one of %Y %m %d %H %M %S %j %y %G %V %u %f")
    render_name(pattern, SAMPLE, "0", "0" * 64)
    return pattern


FileName = Annotated[str, AfterValidator(_check)]


def sample_name(pattern: str) -> str:
    """Return a name as the pattern could give it, to compare it with the patterns of extracts."""
    return render_name(pattern, SAMPLE, "0a1b2c3d", "0a1b2c3d")


def has_placeholder(pattern: str) -> bool:
    """Return whether the pattern gives another name to another content or moment."""
    return bool(PLACEHOLDER.search(pattern) or MOMENT.search(pattern))
