"""One page of an API: its records, and what it says about the others."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import requests

from python_loaders.contract.fetch_pages import HEADER, PagesFetch
from python_loaders.errors import ContrailError
from python_loaders.fetch.lossless_json import JsonText, Number, read_json, to_json

SHOWN_CHARACTERS = 60
MISSING = object()


@dataclass(frozen=True)
class Page:
    """A page that was read as a whole.

    Attributes:
        where: its number and address, for messages.
        records: each as one line of JSON.
        keys: the values of the contract's key of each record; empty without a key.
        total: records of all pages, as this one says; None if it is not asked.
        page_count: number of all pages, likewise.
        more: whether others follow, likewise.
        link: address of the next page, as the header `Link` says.
    """

    where: str
    content: JsonText
    headers: Mapping[str, str]
    link: str | None
    records: Sequence[str]
    keys: Sequence[str]
    total: int | None
    page_count: int | None
    more: bool | None

    @property
    def digest(self) -> bytes:
        """What equal pages share."""
        return hashlib.sha256("\n".join(self.records).encode()).digest()

    def find(self, path: str) -> object:
        """Return what lies at a path of the page or in a header; MISSING if nothing does."""
        return _find(self.content, self.headers, path)


def read_page(rules: PagesFetch, content: bytes, answer: requests.Response, where: str) -> Page:
    """Take a page apart.

    Raises:
        ContrailError: it is not what the contract says.
    """
    try:
        value = read_json(content)
    except ValueError as error:
        begin = content[:SHOWN_CHARACTERS].decode(errors="replace")
        raise ContrailError(f"{where}: no JSON: {error}. It begins with {begin!r}.") from error
    found = _find(value, {}, rules.records) if rules.records else value
    if not isinstance(found, list):
        raise ContrailError(
            f"{where}: at {rules.records or 'the top'} there is no list of records. Correct "
            "`records` of the contract."
        )
    for number, record in enumerate(found, 1):
        if not isinstance(record, dict):
            raise ContrailError(f"{where}: record {number} is no object: {to_json(record):.60}")
    signs = _Signs(where, value, answer.headers)
    return Page(
        where=where,
        content=value,
        headers=answer.headers,
        link=answer.links.get("next", {}).get("url"),
        records=[to_json(record) for record in found],
        keys=[_key(rules, record, where) for record in found] if rules.key else [],
        total=signs.number("total", rules.total),
        page_count=signs.number("page_count", rules.page_count),
        more=signs.flag("more", rules.more),
    )


@dataclass(frozen=True)
class _Signs:
    """What a page says of the whole, at the paths of the contract."""

    where: str
    content: JsonText
    headers: Mapping[str, str]

    def number(self, name: str, path: str | None) -> int | None:
        if path is None:
            return None
        found = _find(self.content, self.headers, path)
        if isinstance(found, str) and found.isascii() and found.isdigit():
            return int(found)
        raise self._not_there(name, path, "whole number")

    def flag(self, name: str, path: str | None) -> bool | None:
        if path is None:
            return None
        found = _find(self.content, self.headers, path)
        if found in (True, "true") or found in (False, "false"):
            return found in (True, "true")
        raise self._not_there(name, path, "true or false")

    def _not_there(self, name: str, path: str, what: str) -> ContrailError:
        return ContrailError(
            f"{self.where}: at {path} there is no {what}. Correct `{name}` of the contract."
        )


def _key(rules: PagesFetch, record: JsonText, where: str) -> str:
    values = [_find(record, {}, path) for path in rules.key]
    if MISSING in values or None in values:
        raise ContrailError(
            f"{where}: a record has no {' and '.join(rules.key)}: {to_json(record):.200}"
        )
    return to_json(values)


def _find(value: JsonText, headers: Mapping[str, str], path: str) -> object:
    if path.startswith(HEADER):
        return headers.get(path.removeprefix(HEADER), MISSING)
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def as_parameter(value: object) -> str | int | None:
    """Return a cursor as a request carries it, None if there is none."""
    if isinstance(value, Number):
        return int(value) if value.lstrip("-").isdigit() else str(value)
    if value is MISSING or value in (None, "", False):
        return None
    return value if isinstance(value, str) else to_json(value)
