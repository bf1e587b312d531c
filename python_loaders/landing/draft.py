"""Read one delivery to its end and write it below a scratch directory, checked but not visible."""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from python_loaders.contract.model import Table
from python_loaders.errors import ContractError, ContrailError
from python_loaders.extract.chunk import Reader, Reject
from python_loaders.landing.delivery import (
    Candidate,
    Key,
    key_from_name,
    key_from_rows,
)
from python_loaders.landing.log import InputFile
from python_loaders.landing.opened import open_delivery
from python_loaders.landing.quarantine import RejectCounter
from python_loaders.landing.writer import ParquetSink, Sink, Stamp, stamp_rejects, stamp_rows

BATCH_ID_DIGITS = 16


@dataclass(frozen=True)
class Draft:
    """A delivery that kept its contract.

    Attributes:
        table: the contract that it kept, with the columns that it added.
        nulls: the number of NULLs in each delivered column.
        schema_version: the number of the table's set of columns.
        forced: whether a person brings back bytes that were replaced or taken back.
        accepted: what a person accepts that the guard would have held back.
    """

    table: Table
    key: Key
    stamp: Stamp
    input: InputFile
    records: int
    rows: Sink
    rejects: Sink
    nulls: dict[str, int]
    warnings: tuple[str, ...]
    schema_version: int = 1
    forced: bool = False
    accepted: tuple[str, ...] = ()


def write_draft(
    candidate: Candidate,
    file_sha256: str,
    scratch: Path,
    seq: int,
    advance: Callable[[int], None],
    sink: Callable[[Path], Sink] = ParquetSink,
    table: Table | None = None,
) -> Draft:
    """Write rows and rejects of a delivery, stamped for the commit number `seq`.

    Args:
        candidate: the file, and the contract it is to keep.
        file_sha256: of the file.
        scratch: a directory for unfinished work.
        seq: the number of the commit that it will be.
        advance: is told the bytes of the member read so far.
        sink: where rows go.
        table: the contract with the columns that were added to it, if any were.

    Raises:
        ContractError: the delivery as a whole does not keep the contract.
        RejectsError: it holds more bad rows than the contract allows.
    """
    path, table = candidate.path, table or candidate.table
    landed_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    key, stamp = key_from_name(candidate), None
    records = 0
    filled: Counter[str] = Counter()
    waiting: list[Reject] = []  # until a good row tells the key that they are stamped with
    with (
        sink(scratch / "rows.parquet") as rows,
        sink(scratch / "rejects.parquet") as rejects,
        open_delivery(candidate, table, scratch) as opened,
    ):
        reader, member, label = opened.reader, opened.member, opened.label
        source_file = f"{path.name}/{member}" if member else path.name
        counter = RejectCounter(table, label)
        for chunk in reader.chunks():
            records += chunk.records
            counter.add(chunk.rejects)
            waiting += chunk.rejects
            if chunk.rows.height:
                key = _check_key(key, chunk.rows, reader, candidate)
                if stamp is None:
                    batch_id = _batch_id(candidate, key, file_sha256, member)
                    stamp = Stamp(batch_id, seq, key.text, source_file, landed_at)
                rows.write(stamp_rows(chunk, table, stamp))
                filled.update({c.name: len(c) - c.null_count() for c in chunk.rows.iter_columns()})
            if waiting and stamp:
                rejects.write(stamp_rejects(waiting, table, stamp))
                waiting = []
            advance(reader.byte_count)
        counter.finish(records)
        if key is None or stamp is None:
            found = f"{records} bad row(s) and no good one" if records else "no record"
            raise ContractError(
                f"{label}: holds {found}. Ask for a complete delivery; this one would replace what "
                "is landed with nothing."
            )
    if rows.rows + rejects.rows != records:
        raise ContrailError(
            f"{label}: {records} records were read, but {rows.rows} landed and {rejects.rows} "
            "were rejected. This is a fault of the loader; please report it."
        )
    delivered = InputFile(
        file=path.name,
        file_bytes=path.stat().st_size,
        file_sha256=file_sha256,
        member=member,
        bytes=reader.byte_count,
        sha256=reader.sha256(),
    )
    return Draft(
        table=table,
        key=key,
        stamp=stamp,
        input=delivered,
        records=records,
        rows=rows,
        rejects=rejects,
        nulls={name: rows.rows - filled[name] for name in reader.delivered},
        warnings=tuple(reader.warnings),
    )


def _check_key(key: Key | None, rows: pl.DataFrame, reader: Reader, candidate: Candidate) -> Key:
    """Return the delivery's key, after checking that these rows belong to it."""
    if key is not None and key_from_name(candidate) is not None:
        return key
    own = key_from_rows(rows, reader.delivered, candidate)
    if key is not None and own != key:
        raise ContractError(
            f"{candidate.path}: one delivery of {candidate.table.full_name} is one "
            f"{candidate.rules.period}, but the file holds {key.text} and {own.text}. Split it."
        )
    return own


def _batch_id(candidate: Candidate, key: Key, file_sha256: str, member: str) -> str:
    """Derive the id from what is delivered and the contract, never from the time."""
    table = candidate.table
    fingerprint = table.fingerprint(candidate.extract)
    identity = (table.source, table.name, key.text, file_sha256, member, fingerprint)
    return hashlib.sha256("\n".join(identity).encode()).hexdigest()[:BATCH_ID_DIGITS]
