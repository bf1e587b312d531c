"""Rows of MySQL and MariaDB as Arrow, in batches of bounded size.

Values come as the texts that the server writes, and Arrow reads them: that is exact, and faster
than a Python object for each.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pymysql
from pymysql.cursors import SSCursor

from python_loaders.errors import ContractError
from python_loaders.fetch.database.reading import Reading, Snapshot

BATCH_BYTES = 8 << 20
BATCH_ROWS = 16_384
SHORT_BYTES = 1024
CELL_BYTES = 64  # what Python needs for a value beside its bytes


class _Stream(SSCursor):
    """A cursor that can be left in the middle."""

    def abandon(self) -> None:
        """Forget the rows that are still to come, if any; the connection is then closed.

        pymysql would read all of them when the cursor is closed or collected as garbage.
        """
        if self._result is not None:
            self._result.unbuffered_active = False
        self.connection = None


def rows_at_once(snapshot: Snapshot, select: str, readings: Sequence[Reading]) -> int:
    """Return how many rows make a batch.

    Long texts are measured, in the same snapshot: most hold far less than they could.
    """
    width = CELL_BYTES * len(readings)
    width += sum(r.live.bytes for r in readings if r.live.bytes <= SHORT_BYTES)
    long = [snapshot.quote(r.column.landed_name) for r in readings if r.live.bytes > SHORT_BYTES]
    if long:
        total = " + ".join(f"coalesce(octet_length({name}), 0)" for name in long)
        [found] = snapshot.ask(f"select max({total}) from ({select}) as read_rows")  # noqa: S608
        width += int(str(found))
    return max(1, min(BATCH_ROWS, BATCH_BYTES // width))


def stream(
    connection: pymysql.Connection, select: str, schema: pa.Schema, at_once: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query, so many at once."""
    cursor = _Stream(connection)
    try:
        cursor.execute(select)
        while found := cursor.fetchmany(at_once):
            yield _batch(found, schema)
    finally:
        cursor.abandon()


def _batch(rows: Sequence[Sequence[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for values, field in zip(zip(*rows, strict=True), schema, strict=True):
        array = pa.array(values, pa.string())
        if field.type != pa.string():
            array = array.cast(field.type)
        elif pc.any(pc.match_substring(array, "\0")).as_py():
            raise ContractError(
                f"column {field.name}: a text holds a NUL, which no warehouse takes. Correct it "
                "at the source, or read a view without it."
            )
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
