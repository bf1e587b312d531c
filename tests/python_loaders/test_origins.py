"""What fetch knows about a file stays beside it, and goes into its commit record."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from ferry_project import HEADER, ROWS, Project

from python_loaders.errors import ContrailError
from python_loaders.fetch.inbox import Inbox, LandedFile
from python_loaders.fetch.origin import Origin, read_origin, sidecar
from python_loaders.landing.history import fetched_files

MOMENT = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001


def origin_of(content: bytes, name: str, **more: object) -> Origin:
    return Origin(
        **{
            "target": "ferries.crossings",
            "kind": "http",
            "uri": "https://me:key@host/a.csv?token=key&day=1",
            "file": name,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "fetched_at": MOMENT,
            "etag": '"v1"',
        }
        | more
    )


def put(inbox: Inbox, name: str, content: bytes = (HEADER + ROWS).encode(), **more: object) -> Path:
    part = inbox.part(name)
    part.write_bytes(content)
    return inbox.publish(part, origin_of(content, name, **more))


@pytest.fixture
def inbox(project: Project) -> Inbox:
    return Inbox(project.inbox)


def test_the_origin_is_there_before_the_file(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(path: Path, _target: Path) -> Path:
        if path.suffix == ".part":
            raise KeyboardInterrupt
        return rename(path, _target)

    rename = Path.rename
    monkeypatch.setattr(Path, "rename", die)
    with pytest.raises(KeyboardInterrupt):
        put(inbox, "crossings.csv")
    assert sidecar(inbox.path / "crossings.csv").exists()
    assert inbox.origins("ferries.crossings") == []


def test_the_origin_goes_into_the_commit_record(project: Project, inbox: Inbox) -> None:
    path = put(inbox, "crossings.csv")
    assert project.land().exit_code == 0
    [commit] = project.commits()
    assert commit.origin == {
        "target": "ferries.crossings",
        "kind": "http",
        "uri": "https://***@host/a.csv?token=***&day=***",
        "file": "crossings.csv",
        "bytes": path.stat().st_size,
        "sha256": commit.input.file_sha256,
        "fetched_at": "2024-01-02T03:04:05",
        "etag": '"v1"',
    }


def test_a_file_that_somebody_changed_has_no_origin(project: Project, inbox: Inbox) -> None:
    path = put(inbox, "crossings.csv")
    path.write_text(HEADER + ROWS + "2020,Cora,1,1.00,1,NA\n")
    assert project.land().exit_code == 0
    assert project.commits()[0].origin is None


def test_a_file_that_was_only_dropped_has_no_origin(project: Project) -> None:
    path = project.deliver("crossings.csv", HEADER + ROWS)
    assert read_origin(path, hashlib.sha256(path.read_bytes()).hexdigest()) is None
    sidecar(path).parent.mkdir()
    sidecar(path).write_text("{")
    assert project.land().exit_code == 0
    assert project.commits()[0].origin is None


def test_the_landing_sees_neither_origins_nor_parts(project: Project, inbox: Inbox) -> None:
    put(inbox, "crossings.csv")
    inbox.part("crossings2.csv").write_text("half")
    (inbox.path / ".fetch-x").mkdir()
    (inbox.path / ".fetch-x" / "crossings3.csv").write_text("half")
    result = project.land()
    assert result.exit_code == 0, result.output
    assert "no contract matches" not in result.output
    assert len(project.commits()) == 1


def test_origins_come_from_the_log_and_then_from_files_that_wait(
    project: Project, inbox: Inbox
) -> None:
    put(inbox, "crossings1.csv", fetched_at=MOMENT + dt.timedelta(days=9), etag="1")
    assert project.land().exit_code == 0
    put(inbox, "crossings3.csv", b"3", fetched_at=MOMENT + dt.timedelta(days=2), etag="3")
    put(inbox, "crossings2.csv", b"2", fetched_at=MOMENT + dt.timedelta(days=1), etag="2")
    put(inbox, "crossings4.csv", b"4", target="ferries.other", etag="4")
    inbox.landed = fetched_files(project.commits())
    assert [origin.etag for origin in inbox.origins("ferries.crossings")] == ["1", "2", "3"]
    (inbox.path / "crossings2.csv").write_bytes(b"x")
    (inbox.path / "crossings3.csv").unlink()
    assert [origin.etag for origin in inbox.origins("ferries.crossings")] == ["1"]
    inbox.anew = True
    assert inbox.origins("ferries.crossings") == []


def test_what_was_taken_back_may_be_fetched_again(project: Project, inbox: Inbox) -> None:
    put(inbox, "crossings.csv")
    project.land()
    inbox.landed = fetched_files(project.commits())
    assert len(inbox.origins("ferries.crossings")) == 1
    assert project.run("undo", "1").exit_code == 0
    inbox.landed = fetched_files(project.commits())
    assert inbox.origins("ferries.crossings") == []
    later = project.commits()[-1].landed_at + dt.timedelta(seconds=1)
    put(inbox, "crossings.csv", fetched_at=later)
    assert len(inbox.origins("ferries.crossings")) == 1  # but once, not at every fetch
    put(inbox, "crossings.csv", fetched_at=later, number=2)
    assert inbox.origins("ferries.crossings") == []  # a window of a database grows


def test_a_file_that_nobody_fetched_or_landed_is_not_replaced(
    project: Project, inbox: Inbox
) -> None:
    path = project.deliver("crossings.csv", "dropped by hand")
    with pytest.raises(ContrailError, match="somebody else put this file there"):
        put(inbox, "crossings.csv")
    assert path.read_text() == "dropped by hand"
    inbox.landed = [LandedFile(hashlib.sha256(path.read_bytes()).hexdigest(), None)]
    put(inbox, "crossings.csv")
    put(inbox, "crossings.csv", b"newer")
    assert path.read_bytes() == b"newer"
    # As after a crash between the origin and the file: the file is still the one before.
    sidecar(path).write_text(
        origin_of(b"newest", path.name, replaces=hashlib.sha256(b"newer").hexdigest())
        .model_dump_json()
    )  # fmt: skip
    put(inbox, "crossings.csv", b"newest")
    assert path.read_bytes() == b"newest"


def test_a_sidecar_of_a_later_version_is_understood(inbox: Inbox) -> None:
    path = put(inbox, "crossings.csv", b"1")
    known = json.loads(sidecar(path).read_text()) | {"colour": "red"}
    sidecar(path).write_text(json.dumps(known))
    assert len(inbox.origins("ferries.crossings")) == 1
