"""Hold back a delivery that lost rows or values against the one before it.

Whoever sends half a file sends it in good order: every row keeps the contract. Only the
delivery before it shows that something is missing.
"""

from collections.abc import Mapping, Sequence

from python_loaders.contract.model import Table
from python_loaders.contract.options import Guard
from python_loaders.errors import ChangeError
from python_loaders.landing.delivery import Key
from python_loaders.landing.log import Commit

# Of a column with fewer values it says little that they are gone.
MOSTLY = 0.5
SHOWN_COLUMNS = 10


def predecessor(live: Sequence[Commit], key: Key, table: Table) -> Commit | None:
    """Return the live delivery that a new one is compared with.

    That is the one of the same key; for a snapshot of a new date the last one before that date.
    Deliveries that are added to others have none.
    """
    mode = table.delivery.mode if table.delivery else None
    if mode == "append":
        return None
    same = [commit for commit in live if commit.key == key.text]
    if same or mode == "replace" or key.start is None:
        return same[-1] if same else None
    before = [
        commit
        for commit in live
        if commit.period_start is not None
        and commit.period_start < key.start
        and _file_of(commit.key) == _file_of(key.text)
    ]
    return max(before, key=lambda commit: commit.period_start or key.start, default=None)


def losses(before: Commit, rows: int, nulls: Mapping[str, int], guard: Guard) -> list[str]:
    """Say what a delivery has lost, in words; nothing if it is within the limits.

    Args:
        before: the delivery that it is compared with.
        rows: the rows that it would land.
        nulls: the NULLs in each column that it delivers.
        guard: the limits.
    """
    found = []
    if not before.rows_landed:
        return found
    lost = 1 - rows / before.rows_landed
    if _reaches(lost, guard.max_row_loss):
        found.append(f"{rows:,} rows instead of {before.rows_landed:,} ({-lost:.0%})")
    for name, count in (before.nulls or {}).items():
        filled = 1 - count / before.rows_landed
        left = 1 - nulls.get(name, rows) / rows if rows else 0
        if filled >= MOSTLY and _reaches(1 - left / filled, guard.max_value_loss):
            what = f"holds a value in {left:.0%}" if name in nulls else "is not delivered"
            found.append(f"column {name} {what}, before in {filled:.0%} of the rows")
    return found


def hold_back(label: str, before: Commit, lost: Sequence[str], table: Table) -> ChangeError:
    """Return the error that holds a delivery back."""
    shown = "; ".join(lost[:SHOWN_COLUMNS])
    more = f"; and {len(lost) - SHOWN_COLUMNS} more columns" if lost[SHOWN_COLUMNS:] else ""
    return ChangeError(
        f"{label}: held back. Compared with commit {before.seq} ({before.key}, "
        f"{before.input.source_file}): {shown}{more}. Nothing of it was landed. If the delivery is "
        "complete, land it with `contrail land --accept-change`; if such changes are usual, set "
        f"config.meta.guard of {table.full_name}."
    )


def _reaches(value: float, limit: float | None) -> bool:
    """Compare shares as people write them: 80 of 100 rows are a loss of exactly 0.2."""
    return limit is not None and round(value, 9) >= limit


def _file_of(key: str) -> str:
    """Return the file's name in a key that holds it, "" otherwise."""
    return key.partition("/")[2]
