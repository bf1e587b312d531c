"""A plugin that writes down which test proves what about which fault (see scripts/faults.py)."""

import json
import os
from pathlib import Path

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    found = []
    for item in session.items:
        for mark in item.iter_markers("fault"):
            case = mark.kwargs.get("case")
            if case is None or f"[{case}]" in item.name:
                found.append(
                    {
                        "fault": mark.args[0],
                        "outcome": mark.kwargs["outcome"],
                        "file": item.nodeid.partition("::")[0],
                        "test": item.name if case else item.name.partition("[")[0],
                    }
                )
    Path(os.environ["CONTRAIL_FAULT_MARKS"]).write_text(json.dumps(found), encoding="utf-8")
