"""Read JSON without losing anything: digits, keys that are there twice, the order of keys."""

import json
from collections.abc import Iterator
from decimal import Decimal

from python_loaders.contract.column import Column
from python_loaders.extract.convert import expectation
from python_loaders.extract.keys import BadRecordError, Keys


class Number(str):
    """A number as it is written."""

    __slots__ = ()


class Pairs(list[tuple[str, object]]):
    """The keys and values of an object, in order."""


# NaN and Infinity are no JSON, but Python and others write them; the contract decides.
DECODER = json.JSONDecoder(
    object_pairs_hook=Pairs, parse_int=Number, parse_float=Number, parse_constant=Number
)


def fields_of(value: object, keys: Keys, line: int | None) -> list[str | None]:
    """Return the texts of a record in the order of the columns.

    A number or true and false count as the text that they are written as; they are no values of
    a text column, nor is anything but a text column one for an object or a list.

    Raises:
        ContractError: a key is not in the contract.
        BadRecordError: the record is no object, or a value is not one of its column.
    """
    if not isinstance(value, Pairs):
        raise BadRecordError(None, f"the record is {_kind(value)}, not an object")
    values = keys.place(_flat(value, keys, ""), line)
    return [_text(value, column) for value, column in zip(values, keys.columns, strict=True)]


def _flat(pairs: Pairs, keys: Keys, path: str) -> Iterator[tuple[str, object]]:
    """Yield the fields of an object, and those of objects in it that the contract names."""
    for key, value in pairs:
        name = path + key
        if type(value) is Pairs and keys.find(name) is None and keys.is_outer(name):
            yield from _flat(value, keys, f"{name}/")
        else:
            yield name, value


def _text(value: object, column: Column) -> str | None:
    if value is None:
        return None
    if type(value) is str:
        return _checked(value, column)
    is_text = column.type.name == "text"
    if isinstance(value, list) and is_text:
        return _checked(dump(value), column)
    if isinstance(value, list):
        raise BadRecordError(column.name, f"{_kind(value)} is not {expectation(column)}")
    text = str(value) if isinstance(value, Number) else str(value).lower()
    if is_text:
        raise BadRecordError(column.name, f"{text} is {_kind(value)}, the contract says text")
    return text


def _checked(text: str, column: Column) -> str:
    if "\0" in text:
        raise BadRecordError(column.name, f"{text!r} holds a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadRecordError(column.name, f"{text!r} holds half a character") from None
    return text


def _kind(value: object) -> str:
    if isinstance(value, Pairs):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, Number):
        return "a number"
    return "null" if value is None else "a text"


def dump(value: object) -> str:
    """Write a value as JSON again, with its digits and keys as they were."""
    if isinstance(value, Number | Decimal):
        return str(value)
    if isinstance(value, Pairs | dict):
        items = value.items() if isinstance(value, dict) else value
        inner = (f"{json.dumps(key, ensure_ascii=False)}:{dump(item)}" for key, item in items)
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
