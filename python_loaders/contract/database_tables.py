"""Whether the tables of a source can take what is read from a database for them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from python_loaders.contract.fetch_database import DatabaseFetch
from python_loaders.contract.file_names import matches
from python_loaders.errors import did_you_mean

if TYPE_CHECKING:
    from python_loaders.contract.model import Table


def check_database(rules: DatabaseFetch, table: "Table | None", tables: "Sequence[Table]") -> None:
    """Check what a mapping needs of its table, and of the table that takes the keys.

    Args:
        rules: the mapping.
        table: it belongs to; None if it stands on the source.
        tables: of the source.

    Raises:
        ValueError: it cannot work.
    """
    if table is None:
        raise ValueError(f"a database is read table by table; put fetch: {rules.table} on a table")
    if rules.cursor:
        _check_delivery(table, ("append",), "windows of a cursor add up")
        _check_columns(table, [rules.cursor.column], "cursor.column")
    else:
        _check_delivery(table, ("replace", "snapshot"), "a whole table stands for itself")
    if rules.deletes is None:
        return
    _check_columns(table, rules.deletes.key, "deletes.key")
    taker = next((t for t in tables if t.name == rules.deletes.into), None)
    if taker is None:
        raise ValueError(f"deletes.into: the source has no table {rules.deletes.into}")
    names = {column.landed_name for column in taker.landed_columns}
    if names != set(rules.deletes.key):
        raise ValueError(
            f"deletes.into: {taker.name} must have the columns of deletes.key and no others"
        )
    _check_delivery(taker, ("replace",), "a list of keys takes the place of the one before")


def _check_columns(table: "Table", names: Sequence[str], where: str) -> None:
    known = [column.landed_name for column in table.landed_columns]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ValueError(f"{where}: the contract has no column {name!r}.{hint}")


def _check_delivery(table: "Table", modes: tuple[str, ...], why: str) -> None:
    mode = table.delivery.mode if table.delivery else None
    if mode not in modes:
        raise ValueError(f"{table.name}: {why}; delivery.mode must be {' or '.join(modes)}")
    name = f"{table.full_name}@000000001.20240101T000000Z.parquet"
    globs = [g for extract in table.extracts if extract.format == "parquet" for g in extract.files]
    if not matches(Path(name), globs):
        raise ValueError(
            f"{table.name}: no extract of format parquet takes files like {name}; write "
            f'extracts: [{{files: ["{table.full_name}@*"], format: parquet}}]'
        )
