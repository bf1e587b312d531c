"""From the number of a row in a delivery to the line, and to the text as it was delivered."""

import csv
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import Table
from python_loaders.errors import ContrailError
from python_loaders.extract.archive import open_member
from python_loaders.extract.blocks import Block, BlockStream
from python_loaders.extract.chunk import SOURCE_ROW, Reader
from python_loaders.extract.csv_slow import dialect
from python_loaders.extract.json import JsonReader
from python_loaders.extract.limited import LimitedStream
from python_loaders.extract.readers import open_reader
from python_loaders.extract.xml import XmlReader
from python_loaders.landing.delivery import digest_file, extract_of
from python_loaders.landing.log import Commit, InputFile

LINES = {"ndjson", "fixed"}  # formats in which every line is a record


@dataclass(frozen=True)
class Record:
    """One record of a delivery: as text, or, where a format has none, as JSON of its values."""

    row: int
    line: int | None
    text: str


def find_delivered(inbox: Path, delivered: InputFile) -> Path | None:
    """Return the file of the inbox that is, to the last byte, what was landed."""
    same_size = [
        path
        for path in inbox.rglob("[!.]*")
        if path.is_file() and path.stat().st_size == delivered.file_bytes
    ]
    same_size.sort(key=lambda path: path.name != delivered.file)
    return next((path for path in same_size if digest_file(path) == delivered.file_sha256), None)


def read_records(path: Path, commit: Commit, table: Table, rows: Sequence[int]) -> list[Record]:
    """Return records of a delivered file by their numbers, in ascending order.

    Raises:
        ContrailError: the contract of today reads the file in another way or not at all.
    """
    extract = extract_of(table, path) or extract_of(table, path.with_name(commit.input.file))
    if extract is None:
        raise ContrailError(f"{path}: the contract of {table.full_name} does not match this name")
    with (
        tempfile.TemporaryDirectory(prefix="contrail-trace-") as scratch,
        open_member(path, extract.member, Path(scratch), extract.limits) as (stream, member),
    ):
        if member != commit.input.member:
            raise ContrailError(
                f"{path}: the contract now reads the member {member!r}, the row came from "
                f"{commit.input.member!r}"
            )
        if extract.format in LINES | {"csv"}:
            return _texts(stream, extract, str(path), set(rows))
        reader = open_reader(stream, table, extract, str(path), Path(scratch))
        if isinstance(reader, JsonReader | XmlReader):
            return _texts_of(reader, set(rows))
        return _values(reader, set(rows))


def _texts(stream: LimitedStream, extract: Extract, label: str, rows: set[int]) -> list[Record]:
    is_csv = extract.format == "csv"
    blocks = BlockStream(
        stream,
        extract,
        label,
        has_header=is_csv and extract.header is True,
        quote=extract.quote_mark if is_csv else None,
    )
    found: list[Record] = []
    before = 0
    for block in blocks:
        lines = block.data.decode().removesuffix("\n").split("\n")
        ends = _ends(lines, extract) if is_csv else list(range(1, len(lines) + 1))
        for number in sorted(rows):
            index = number - before - 1
            if 0 <= index < len(ends):
                found.append(_record(number, block, lines, [0, *ends][index], ends[index]))
        before += len(ends)
        if len(found) == len(rows):
            break
    return found


def _record(number: int, block: Block, lines: list[str], begin: int, end: int) -> Record:
    return Record(number, block.line(begin), "\n".join(lines[begin:end]).removesuffix("\r"))


def _ends(lines: list[str], extract: Extract) -> list[int]:
    """Return for each record the number of lines up to its end."""
    reader = csv.reader((line + "\n" for line in lines), **dialect(extract))
    return [reader.line_num for _ in reader]


def _texts_of(reader: JsonReader | XmlReader, rows: set[int]) -> list[Record]:
    found: list[Record] = []
    for number, (line, text) in enumerate(reader.texts(), 1):
        if number in rows:
            found.append(Record(number, line, text))
        if len(found) == len(rows):
            break
    return found


def _values(reader: Reader, rows: set[int]) -> list[Record]:
    found: list[Record] = []
    for chunk in reader.chunks():
        wanted = chunk.rows.filter(pl.col(SOURCE_ROW).is_in(list(rows)))
        for values in wanted.iter_rows(named=True):
            number = values.pop(SOURCE_ROW)
            found.append(Record(number, None, json.dumps(values, default=str, ensure_ascii=False)))
        if len(found) == len(rows):
            break
    return found
