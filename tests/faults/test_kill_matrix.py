"""kill -9 before and after every step: readers see the old or the new, and a second run repairs."""

from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from fault_project import CONTRACT, FaultProject, delivery
from forked import killed
from kill_matrix import matrix


@pytest.fixture
def corrected(project: FaultProject) -> FaultProject:
    """A landed and staged year, and its correction in the inbox."""
    project.deliver("crossings.csv", delivery(2020, "Aurora", 3))
    project.expect("land")
    project.expect("stage")
    project.deliver("crossings.csv", delivery(2020, "Borealis", 4, rejects=1))
    return project


@pytest.mark.fault("kill -9 while landing", outcome="the old delivery or the new one, never a part")
def test_land(corrected: FaultProject, printed: list[str]) -> None:
    matrix(corrected, ("land",), ("files", "landing"), FaultProject.ships, printed)


@pytest.mark.fault("kill -9 while undoing", outcome="the delivery or the one before, never a part")
def test_undo(corrected: FaultProject, printed: list[str]) -> None:
    corrected.expect("land")
    matrix(corrected, ("undo", "2"), ("files",), FaultProject.ships, printed)


def staged(project: FaultProject) -> object:
    with closing(duckdb.connect(project.warehouse, read_only=True)) as warehouse:
        rows = warehouse.execute("select ship, count(*) from raw_ferries.crossings group by 1")
        live = "select seq from raw_contrail.deliveries where is_live"
        rejects = "select count(*) from raw_contrail.rejects"
        return [rows.fetchall(), *(warehouse.execute(sql).fetchall() for sql in (live, rejects))]


@pytest.mark.fault(
    "kill -9 while staging DuckDB", outcome="what was staged before or all that is new"
)
def test_stage_duckdb(corrected: FaultProject, printed: list[str]) -> None:
    corrected.expect("land")
    matrix(corrected, ("stage",), ("files", "duckdb"), staged, printed)


class Shore(BaseHTTPRequestHandler):
    """Serves one file."""

    content = delivery(2020, "Borealis", 4).encode()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def shore(project: FaultProject) -> FaultProject:
    """A project whose delivery is on a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shore)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/crossings.csv"
    path = next(project.root.glob("models/staging/*/*.yml"))
    fetch = f"fetch: {{kind: http, url: {url}}}"
    path.write_text(CONTRACT.replace("extracts:", f"{fetch}\n            extracts:"))
    return project


def in_inbox(project: FaultProject) -> object:
    return {path.name: path.read_bytes() for path in project.inbox.glob("[!.]*") if path.is_file()}


@pytest.mark.fault("kill -9 while fetching", outcome="no file in the inbox or the whole one")
def test_fetch(shore: FaultProject, printed: list[str]) -> None:
    shore.deliver("crossings.csv", delivery(2020, "Aurora"))
    shore.expect("land")
    (shore.inbox / "crossings.csv").unlink()
    matrix(shore, ("fetch",), ("files", "fetch"), in_inbox, printed)


@pytest.mark.fault("kill -9 while collecting garbage", outcome="nothing that a commit names goes")
def test_gc(corrected: FaultProject, printed: list[str]) -> None:
    corrected.expect("land")
    for number in range(3):
        data = corrected.landing / "ferries" / "crossings" / "data"
        leave(data / f"dead{number}" / "0-x.parquet")
        leave(corrected.landing / "_tmp" / f"dead{number}" / "rows.parquet")
    before = corrected.commits()
    named = {path: sha for path, sha in corrected.tree().items() if "dead" not in path}
    for number in range(1, 7):
        hit = corrected.copy(corrected.root.parent / f"gc-{number}")
        fault = f"kill:{number}:after"
        code, output = hit.run("gc", "--grace", "0s", points=("files",), fault=fault)
        if not killed(code):
            break
        assert hit.commits() == before
        assert named.items() <= hit.tree().items(), output
        hit.expect("gc", "--grace", "0s")
        assert hit.tree() == named
    else:
        number += 1
    assert number > 3
    printed.append(f"contrail gc: {number - 1} kills, every file that a commit names stayed")


def leave(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"part of a file")
