"""The differences of two relations: counted exactly, and the first of them shown."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from python_loaders.compare.engine import Column, Kind, arrow_schema
from python_loaders.diff.diff import MartDiff, Shape, diff
from python_loaders.diff.show import sample_lines, summary_row

COLUMNS = [
    Column("id", Kind.INTEGER),
    Column("code", Kind.TEXT),
    Column("delay", Kind.INTEGER),
    Column("share", Kind.FLOAT),
]
ID, CODE = COLUMNS[:2]
Row = tuple[int, str | None, int | None, float | None]


@dataclass
class Rows:
    """A relation that gives its rows two at a time."""

    rows: Sequence[Row]
    columns: Sequence[Column] = tuple(COLUMNS)

    def batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        for start in range(0, len(self.rows), 2):
            values = zip(*self.rows[start : start + 2], strict=True)
            yield pa.record_batch([list(v) for v in values], schema=arrow_schema(columns))


def compared(before: Sequence[Row], after: Sequence[Row], sample: int = 3) -> MartDiff:
    shape = Shape(COLUMNS, [ID], [CODE])
    return diff("mart", Rows(before), Rows(after), shape, sample)


def test_rows_that_come_go_and_change_are_counted_and_shown() -> None:
    before: list[Row] = [(1, "A", 5, 0.5), (2, "B", None, 0.1), (3, "C", 7, 0.5), (4, "D", 1, 1.0)]
    after: list[Row] = [(4, "D", 1, 1.0), (2, "B", 9, 0.2), (3, "C", None, 0.5), (5, "E", 1, None)]
    result = compared(before, after)
    assert summary_row(result) == ["mart", "4", "4", "1", "1", "2"]
    assert list(sample_lines(result)) == [
        "mart:",
        "  + code E",
        "  - code A",
        "  ~ code B: delay NULL -> 9, share 0.1 -> 0.2",
        "  ~ code C: delay 7 -> NULL",
        "",
    ]


def test_equal_rows_in_another_order_are_equal() -> None:
    rows: list[Row] = [(n, f"C{n}", n % 3 or None, math.nan if n % 2 else 0.1) for n in range(9)]
    result = compared(rows, rows[::-1])
    assert result.is_equal
    assert list(sample_lines(result)) == []


def test_the_first_rows_by_name_are_shown_and_the_others_counted() -> None:
    names = "QWERTYUIOPASDFGH"
    result = compared([], [(n, name, n, None) for n, name in enumerate(names)], sample=2)
    assert list(sample_lines(result))[1:-1] == ["  + code A", "  + code D", "  + and 14 more"]


def test_no_rows_are_shown_if_none_are_wanted() -> None:
    result = compared([(1, "A", 1, None)], [(1, "A", 2, None)], sample=0)
    assert result.changed.count == 1
    assert list(sample_lines(result)) == ["mart:", ""]


def test_a_row_that_is_there_twice_counts_twice() -> None:
    row: Row = (1, "A", 5, 0.5)
    result = compared([row, row], [row])
    assert (result.added.count, result.removed.count, result.changed.count) == (0, 1, 0)


rows = st.dictionaries(
    st.integers(0, 8),
    st.tuples(st.sampled_from("AB"), st.none() | st.integers(0, 2), st.sampled_from([0.5, 1.5])),
)


@settings(deadline=None)
@given(rows, rows)
def test_counts_are_those_of_dictionaries(
    before: dict[int, tuple], after: dict[int, tuple]
) -> None:
    result = compared(*([(key, *row) for key, row in side.items()] for side in (before, after)))
    assert result.rows == (len(before), len(after))
    assert result.added.count == len(after.keys() - before.keys())
    assert result.removed.count == len(before.keys() - after.keys())
    both = before.keys() & after.keys()
    assert result.changed.count == sum(1 for key in both if before[key] != after[key])
