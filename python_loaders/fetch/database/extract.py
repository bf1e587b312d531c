"""Read one table, as a whole or its next window, into files of the inbox."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from python_loaders.contract.fetch_database import DatabaseFetch
from python_loaders.contract.model import Table
from python_loaders.errors import ContractError, ContrailError
from python_loaders.fetch.database.part import Part
from python_loaders.fetch.database.reading import Database, LostError, Reading, Snapshot, plan
from python_loaders.fetch.database.survey import Selection, count_rows, select_sql, select_window
from python_loaders.fetch.database.types import schema_of
from python_loaders.fetch.database.window import Window
from python_loaders.fetch.inbox import Fetched, Inbox, utc_now
from python_loaders.fetch.origin import Origin
from python_loaders.fetch.retry import Deadline, SystemClock, TransientError, retry

RETRY_SECONDS = 300.0


@dataclass(frozen=True)
class Job:
    """One extraction: a table, or a window of it, as it was at one moment.

    Attributes:
        number: higher than that of any extraction before; it stands in the names of the files.
    """

    database: Database
    spec: DatabaseFetch
    table: Table
    inbox: Inbox
    number: int


@dataclass(frozen=True)
class Piece:
    """Rows that become one file: those of the table, or the list of its keys."""

    target: str
    readings: list[Reading]
    selection: Selection
    order: str = ""


def extract(database: Database, spec: DatabaseFetch, table: Table, inbox: Inbox) -> list[Fetched]:
    """Bring the rows of a table, and the list of its keys if the contract asks for it.

    A connection that fails before the first row is tried again. After it nothing is, because the
    snapshot is gone; then nothing is in the inbox, and the next fetch begins anew.

    Raises:
        ContractError: the table does not keep the contract, or the cursor was set back.
        ContrailError: the database failed.
    """
    _tidy(inbox, table, spec)
    job = Job(database, spec, table, inbox, inbox.next_number())
    deadline = Deadline(SystemClock(), RETRY_SECONDS)
    return retry(lambda: _Attempt(job).run(), spec.attempts, deadline, inbox.say)


def _tidy(inbox: Inbox, table: Table, spec: DatabaseFetch) -> None:
    """Remove what is landed, which is of no use any more, and what a killed fetch left behind.

    A file that somebody delivers can be landed again under another contract. An extraction cannot:
    what the contract did not ask for was not read.
    """
    for target in (table.full_name, *_keys_target(table, spec)):
        for leftover in inbox.path.glob(f".{target}@*.part"):
            leftover.unlink(missing_ok=True)
        inbox.forget_landed(target)


def _keys_target(table: Table, spec: DatabaseFetch) -> list[str]:
    return [f"{table.source}.{spec.deletes.into}"] if spec.deletes else []


class _Attempt:
    """One attempt at a job, and how far it came."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._parts: list[tuple[Piece, Part]] = []

    def run(self) -> list[Fetched]:
        """Read everything, and only then let files appear."""
        job = self._job
        try:
            with job.database.snapshot(job.spec.table) as snapshot:
                for piece in _pieces(job, snapshot):
                    self._read(snapshot, piece)
            fetched = [self._publish(piece, part) for piece, part in self._parts if part.rows]
        except LostError as error:
            rows = sum(part.rows for _, part in self._parts)
            if rows == 0:
                raise TransientError(str(error)) from error
            raise ContrailError(
                f"{job.table.full_name}: the connection was lost after {rows:,} rows. Nothing is "
                f"in the inbox; fetch again. {error}"
            ) from error
        finally:
            for _, part in self._parts:
                part.path.unlink(missing_ok=True)
        return fetched or [Fetched("unchanged", job.spec.label)]

    def _read(self, snapshot: Snapshot, piece: Piece) -> None:
        job = self._job
        expected = count_rows(snapshot, piece.readings, piece.selection, piece.target)
        if not expected and piece.selection.where:
            return
        if not expected:
            raise ContractError(
                f"{piece.target}: {snapshot.relation} is empty. Nothing was delivered, because it "
                "would replace what is landed with nothing."
            )
        name = f"{piece.target}@{job.number:09d}.{snapshot.clock:%Y%m%dT%H%M%SZ}.parquet"
        part = Part(job.inbox.part(name), name, schema_of(piece.readings))
        self._parts.append((piece, part))
        query = select_sql(snapshot, piece.readings, piece.selection, piece.order)
        with part, closing(snapshot.batches(query, piece.readings, expected)) as batches:
            part.write(batches)
            if part.rows != expected:
                raise ContrailError(
                    f"{piece.target}: {expected:,} rows were counted in {snapshot.relation}, and "
                    f"{part.rows:,} came. It has no snapshots; fetch again."
                )

    def _publish(self, piece: Piece, part: Part) -> Fetched:
        """Let a file appear, unless the rows are those of the one before."""
        job = self._job
        before = job.inbox.origins(piece.target)
        last = max(before, key=lambda origin: origin.number or 0, default=None)
        dated = job.table.delivery is not None and job.table.delivery.mode == "snapshot"
        if not dated and last is not None and last.content == part.content:
            return Fetched("unchanged", piece.target)
        window = piece.selection.window
        origin = Origin(
            target=piece.target,
            kind=job.spec.kind,
            uri=f"{job.database.uri}/{job.spec.table}",
            file=part.title,
            bytes=part.bytes,
            sha256=part.sha256,
            fetched_at=utc_now(),
            rows=part.rows,
            number=job.number,
            content=part.content,
            window=window.record() if window else None,
        )
        job.inbox.publish(part.path, origin)
        return Fetched("fetched", part.title, origin)


def _pieces(job: Job, snapshot: Snapshot) -> list[Piece]:
    """Decide what to read, before anything is."""
    table, spec = job.table, job.spec
    columns = snapshot.columns()
    readings = plan(snapshot, columns, table)
    taken = {reading.live.name for reading in readings}
    if left := [live.name for live in columns if live.name not in taken]:
        job.inbox.say(f"{table.full_name}: not in the contract and not read: {', '.join(left)}")
    if spec.cursor is None:
        return [Piece(table.full_name, readings, Selection())]
    reading = _find(readings, spec.cursor.column, "cursor.column")
    known = [
        Window.model_validate(o.window) for o in job.inbox.origins(table.full_name) if o.window
    ]
    selection = select_window(snapshot, reading, spec.cursor, known, job.inbox.say)
    pieces = [Piece(table.full_name, readings, selection)] if selection else []
    if spec.deletes:
        keys = [_find(readings, name, "deletes.key") for name in spec.deletes.key]
        names = ", ".join(snapshot.quote(key.live.name) for key in keys)
        [target] = _keys_target(table, spec)
        pieces.append(Piece(target, keys, Selection(), f" order by {names}"))
    return pieces


def _find(readings: Sequence[Reading], name: str, where: str) -> Reading:
    for reading in readings:
        if reading.column.landed_name == name:
            return reading
    raise ContractError(f"{where}: the table has no column {name!r}")
