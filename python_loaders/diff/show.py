"""The result of a comparison in words."""

from collections.abc import Iterator

from python_loaders.compare.engine import Column, Kind
from python_loaders.diff.diff import Difference, Differences, MartDiff

HEADERS = ("mart", "rows {before}", "rows {after}", "added", "removed", "changed")
MOST_VALUES = 6


def summary_row(result: MartDiff) -> list[str]:
    """Return one line of the summary, in the order of HEADERS."""
    kinds = (result.added, result.removed, result.changed)
    numbers = (*result.rows, *(kind.count for kind in kinds))
    return [result.mart, *(f"{number:,}" for number in numbers)]


def sample_lines(result: MartDiff) -> Iterator[str]:
    """Return the lines that show the first rows of each kind."""
    if result.is_equal:
        return
    yield f"{result.mart}:"
    kinds = {"+": result.added, "-": result.removed, "~": result.changed}
    for sign, kind in kinds.items():
        yield from (f"  {sign} {_row(difference)}" for difference in kind.sample)
        yield from _rest(sign, kind)
    yield ""


def _row(difference: Difference) -> str:
    names = ", ".join(f"{name} {value}" for name, value in difference.names.items())
    shown = [
        f"{column.name} {_value(old, column)} -> {_value(new, column)}"
        for column, old, new in difference.values[:MOST_VALUES]
    ]
    if (more := len(difference.values) - MOST_VALUES) > 0:
        shown.append(f"{more} more column{'s' if more > 1 else ''}")
    return f"{names}: {', '.join(shown)}" if shown else names


def _rest(sign: str, kind: Differences) -> Iterator[str]:
    if kind.sample and kind.count > len(kind.sample):
        yield f"  {sign} and {kind.count - len(kind.sample):,} more"


def _value(value: object, column: Column) -> str:
    if value is None:
        return "NULL"
    return repr(value) if column.kind is Kind.TEXT else str(value)
