"""Land one delivery: all of it or nothing, whatever happens on the way.

Everything is written below _tmp, made durable, renamed into place and only then named by a
commit record. A process that dies leaves files that no record names, which no reader sees.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from python_loaders import __version__
from python_loaders.errors import ContrailError
from python_loaders.fetch.origin import read_origin
from python_loaders.landing.approval import (
    NO_CONSENT,
    Consent,
    approve,
    check_contract,
    missing_columns,
)
from python_loaders.landing.delivery import Candidate, check_name, digest_file
from python_loaders.landing.draft import Draft, write_draft
from python_loaders.landing.evolve import evolve
from python_loaders.landing.history import History, Landed
from python_loaders.landing.log import Commit, CommitLog, DataFile
from python_loaders.landing.schema import landed_columns, version_number
from python_loaders.landing.scratch import explained, scratch_directory
from python_loaders.landing.writer import ParquetSink, Sink


def land(
    candidate: Candidate,
    log: CommitLog,
    advance: Callable[[int], None],
    consent: Consent = NO_CONSENT,
) -> Landed:
    """Land a delivery unless its bytes are landed already.

    Args:
        candidate: the file, and the contract it is to keep.
        log: the log of the landing directory.
        advance: is told the bytes of the member read so far.
        consent: what the person who runs this allows.

    Raises:
        ChangeError: it lost rows or values against the delivery before it.
        ContractError: the delivery as a whole does not keep the contract.
        RejectsError: it holds more bad rows than the contract allows.
        ContrailError: it could not be read or written, or changed while it was read.
    """
    size = candidate.path.stat().st_size if candidate.path.exists() else 0
    with (
        explained(str(candidate.path), log.landing, size),
        log.lock(),
        scratch_directory(log.landing) as scratch,
    ):
        decided = decide(candidate, log.read(), scratch, advance, consent=consent)
        if isinstance(decided, Landed):
            return decided
        commit = _publish(decided, candidate, log)
        log.append(commit, scratch)
        return committed(commit, decided)


def decide(
    candidate: Candidate,
    commits: Sequence[Commit],
    scratch: Path,
    advance: Callable[[int], None],
    sink: Callable[[Path], Sink] = ParquetSink,
    consent: Consent = NO_CONSENT,
) -> Draft | Landed:
    """Read a delivery and say what becomes of it; nothing is visible to anybody yet.

    Args:
        candidate: the file, and the contract it is to keep.
        commits: the log.
        scratch: a directory for unfinished work.
        advance: is told the bytes of the member read so far.
        sink: where rows go.
        consent: what the person who runs this allows.

    Returns:
        What is to be committed, or what the log knows about these bytes.

    Raises:
        ContrailError: as land() does.
    """
    check_name(str(candidate.path))
    history = History(commits, candidate)
    before = _state(candidate.path)
    file_sha256 = digest_file(candidate.path)
    known = history.of_file(file_sha256)
    if known and not (consent.force and known.outcome == "stale"):
        return known
    check_contract(candidate, commits, history.live)
    evolved = evolve(candidate, commits, scratch)
    seq = len(commits) + 1
    draft = write_draft(candidate, file_sha256, scratch, seq, advance, sink, evolved.table)
    if _state(candidate.path) != before:
        raise ContrailError(
            f"{candidate.path}: changed while it was read. Wait until it is complete, then land "
            "it again."
        )
    known = history.of_content(draft.input.sha256, draft.key)
    if known and not (consent.force and known.outcome == "stale"):
        return known
    draft = approve(draft, history.live, candidate, consent, is_stale=known is not None)
    version = version_number(landed_columns(draft.table), commits, draft.table)
    warnings = (
        *draft.warnings,
        *evolved.warnings(candidate, version),
        *missing_columns(draft, history.live, candidate),
    )
    return replace(draft, schema_version=version, warnings=warnings)


def _state(path: Path) -> tuple[int, ...]:
    """Return what differs when a file was written, exchanged, or given another time."""
    state = path.stat()
    return (state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def committed(commit: Commit, draft: Draft) -> Landed:
    """Return the outcome for a delivery that was committed."""
    return Landed(
        outcome="committed with rejects" if commit.rows_rejected else "committed",
        key=commit.key,
        rows=commit.rows_landed,
        rejects=commit.rows_rejected,
        byte_count=commit.input.bytes,
        warnings=draft.warnings,
    )


def _publish(draft: Draft, candidate: Candidate, log: CommitLog) -> Commit:
    """Give the files their final names, and return the record that makes them count."""
    home = log.landing / candidate.table.source / candidate.table.name
    batch_id = draft.stamp.batch_id
    files = [draft.rows.finish(home / "data" / batch_id, "0-{}.parquet", log.landing)]
    quarantine = []
    if draft.rejects.rows:
        name = f"{batch_id}-{{}}.parquet"
        quarantine = [draft.rejects.finish(home / "quarantine", name, log.landing)]
    return record(draft, candidate, files, quarantine, log.last_digest)


def record(
    draft: Draft,
    candidate: Candidate,
    files: list[DataFile],
    quarantine: list[DataFile],
    prev_sha256: str,
) -> Commit:
    """Return the commit record of a delivery."""
    table, stamp = draft.table, draft.stamp
    origin = read_origin(candidate.path, draft.input.file_sha256)
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
        columns=landed_columns(table),
        contract_fingerprint=candidate.table.fingerprint(candidate.extract),
        landed_at=stamp.landed_at,
        code_version=__version__,
        origin=origin.record() if origin else None,
        forced=draft.forced,
        schema_version=draft.schema_version,
        nulls=draft.nulls,
        accepted_change=list(draft.accepted),
    )
