"""docs/guarantees.md and docs/faults.md say what tests prove, and the tests are there."""

import re
import subprocess
import sys

from project_manifest import ROOT, expect_none

PAGE = ROOT / "docs" / "guarantees.md"
PROOF = re.compile(r"\[`(\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")


def test_every_promise_names_tests_that_exist() -> None:
    promised = PAGE.read_text(encoding="utf-8").split("## What is not promised")[0]
    rows = [line for line in promised.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith("| promise ")]
    assert len(promises) > 20
    wrong = [f"no test: {row}" for row in promises if not PROOF.search(row.split("|")[2])]
    for name, path in PROOF.findall(promised):
        if not re.search(rf"^def {name}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE):
            wrong.append(f"{path} has no {name}")
    expect_none(wrong)


def test_every_fault_has_a_test_and_the_page_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "faults.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
