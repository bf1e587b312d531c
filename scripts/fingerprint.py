"""Print one hash over files and folders: the same hash means there is nothing to do anew.

Usage: python scripts/fingerprint.py PATH [PATH ...]

Contents count, not times, so a fresh checkout or a touched file changes nothing, while a
deleted or renamed file does. Paths that do not exist are skipped; so are caches.
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path


def _files(paths: Iterable[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_file():
            yield path
        else:
            yield from (
                file
                for file in path.rglob("*")
                if file.is_file() and "__pycache__" not in file.parts
            )


def fingerprint(paths: Iterable[str]) -> str:
    """Return the sha256 over names and contents of all files below the paths."""
    total = hashlib.sha256()
    for file in sorted(set(_files(paths))):
        total.update(f"{file.as_posix()}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(fingerprint(sys.argv[1:]) + "\n")
