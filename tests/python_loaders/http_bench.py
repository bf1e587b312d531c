"""What the tests of HTTP share: an inbox, a clock that does not wait, fetching one file."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from misbehaving_server import Server

from python_loaders.contract.fetch_http import HttpFetch
from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.contract.model import Source
from python_loaders.errors import ContrailError
from python_loaders.fetch.http import fetch_http
from python_loaders.fetch.inbox import Fetched, Inbox
from python_loaders.fetch.pages import fetch_pages
from python_loaders.landing.delivery import files_below

MOMENT = dt.datetime(2024, 2, 3, 4, 5, 6)  # noqa: DTZ001


CONTENT = bytes(range(256)) * 300
SHA256 = hashlib.sha256(CONTENT).hexdigest()
TAG = {"ETag": '"v1"'}


@dataclass
class FakeClock:
    """A clock that moves when somebody sleeps, and by `tick` whenever it is read."""

    tick: float = 0
    seconds: float = 0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        self.seconds += self.tick
        return self.seconds

    def now(self) -> dt.datetime:
        return MOMENT + dt.timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@dataclass
class Bench:
    """An inbox that is filled from one server."""

    server: Server
    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    said: list[str] = field(default_factory=list)

    @property
    def inbox(self) -> Inbox:
        """A new one each time, as each run of the command has."""
        self.path.mkdir(exist_ok=True)
        return Inbox(self.path, say=self.said.append)

    def rules(self, path: str = "/a.csv", **more: object) -> HttpFetch:
        asked = {"kind": "http", "url": self.server.url(path), "as": "crossings.csv"} | more
        return HttpFetch.model_validate(asked)

    def fetch(self, path: str = "/a.csv", **more: object) -> Fetched:
        [fetched] = fetch_http(self.rules(path, **more), SOURCE, self.inbox, self.clock)
        return fetched

    def pages(self, path: str = "/a", **more: object) -> Fetched:
        asked = {"kind": "pages", "url": self.server.url(path), "as": "pages.ndjson"} | more
        rules = PagesFetch.model_validate(asked)
        [fetched] = fetch_pages(rules, SOURCE, self.inbox, self.clock)
        return fetched

    def fails(self, *words: str, **more: object) -> str:
        """Expect that nothing is visible afterwards and that the error says these words."""
        before, fetch = self.files(), self.pages if "paging" in more else self.fetch
        with pytest.raises(ContrailError) as caught:
            fetch(**more)
        message = str(caught.value)
        assert [word for word in words if word not in message] == [], message
        assert self.files() == before
        return message

    def files(self) -> dict[str, bytes]:
        """What landing would see."""
        return {path.name: path.read_bytes() for path in files_below(self.path)}

    def leftovers(self) -> list[str]:
        """Unfinished files and their notes."""
        return sorted(path.name for path in self.path.glob(".*") if path.is_file())


SOURCE = Source(name="ferries")
