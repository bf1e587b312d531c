"""The examples of docs/fetching.md, run as they are written there, against a local server."""

import hashlib
import json
import re
from pathlib import Path
from typing import get_args
from urllib.parse import parse_qs

import pytest
from ferry_package import put_on_shelf
from ferry_project import REPOSITORY, Project
from misbehaving_server import Handler, Server, file, reply

from python_loaders.contract import fetch_http, fetch_pages
from python_loaders.fetch import retry

GUIDE = (REPOSITORY / "docs" / "fetching.md").read_text()
CROSSINGS = b"year,ship,passengers\n2024,Aurora,120\n2024,Borealis,\n"
ARRIVALS = [
    {"id": 1, "ship": "Aurora", "draught_m": 3.5},
    {"id": 2, "ship": "Borealis", "draught_m": None},
    {"id": 3, "ship": "Cora", "draught_m": 12.25},
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def guide(
    project: Project, running: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """The contracts of the page, with the local server in place of those that it names."""
    for block in blocks("yaml"):
        name, _, content = block.removeprefix("# ").partition("\n")
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content, count = re.subn(r"https://\w+\.example", running.address, content)
        assert count == content.count(running.address)
        path.write_text(content)
    monkeypatch.setenv("FERRY_TOKEN", "token-7f3a")
    monkeypatch.setenv("HARBOUR_KEY", "key-7f3a")
    put_on_shelf(tmp_path / "shelf", monkeypatch)
    running.seen.clear()
    running.plan("/exports/crossings.csv", file(CROSSINGS, '"v1"'))
    digest = hashlib.sha256(CROSSINGS).hexdigest()
    running.plan("/exports/SHA256SUMS", reply(f"{digest}  crossings.csv\n"))
    running.plan("/v2/arrivals", arrivals)
    return project


def arrivals(handler: Handler) -> None:
    query = parse_qs(handler.path.partition("?")[2])
    assert query["api_key"] == ["key-7f3a"]
    assert query["year"] == ["2024"]
    begin = int(query.get("after", ["0"])[0])
    end = begin + int(query["limit"][0])
    following = str(end) if end < len(ARRIVALS) else None
    meta = {"next": following, "total": len(ARRIVALS)}
    reply(json.dumps({"data": ARRIVALS[begin:end], "meta": meta}))(handler)


def test_the_guide_has_an_example_of_each_kind() -> None:
    assert len(blocks("yaml")) == 3


def test_everything_is_fetched_and_landed(guide: Project, running: Server) -> None:
    result = guide.run("fetch")
    assert result.exit_code == 0, result.output
    result = guide.land()
    assert result.exit_code == 0, result.output
    assert guide.staged("select harbour, berths from raw_harbours.berths") == [
        ("Kiel", 4),
        ("Oslo", 6),
    ]
    ships = (
        "select ship from raw_ferries.crossings union all select ship from raw_harbour_api.arrivals"
    )
    assert len(guide.staged(ships)) == 5
    [seen] = running.asked("/exports/crossings.csv")
    assert seen.header("Authorization") == "Bearer token-7f3a"
    assert len(running.asked("/v2/arrivals")) == 2


def test_what_the_guide_shows(guide: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    [shown] = [block for block in blocks("console") if "crossings_" in block]
    [moment] = set(re.findall(r"crossings_(\d+-\d+-\d+)", shown))
    monkeypatch.setattr(retry.SystemClock, "now", lambda _: retry.dt.datetime.fromisoformat(moment))
    for line in shown.splitlines():
        if line.startswith("$ "):
            result = guide.run(*line.split()[2:])
        else:
            assert line in result.output
    guide.land("ferries")
    [origin] = [json.loads(block) for block in blocks("json")]
    recorded = guide.commits()[0].origin or {}
    origin["uri"] = recorded["uri"]
    origin["bytes"] = len(CROSSINGS)
    assert origin.items() <= recorded.items()


def test_every_key_is_explained() -> None:
    fields = {
        field.alias or name
        for rules in (fetch_http.HttpFetch, fetch_pages.PagesFetch)
        for name, field in rules.model_fields.items()
    }
    for paging in get_args(get_args(fetch_pages.Paging)[0]):
        fields |= set(paging.model_fields)
    for basic in fetch_http.Basic.model_fields:
        fields.add(basic)
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", GUIDE))))
    assert fields - explained == set()
