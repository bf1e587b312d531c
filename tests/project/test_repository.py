"""The repository works anywhere: no addresses, no machine's paths, no dead links."""

import re
import tomllib
from pathlib import Path

import pytest
from project_manifest import ROOT, expect_none

# In pieces, so that this file does not hold what it looks for.
FORBIDDEN = {
    "address of a package registry": "|".join(
        (
            "py" + r"pi\.(?:org|python)",
            "python" + "hosted",
            "npm" + r"js\.(?:org|com)",
            "deb" + r"\.debian\.org",
            "conda" + r"\.(?:io|anaconda)",
        )
    ),
    "registry setting": r"(?<!no-emit-)index" + "[-_]url|find" + "[-_]links|trusted" + "[-_]host",
    "path of somebody's machine": r"(?<![\w.$}~/-])/(?:home|root|Users|work)/\w",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_depends_on_a_place(tracked_files: list[Path], what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked_files
        for number, line in enumerate(_lines(path), start=1)
        if re.search(FORBIDDEN[what], line, flags=re.IGNORECASE)
    ]
    expect_none(found, what)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-spark.lock"])
def test_the_lock_pins_and_hashes_everything(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text(encoding="utf-8"))
    packages = [entry for entry in entries if not entry.startswith("#")]
    assert len(packages) > 50
    wrong = [
        entry.splitlines()[0]
        for entry in packages
        if not re.match(r"[a-z0-9-]+(\[[a-z0-9, -]+\])?==\S+", entry)
        or "--hash=sha256:" not in entry
    ]
    expect_none(wrong)


def _locked(name: str) -> set[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+(?:\[.*?\])?==\S+)", text, flags=re.MULTILINE))


def test_the_locks_hold_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = dict(project["optional-dependencies"])
    spark = extras.pop("spark")
    wanted = [*project["dependencies"], *(name for extra in extras.values() for name in extra)]
    for lock, names in (
        ("requirements.lock", wanted),
        ("requirements-spark.lock", [*wanted, *spark]),
    ):
        locked = {re.split(r"[\[=]", pin)[0] for pin in _locked(lock)}
        assert {re.split(r"[<>=\[ ]", name)[0] for name in names} <= locked, lock


def test_the_environment_of_spark_has_the_same_versions() -> None:
    assert _locked("requirements.lock") <= _locked("requirements-spark.lock")


def test_links_between_files_lead_somewhere(tracked_files: list[Path]) -> None:
    # The pages below models/ are shown by dbt, with links of its own.
    pages = [p for p in tracked_files if p.suffix == ".md" and ROOT / "models" not in p.parents]
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)\s#]+)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    expect_none(dead)
