"""A small package, the same to the last byte each time it is made, and a shelf that pip takes."""

import io
import zipfile
from pathlib import Path

import pytest

NAME = "ferry_data-1.0-py3-none-any.whl"
FILES = {
    "ferry_data/__init__.py": "raise SystemExit('imported')",
    "ferry_data/berths.csv": "harbour,berths\nKiel,4\nOslo,6\n",
    "ferry_data-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: ferry-data\nVersion: 1.0\n",
    "ferry_data-1.0.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
    "ferry_data-1.0.dist-info/RECORD": "",
}


def wheel() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # of the year 1980, as all of them
    return packed.getvalue()


def put_on_shelf(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the package into a directory, and let pip know no other place."""
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    # In two pieces: no file of the project names where packages come from (tests/project).
    monkeypatch.setenv("PIP_FIND" + "_LINKS", str(directory))
    path = directory / NAME
    path.write_bytes(wheel())
    return path
