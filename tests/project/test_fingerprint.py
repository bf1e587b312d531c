"""The second `make` does nothing only if nothing has changed."""

import subprocess
import sys
from pathlib import Path

from project_manifest import ROOT


def _fingerprint(folder: Path) -> str:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "fingerprint.py"), "models", "missing"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_contents_and_names_count_and_times_do_not(tmp_path: Path) -> None:
    model = tmp_path / "models" / "deep" / "a.sql"
    model.parent.mkdir(parents=True)
    model.write_text("select 1")
    first = _fingerprint(tmp_path)

    model.touch()
    cache = model.parent / "__pycache__"
    cache.mkdir()
    (cache / "a.pyc").write_text("cache")
    assert _fingerprint(tmp_path) == first

    model.write_text("select 2")
    changed = _fingerprint(tmp_path)
    assert changed != first

    model.rename(model.with_name("b.sql"))
    assert len({first, changed, _fingerprint(tmp_path)}) == 3
