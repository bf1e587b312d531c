"""Spark as an Engine (see engine.py): rows go through Parquet files in a directory aside.

Spark writes them, and they are read a piece at a time, so memory stays bounded; a server has to be
on a file system that we share. The column by which Spark partitions a table says how the table is
stored and is no part of the mart.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from python_loaders.compare.engine import Column, Kind, arrow_schema
from python_loaders.errors import ContrailError
from python_loaders.spark.connection import Spark, SparkError, connect
from python_loaders.spark.profile import Profile
from python_loaders.spark.text import literal, name_of

BATCH_ROWS = 32_768
STORAGE_COLUMN = "partition_month"
KINDS = {
    "boolean": Kind.BOOLEAN,
    "tinyint": Kind.INTEGER,
    "smallint": Kind.INTEGER,
    "int": Kind.INTEGER,
    "bigint": Kind.INTEGER,
    "float": Kind.FLOAT,
    "double": Kind.FLOAT,
    "date": Kind.DATE,
    # A moment, and a session shows it in UTC: what the other engines call a timestamp.
    "timestamp": Kind.TIMESTAMP,
    "timestamp_ntz": Kind.TIMESTAMP,
}
CASTS = {
    Kind.BOOLEAN: "{}",
    Kind.INTEGER: "cast({} as bigint)",
    Kind.FLOAT: "cast({} as double)",
    Kind.DATE: "{}",
    Kind.TIMESTAMP: "cast({} as timestamp_ntz)",
    Kind.INSTANT: "cast({} as timestamp_ntz)",
    Kind.DECIMAL: "cast({} as string)",
    Kind.TEXT: "cast({} as string)",
}


@dataclass(frozen=True)
class SparkRelation:
    """A relation of the schema of the marts."""

    spark: Spark
    schema: str
    name: str
    columns: Sequence[Column]

    def batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """Write the rows aside, then stream them."""
        selected = ", ".join(
            f"{CASTS[column.kind].format(name_of(column.name))} as {name_of(column.name)}"
            for column in columns
        )
        schema = arrow_schema(columns)
        with tempfile.TemporaryDirectory(prefix="contrail-compare-") as scratch:
            rows = Path(scratch, "rows")
            query = f"select {selected} from {name_of(self.schema, self.name)}"  # noqa: S608
            place = literal(rows.as_uri())
            self.spark.run(f"insert overwrite directory {place} using parquet {query}")
            for path in sorted(rows.glob("*.parquet")):
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(BATCH_ROWS):
                        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)


@dataclass(frozen=True)
class SparkEngine:
    """The warehouse of one profile."""

    profile: Profile

    @contextmanager
    def open(self, relation: str) -> Iterator[SparkRelation | None]:
        """Describe a relation; nobody must build it meanwhile."""
        schema = self.profile.schema
        with connect(self.profile) as spark:
            try:
                columns = _columns(spark, schema, relation)
                yield SparkRelation(spark, schema, relation, columns) if columns else None
            except (SparkError, pa.ArrowInvalid) as error:
                raise ContrailError(
                    f"{self.profile}: {relation} cannot be read. {error}"
                ) from error


def _columns(spark: Spark, schema: str, relation: str) -> list[Column]:
    """Return the columns of a relation; none if there is no such relation."""
    found = spark.run(f"show tables in {name_of(schema)} like {literal(relation)}")
    if not found.rows:
        return []
    columns = []
    for name, data_type, *_ in spark.run(f"describe table {name_of(schema, relation)}").rows:
        if not name or str(name).startswith("#"):  # what follows tells of the partitions
            break
        if name != STORAGE_COLUMN:
            columns.append(Column(str(name), _kind(str(data_type))))
    return columns


def _kind(data_type: str) -> Kind:
    return Kind.DECIMAL if data_type.startswith("decimal") else KINDS.get(data_type, Kind.TEXT)
