"""A browser without a window: what it says about a page, and what it asks the network for."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = ("CI", "CONTRAIL_REQUIRE_CHROMIUM")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
# A window has a least width, a frame has none. What a frame holds is asked when it is there.
FRAME = """<iframe srcdoc="{page}" width="{width}" height="900" frameborder="0"
onload="document.title = 'width ' + contentDocument.documentElement.scrollWidth"></iframe>"""


def find_browser() -> str:
    """Return a Chromium; skip where there is none, except in continuous integration.

    There the Debian package is installed, by root.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    required = any(os.environ.get(name) for name in REQUIRED)
    if not found and required and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["update", "-qq"], ["install", "-qq", "-y", "chromium"]):
            subprocess.run(["apt-get", *command], check=False, capture_output=True, timeout=300)
        found = shutil.which("chromium")
    if not found:
        reason = f"no Chromium ({', '.join(NAMES)}): install one to look at the page"
        pytest.fail(reason) if required else pytest.skip(reason)
    return found


@dataclass(frozen=True)
class Seen:
    """What happened while a page was open."""

    console: list[str]
    requests: list[str]
    dom: str


def look_at(page: str, folder: Path) -> Seen:
    """Open a page."""
    file, log = folder / "page.html", folder / "net.json"
    file.write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            find_browser(),
            *QUIET,
            f"--user-data-dir={folder / 'profile'}",
            f"--log-net-log={log}",
            "--enable-logging=stderr",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return Seen(console, _requests(log), done.stdout)


def content_width(page: str, width: int, folder: Path) -> int:
    """Return the width that a page needs in a window of a width: more if it has to be scrolled."""
    seen = look_at(FRAME.format(page=html.escape(page), width=width), folder)
    [found] = re.findall(r"<title>width (\d+)", seen.dom)
    return int(found)


def _requests(log: Path) -> list[str]:
    """The addresses that the page asked for; the browser's own errands have no origin."""
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    parameters = (event.get("params", {}) for event in events)
    return sorted(
        {
            item["url"]
            for item in parameters
            if item.get("initiator", "not an origin") != "not an origin"
            and item.get("url", "").startswith(("http", "ws"))
        }
    )
