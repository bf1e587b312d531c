"""Find deliveries in the inbox, and say what each stands for (its key)."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.file_names import matches
from python_loaders.contract.model import Table
from python_loaders.contract.options import Delivery
from python_loaders.errors import ContractError
from python_loaders.printable import printable


@dataclass(frozen=True)
class Candidate:
    """A file that a contract says is a delivery of a table.

    Attributes:
        table: the contract.
        extract: the shape of it that the file's name matches.
        path: the file.
        siblings: all files of this run that are deliveries of the table, this one included.
    """

    table: Table
    extract: Extract
    path: Path
    siblings: tuple[Path, ...] = ()

    @property
    def rules(self) -> Delivery:
        """The table's delivery rules, which a table with extracts always has."""
        if self.table.delivery is None:
            raise ContractError(f"{self.table.full_name}: config.meta.delivery is missing")
        return self.table.delivery


@dataclass(frozen=True)
class Key:
    """What one delivery stands for: the text, and the days that it covers (end exclusive)."""

    text: str
    start: dt.date | None
    end: dt.date | None


def find_candidates(
    paths: Iterable[Path], tables: Sequence[Table]
) -> tuple[list[Candidate], list[Path]]:
    """Match files with contracts by name.

    Returns:
        The deliveries in the order in which they are landed (tables as given; files of a table
        by modification time, then by name), and the files that no contract matches.
    """
    ordered = sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))
    candidates: list[Candidate] = []
    for table in tables:
        own = []
        for path in ordered:
            extract = extract_of(table, path)
            if extract is not None:
                own.append((extract, path))
        siblings = tuple(path for _, path in own)
        candidates += [Candidate(table, extract, path, siblings) for extract, path in own]
    matched = {candidate.path for candidate in candidates}
    return candidates, [path for path in ordered if path not in matched]


def extract_of(table: Table, path: Path) -> Extract | None:
    """Return the first shape of the table in which a file of this name is delivered."""
    return next((extract for extract in table.extracts if matches(path, extract.files)), None)


def files_below(inbox: Path) -> list[Path]:
    """Return the files of the inbox; hidden ones and those in hidden directories are none."""
    return [
        path
        for path in inbox.rglob("[!.]*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(inbox).parts)
    ]


def file_stem(path: Path) -> str:
    """Return what `key_file_stem` adds to a key."""
    return path.name.split(".")[0].lower()


def check_name(name: str) -> None:
    """Refuse names of files and members that no record can hold or no line can show.

    Raises:
        ContractError: a character is a control character or a byte that is not UTF-8.
    """
    if any(category(character) in ("Cc", "Cs") for character in name):
        raise ContractError(
            f"{printable(name)}: the name holds a control character, or bytes that are not UTF-8. "
            "Rename it."
        )


def digest_file(path: Path) -> str:
    """Return a file's sha256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def key_from_name(candidate: Candidate) -> Key | None:
    """Return the key if the contract or the file's name gives it, None if the rows do."""
    rules, extract = candidate.rules, candidate.extract
    constant, pattern = extract.delivery_key, extract.key_pattern
    if not (constant or pattern):
        constant, pattern = rules.key, rules.key_pattern
    if constant:
        return _key_of_text(constant, candidate)
    if pattern is None:
        return None
    match = pattern.search(candidate.path.name)
    if match is None:
        raise ContractError(
            f"{candidate.path}: the name does not match key_pattern {pattern.pattern!r} of "
            f"{candidate.table.full_name}. Rename the file, or correct the pattern."
        )
    return _make_key([int(match[part]) for part in rules.parts], candidate)


def key_from_rows(rows: pl.DataFrame, delivered: Sequence[str], candidate: Candidate) -> Key:
    """Return the key that all rows share.

    The first alternative of the key columns that is delivered gives it, and further ones must not
    contradict it: a row that is dated outside of what its delivery stands for would be left behind
    when the delivery is corrected.

    Raises:
        ContractError: the rows belong to several keys or to none.
    """
    found: Key | None = None
    for alternative in candidate.rules.key_columns or []:
        names = [name.lower() for name in alternative]
        if not set(names) <= set(delivered):
            continue
        values = _distinct(rows, names, len(candidate.rules.parts))
        keys = sorted(value for value in values if None not in value)
        if found is None and len(keys) == len(values) == 1:
            found = _make_key(list(keys[0]), candidate)
        elif found is None or any(_make_key(list(key), candidate) != found for key in keys):
            shown = ", ".join(str(key) for key in keys[:3]) + (", ..." if len(keys) > 3 else "")
            other = f" where other columns say {found.text}" if found else ""
            raise ContractError(
                f"{candidate.path}: one delivery of {candidate.table.full_name} is one "
                f"{candidate.rules.period}, but ({', '.join(alternative)}) holds {len(values)} "
                f"values: {shown or 'null'}{other}. Split the file, one {candidate.rules.period} "
                "each."
            )
    if found is None:
        raise ContractError(
            f"{candidate.path}: none of the key columns {candidate.rules.key_columns} of "
            f"{candidate.table.full_name} is delivered. Ask for a file that holds them."
        )
    return found


def _distinct(rows: pl.DataFrame, names: Sequence[str], parts: int) -> list[tuple[int | None, ...]]:
    """Return the distinct values of key columns; of one date column its year, month and day."""
    values = [rows[name] for name in names]
    if len(names) == 1 and values[0].dtype == pl.Date:
        date = values[0].dt
        values = [date.year(), date.month(), date.day()][:parts]
    if all(value.min() == value.max() and not value.null_count() for value in values):
        values = [value.head(1) for value in values]  # as nearly always; grouping takes longer
    return pl.DataFrame({str(i): value for i, value in enumerate(values)}).unique().rows()


def _make_key(parts: list[int], candidate: Candidate) -> Key:
    text = "-".join(f"{part:04d}" if i == 0 else f"{part:02d}" for i, part in enumerate(parts))
    return _key_of_text(text, candidate)


def _key_of_text(text: str, candidate: Candidate) -> Key:
    rules = candidate.rules
    start = end = None
    if rules.period != "none":
        try:
            year, month, day = [*(int(part) for part in text.split("-")), 1, 1][:3]
            start = dt.date(year, month, day)
        except ValueError:
            raise ContractError(
                f"{candidate.path}: the delivery key {text!r} of {candidate.table.full_name} is "
                f"not a {rules.period}. Correct the file's rows, name, or the contract's key."
            ) from None
        if rules.mode != "snapshot":
            end = _next(start, rules.period)
    if rules.key_file_stem:
        text = f"{text}/{file_stem(candidate.path)}"
    return Key(text, start, end)


def _next(day: dt.date, period: str) -> dt.date:
    if period == "day":
        return day + dt.timedelta(days=1)
    if period == "year":
        return day.replace(year=day.year + 1)
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
