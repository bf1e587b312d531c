"""What the fields of an Avro file hold, and how their values become columns."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

import fastavro
import polars as pl
from fastavro.schema import SchemaParseException

from python_loaders.errors import ContractError
from python_loaders.extract.json_values import dump

MAX_LEAVES = 1000  # of what is landed as text; types that hold others twice grow fast
MAX_DIGITS = 38
EXACT = Context(prec=MAX_DIGITS)  # Python's own rounds to 28
PLAIN: dict[str, pl.DataType] = {
    "null": pl.Null(),
    "boolean": pl.Boolean(),
    "int": pl.Int32(),
    "long": pl.Int64(),
    "float": pl.Float64(),
    "double": pl.Float64(),
    "string": pl.String(),
    "enum": pl.String(),
    "bytes": pl.Binary(),
    "fixed": pl.Binary(),
}
LOGICAL: dict[tuple[str, str], pl.DataType] = {
    ("int", "date"): pl.Date(),
    ("int", "time-millis"): pl.Time(),
    ("long", "time-micros"): pl.Time(),
    **{
        ("long", f"{local}timestamp-{unit}"): pl.Datetime(short)  # type: ignore[arg-type]
        for local in ("", "local-")
        for unit, short in (("millis", "ms"), ("micros", "us"), ("nanos", "ns"))
    },
}
# What JSON knows, too. A nested type is one of them, as text.
JSON = (pl.Null, pl.Boolean, pl.Int32, pl.Int64, pl.Float64, pl.String)
Make = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True)
class Kind:
    """The type of a field, and what makes values of that type of what fastavro reads."""

    dtype: pl.DataType
    make: Make = list
    is_nested: bool = False  # an array, a map or a record, which becomes a text of JSON
    is_empty: bool = False  # values need no byte, so that a few bytes may claim any number
    leaves: int = 1


@dataclass(frozen=True)
class Schema:
    """What fastavro needs to decode a record, and the kinds of its fields, in order."""

    parsed: Any
    kinds: list[tuple[str, Kind]]


def read_schema(schema_json: bytes, label: str) -> Schema:
    """Return the schema of a file.

    Logical types are taken out of what fastavro is given: it makes Python's dates of them, which
    have fewer years and digits.

    Raises:
        ContractError: it is no schema of a record, or refers to itself.
    """
    try:
        named: dict[str, Any] = {}
        full = fastavro.parse_schema(json.loads(schema_json), named_schemas=named)
        walk = _Walk(named)
        fields = full["fields"]  # only a record has some
        kinds = [(field["name"], walk.kind(field["type"])) for field in fields]
        parsed = fastavro.parse_schema(_physical(full))
    except (SchemaParseException, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ContractError(
            f"{label}: its Avro schema cannot be used ({error}). Ask for another delivery."
        ) from error
    return Schema(parsed, kinds)


def _physical(schema: Any) -> Any:  # noqa: ANN401
    """Return a schema without its logical types, and without fastavro's own marks."""
    if isinstance(schema, list):
        return [_physical(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    left_out = ("logicalType", "precision", "scale", "default", "aliases", "doc")
    return {
        key: _physical(value) if key in ("type", "items", "values", "fields") else value
        for key, value in schema.items()
        if key not in left_out and not key.startswith("__")
    }


class _Walk:
    def __init__(self, named: dict[str, Any]) -> None:
        self._named = named
        self._known: dict[str, Kind | None] = {}  # None while it is being looked at

    def kind(self, schema: Any) -> Kind:  # noqa: ANN401
        if isinstance(schema, list):
            return self._union([self.kind(part) for part in schema])
        if isinstance(schema, str):
            return _plain(schema, {}) if schema in PLAIN else self._of_name(schema)
        name = schema["type"]
        if name == "record":
            return self._of_name(schema["name"])
        if name in ("array", "map"):
            return self._nested(schema)
        return _plain(name, schema) if name in PLAIN else self._of_name(name)

    def _of_name(self, name: str) -> Kind:
        """Return the kind of a named type, which is looked at once and must not hold itself."""
        if name not in self._known:
            self._known[name] = None
            schema = self._named[name]
            is_record = schema["type"] == "record"
            self._known[name] = self._nested(schema) if is_record else self.kind(schema)
        kind = self._known[name]
        if kind is None:
            raise ValueError(f"{name} refers to itself")
        return kind

    def _union(self, parts: list[Kind]) -> Kind:
        """Null and another type, or numbers of different size."""
        kinds = [part for part in parts if part.dtype != pl.Null]
        if len(kinds) <= 1:
            return replace((kinds or parts)[0], is_empty=False)
        for dtypes in ([pl.Int32, pl.Int64], [pl.Float64]):
            if all(part.dtype in dtypes for part in kinds):
                return Kind(dtypes[-1]())
        return Kind(pl.Object())

    def _nested(self, schema: dict[str, Any]) -> Kind:
        is_record = schema["type"] == "record"
        if is_record:
            inner = [self.kind(field["type"]) for field in schema["fields"]]
        else:
            inner = [self.kind(schema["items" if schema["type"] == "array" else "values"])]
        is_empty = all(part.is_empty for part in inner)
        leaves = sum(part.leaves for part in inner)
        is_known = all(part.dtype in JSON for part in inner) and (is_record or not is_empty)
        if is_known and leaves <= MAX_LEAVES:
            return Kind(
                pl.String(), _dump_all, True, is_empty=is_record and is_empty, leaves=leaves + 1
            )
        return Kind(pl.Object(), is_empty=is_record and is_empty, leaves=leaves + 1)


def _plain(name: str, schema: dict[str, Any]) -> Kind:
    logical = schema.get("logicalType")
    if logical == "decimal":
        return _decimal(schema)
    if logical == "uuid" and name == "fixed":
        return Kind(pl.String(), lambda values: [v and str(UUID(bytes=v)) for v in values])
    is_empty = name == "null" or schema.get("size") == 0
    return Kind(LOGICAL.get((name, logical or ""), PLAIN[name]), is_empty=is_empty)


def _decimal(schema: dict[str, Any]) -> Kind:
    precision, scale = schema["precision"], schema.get("scale", 0)
    if not 0 <= scale <= precision <= MAX_DIGITS:
        raise ValueError(f"a decimal has {precision} digits; at most {MAX_DIGITS} are possible")

    def make(values: Sequence[bytes | None]) -> list[Decimal | None]:
        numbers = [None if v is None else int.from_bytes(v, "big", signed=True) for v in values]
        if any(number is not None and abs(number) >= 10**MAX_DIGITS for number in numbers):
            raise ValueError(f"a decimal has more than {MAX_DIGITS} digits")
        return [None if n is None else Decimal(n).scaleb(-scale, EXACT) for n in numbers]

    return Kind(pl.Decimal(MAX_DIGITS, scale), make)


def _dump_all(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else dump(value) for value in values]
