"""Land one delivery: all of it or nothing, whatever happens on the way.

Everything is written below _tmp, made durable, renamed into place and only then named by a
commit record. A process that dies leaves files that no record names, which no reader sees.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from python_loaders import __version__
from python_loaders.errors import ContrailError
from python_loaders.fetch.origin import read_origin
from python_loaders.landing.delivery import Candidate, digest_file
from python_loaders.landing.draft import Draft, write_draft
from python_loaders.landing.history import History, Landed
from python_loaders.landing.log import Commit, CommitLog


def land(candidate: Candidate, log: CommitLog, advance: Callable[[int], None]) -> Landed:
    """Land a delivery unless its bytes are landed already.

    Args:
        candidate: the file, and the contract it is to keep.
        log: the log of the landing directory.
        advance: is told the bytes of the member read so far.

    Raises:
        ContractError: the delivery as a whole does not keep the contract.
        RejectsError: it holds more bad rows than the contract allows.
        ContrailError: it could not be read or written, or changed while it was read.
    """
    landing = log.landing
    try:
        with log.lock(), _scratch(landing) as scratch:
            return _land(candidate, log, scratch, advance)
    except OSError as error:
        free = shutil.disk_usage(landing if landing.exists() else Path.cwd()).free
        raise ContrailError(
            f"{candidate.path}: {error} ({free >> 20} MiB are free for {landing}). Nothing of it "
            "was landed; correct the cause and run `contrail land` again."
        ) from error


def _land(
    candidate: Candidate,
    log: CommitLog,
    scratch: Path,
    advance: Callable[[int], None],
) -> Landed:
    commits = log.read()
    history = History(commits, candidate)
    before = candidate.path.stat()
    file_sha256 = digest_file(candidate.path)
    if known := history.of_file(file_sha256):
        return known
    draft = write_draft(candidate, file_sha256, scratch, len(commits) + 1, advance)
    after = candidate.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ContrailError(
            f"{candidate.path}: changed while it was read. Wait until it is complete, then land "
            "it again."
        )
    if known := history.of_content(draft.input.sha256, draft.key):
        return known
    commit = _publish(draft, candidate, log.landing, log.last_digest)
    log.append(commit, scratch)
    return Landed(
        outcome="committed",
        key=commit.key,
        rows=commit.rows_landed,
        rejects=commit.rows_rejected,
        byte_count=commit.input.bytes,
        warnings=draft.warnings,
    )


@contextmanager
def _scratch(landing: Path) -> Iterator[Path]:
    """Make a directory for unfinished work.

    Whatever else is in _tmp belongs to a process that died: the lock lets in one at a time.
    """
    shutil.rmtree(landing / "_tmp", ignore_errors=True)
    directory = landing / "_tmp" / uuid4().hex
    directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _publish(draft: Draft, candidate: Candidate, landing: Path, prev_sha256: str) -> Commit:
    """Give the files their final names, and return the record that makes them count."""
    table, stamp = candidate.table, draft.stamp
    home = landing / table.source / table.name
    origin = read_origin(candidate.path, draft.input.file_sha256)
    files = [draft.rows.finish(home / "data" / stamp.batch_id, "0-{}.parquet", landing)]
    quarantine = []
    if draft.rejects.rows:
        name = f"{stamp.batch_id}-{{}}.parquet"
        quarantine = [draft.rejects.finish(home / "quarantine", name, landing)]
    return Commit(
        seq=stamp.seq,
        prev_sha256=prev_sha256,
        batch_id=stamp.batch_id,
        source=table.source,
        table=table.name,
        mode=candidate.rules.mode,
        period=candidate.rules.period,
        key=draft.key.text,
        period_start=draft.key.start,
        period_end=draft.key.end,
        input=draft.input,
        rows_read=draft.records,
        rows_landed=draft.rows.rows,
        rows_rejected=draft.rejects.rows,
        files=files,
        quarantine=quarantine,
        columns={column.landed_name: column.type.name for column in table.landed_columns},
        contract_fingerprint=table.fingerprint(candidate.extract),
        landed_at=stamp.landed_at,
        code_version=__version__,
        origin=origin.record() if origin else None,
    )
