"""Write docs/faults.md: each fault, what happens then, and the tests that prove it.

Usage: python scripts/faults.py [--check]

The tests are the source: those that prove something about a fault carry
`@pytest.mark.fault("<fault>", outcome="<outcome>")`, with `case="<id>"` where one case of a
parametrized test is meant. What has to be proved stands in tests/faults/required.yml. --check
writes nothing and fails if a fault lacks a test, or if the page is not what it would be now.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "faults.md"
REQUIRED = ROOT / "tests" / "faults" / "required.yml"
MOST_SHOWN = 4000
BEGIN = """# Faults

What goes wrong, what Contrail does then, and the test that proves it. `python scripts/faults.py`
writes this page from the tests; `make test` fails if a fault has no test or the page is old.
What follows from it is in [guarantees.md](guarantees.md).
"""


Sections = dict[str, list[str | dict[str, str]]]  # a fault alone, or with the reason for no test


class Mark(TypedDict):
    """What one test says about one fault."""

    fault: str
    outcome: str
    file: str
    test: str


def collect_marks() -> list[Mark]:
    """Return what all tests say, file by file; none of them is run."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        paths = [str(ROOT), str(REQUIRED.parent), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {
            "CONTRAIL_FAULT_MARKS": file.name,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        command = [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-m", ""]
        done = subprocess.run(  # noqa: S603
            [*command, "-p", "fault_marks", "-p", "no:cacheprovider", "tests"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(
                f"the tests cannot be collected:\n{done.stdout[-4000:]}\n{done.stderr}"
            )
        marks = json.loads(Path(file.name).read_text(encoding="utf-8"))
    # Not in the order in which the tests happen to run.
    return sorted(marks, key=lambda mark: mark["file"])


def find_problems(sections: Sections, marks: Sequence[Mark]) -> list[str]:
    """Return the faults without a test, and the marks of faults that nobody asked for."""
    faults = [fault for faults in sections.values() for fault in faults]
    required = [fault for fault in faults if isinstance(fault, str)]
    proved = {mark["fault"] for mark in marks}
    return [
        *(f"no test is marked with {fault!r}" for fault in required if fault not in proved),
        *(
            f"{mark['file']}: {mark['test']}: {mark['fault']!r} is not in {REQUIRED.name}"
            for mark in marks
            if mark["fault"] not in required
        ),
    ]


def render(sections: Sections, marks: Sequence[Mark]) -> str:
    """Return the page."""
    lines = [BEGIN]
    for title, faults in sections.items():
        lines += [f"## {title[0].upper()}{title[1:]}", "", "| fault | outcome | tests |"]
        lines.append("|---|---|---|")
        for fault in faults:
            if isinstance(fault, dict):
                lines += [f"| {name} | {reason} | |" for name, reason in fault.items()]
                continue
            own = [mark for mark in marks if mark["fault"] == fault]
            outcomes = "; ".join(dict.fromkeys(mark["outcome"] for mark in own))
            tests = dict.fromkeys(f"[`{mark['test']}`](../{mark['file']})" for mark in own)
            lines.append(f"| {fault} | {outcomes} | {', '.join(tests)} |")
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Write or check the page."""
    sections = yaml.safe_load(REQUIRED.read_text(encoding="utf-8"))
    marks = collect_marks()
    problems = find_problems(sections, marks)
    page = render(sections, marks)
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
        problems.append(f"{PAGE.relative_to(ROOT)} is old; run `python scripts/faults.py`")
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    return int(bool(problems))


if __name__ == "__main__":
    raise SystemExit(main())
