"""Read bytes with a reader as the loaders do, without a project around it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.contract.model import SourcesFile, Table
from python_loaders.extract.archive import open_member
from python_loaders.extract.chunk import SOURCE_ROW, Reject
from python_loaders.extract.readers import open_reader


@dataclass
class Read:
    """All that a reader said of a delivery."""

    frame: pl.DataFrame
    rejects: list[Reject]
    warnings: list[str]
    delivered: list[str]
    sha256: str
    byte_count: int

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The rows without their numbers."""
        return self.frame.drop(SOURCE_ROW).rows()

    @property
    def numbers(self) -> list[int]:
        return self.frame[SOURCE_ROW].to_list()

    @property
    def reasons(self) -> list[tuple[int, int | None, str | None, str]]:
        return [(r.source_row, r.source_line, r.column_name, r.reason) for r in self.rejects]


def table_of(columns: dict[str, object], extract: dict[str, object], **meta: object) -> Table:
    """Return a contract; a column is its type, or a mapping of keys as in YAML."""
    described = []
    for name, about in columns.items():
        given = about if isinstance(about, dict) else {"data_type": about}
        plain = {key: given[key] for key in ("data_type", "data_tests") if key in given}
        ours = {key: value for key, value in given.items() if key not in plain}
        described.append({"name": name, **plain, "config": {"meta": ours}})
    meta = {
        "extracts": [{"files": ["*"], **extract}],
        "delivery": {"mode": "replace", "key": "all"},
        **meta,
    }
    source = {
        "name": "s",
        "tables": [{"source": "s", "name": "t", "config": {"meta": meta}, "columns": described}],
    }
    return SourcesFile.model_validate({"sources": [source]}).sources[0].tables[0]


def read_table(content: bytes, table: Table, name: str = "file") -> Read:
    """Read a delivery to its end, and check what every reader must keep."""
    extract: Extract = table.extracts[0]
    with TemporaryDirectory() as directory:
        path = Path(directory) / name
        path.write_bytes(content)
        with open_member(path, extract.member, Path(directory), extract.limits) as (stream, _):
            reader = open_reader(stream, table, extract, name, Path(directory))
            chunks = list(reader.chunks())
    frames = [chunk.rows.select(*_all_columns(chunk.rows, table), SOURCE_ROW) for chunk in chunks]
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    numbers = [number for frame in frames for number in frame[SOURCE_ROW]]
    seen = sorted([*numbers, *(reject.source_row for reject in rejects)])
    assert seen == list(range(1, sum(chunk.records for chunk in chunks) + 1))
    assert numbers == sorted(numbers)
    return Read(
        frame=pl.concat(frames) if frames else pl.DataFrame(schema={SOURCE_ROW: pl.Int64}),
        rejects=rejects,
        warnings=reader.warnings,
        delivered=reader.delivered,
        sha256=reader.sha256(),
        byte_count=reader.byte_count,
    )


def _all_columns(rows: pl.DataFrame, table: Table) -> list[pl.Expr]:
    return [
        pl.col(column.landed_name)
        if column.landed_name in rows.columns
        else pl.lit(None, column.type.polars).alias(column.landed_name)
        for column in table.landed_columns
    ]


def read(
    content: str | bytes, columns: dict[str, object], extract: dict[str, object], **meta: object
) -> Read:
    """Read a delivery under a contract given in short."""
    data = content.encode() if isinstance(content, str) else content
    return read_table(data, table_of(columns, extract, **meta))
