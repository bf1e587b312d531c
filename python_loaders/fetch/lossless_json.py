"""JSON in and out without loss: numbers keep their digits, and no key is dropped unsaid."""

import json
import re

JsonText = dict | list | str | bool | None
SURROGATE = re.compile("[\ud800-\udfff]")


class Number(str):
    """A number as it was written: 1.10 is not 1.1, and 12345678901234567890.5 no float."""

    __slots__ = ()


def read_json(content: bytes) -> JsonText:
    """Return the value of a JSON text; its numbers are of the type Number.

    Raises:
        ValueError: it is no JSON, is cut, holds NaN, or names a key twice in one object.
    """
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def to_json(value: JsonText) -> str:
    """Return a value as one line of JSON."""
    if isinstance(value, Number):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(k)}:{to_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    """Half a character of UTF-16 can be escaped in JSON, but not be written as UTF-8."""
    plain = json.dumps(text, ensure_ascii=False)
    return json.dumps(text) if SURROGATE.search(plain) else plain


def _refuse(name: str) -> None:
    raise ValueError(f"holds {name}, which is no JSON")


def _object(pairs: list[tuple[str, JsonText]]) -> dict[str, JsonText]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names the key {twice!r} twice in one object")
    return found
