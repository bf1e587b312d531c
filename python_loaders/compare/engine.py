"""What an engine must be able to do to be compared.

Every engine gives the same few kinds of values as the same Arrow types, so that one piece of code
can compare them. Whole numbers come as int64, other exact numbers as their digits in text, floats
as float64 with every bit, timestamps in microseconds (those with a zone in UTC).
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import pyarrow as pa


class Kind(StrEnum):
    """What a column holds, in words that hold for every engine."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "timestamp with a zone"

    @property
    def arrow(self) -> pa.DataType:
        """The type in which every engine gives the values."""
        match self:
            case Kind.BOOLEAN:
                return pa.bool_()
            case Kind.INTEGER:
                return pa.int64()
            case Kind.FLOAT:
                return pa.float64()
            case Kind.DATE:
                return pa.date32()
            case Kind.TIMESTAMP | Kind.INSTANT:
                return pa.timestamp("us")
            case _:
                return pa.string()


@dataclass(frozen=True)
class Column:
    """A column of a relation."""

    name: str
    kind: Kind


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """Return the schema in which every engine gives these columns."""
    return pa.schema([(column.name, column.kind.arrow) for column in columns])


class Relation(Protocol):
    """A table or view, as it was when it was opened."""

    columns: Sequence[Column]

    def batches(self, columns: Sequence[Column]) -> Iterator[pa.RecordBatch]:
        """Give these columns of all rows, in any order; each column of the kind asked for."""
        ...


class Engine(Protocol):
    """One target."""

    def open(self, relation: str) -> AbstractContextManager[Relation | None]:
        """Hold a relation of the target's schema still while it is compared; None if missing."""
        ...
