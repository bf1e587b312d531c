"""DuckDB as an Engine (see engine.py). The file is read-only and cannot change meanwhile."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from python_loaders.compare.engine import Column, Kind, arrow_schema
from python_loaders.errors import ContrailError
from python_loaders.sql import quoted
from python_loaders.stage.duckdb import open_warehouse

SCHEMA = "main"
BATCH_ROWS = 32_768
KINDS = {
    "BOOLEAN": Kind.BOOLEAN,
    "TINYINT": Kind.INTEGER,
    "SMALLINT": Kind.INTEGER,
    "INTEGER": Kind.INTEGER,
    "BIGINT": Kind.INTEGER,
    "HUGEINT": Kind.DECIMAL,
    "FLOAT": Kind.FLOAT,
    "DOUBLE": Kind.FLOAT,
    "DATE": Kind.DATE,
    "TIMESTAMP": Kind.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": Kind.INSTANT,
}
CASTS = {
    Kind.BOOLEAN: "{}",
    Kind.INTEGER: "cast({} as bigint)",
    Kind.FLOAT: "cast({} as double)",
    Kind.DATE: "{}",
    Kind.TIMESTAMP: "{}",
    Kind.INSTANT: "timezone('UTC', {})",
    Kind.DECIMAL: "cast({} as varchar)",
    Kind.TEXT: "cast({} as varchar)",
}


@dataclass(frozen=True)
class DuckDBRelation:
    """A relation of the file."""

    connection: duckdb.DuckDBPyConnection
    name: str
    columns: Sequence[Column]

    def batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """Stream the rows."""
        selected = ", ".join(CASTS[column.kind].format(quoted(column.name)) for column in columns)
        query = f"select {selected} from {SCHEMA}.{quoted(self.name)}"  # noqa: S608
        schema = arrow_schema(columns)
        for batch in self.connection.sql(query).to_arrow_reader(BATCH_ROWS):
            yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


@dataclass(frozen=True)
class DuckDBEngine:
    """The warehouse in one DuckDB file."""

    warehouse: Path

    @contextmanager
    def open(self, relation: str) -> Iterator[DuckDBRelation | None]:
        """Open the file read-only; no writer gets in until the relation is closed."""
        if not self.warehouse.exists():
            raise ContrailError(f"{self.warehouse}: does not exist yet. Run `make build`.")
        with open_warehouse(self.warehouse, read_only=True) as connection:
            described = connection.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = ? and table_name = ? order by ordinal_position",
                [SCHEMA, relation],
            ).fetchall()
            columns = [Column(name, _kind(data_type)) for name, data_type in described]
            try:
                yield DuckDBRelation(connection, relation, columns) if columns else None
            except duckdb.Error as error:
                raise ContrailError(
                    f"{self.warehouse}: {relation} cannot be read. Build it again. {error}"
                ) from error


def _kind(data_type: str) -> Kind:
    return Kind.DECIMAL if data_type.startswith("DECIMAL") else KINDS.get(data_type, Kind.TEXT)
