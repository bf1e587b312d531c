"""Gather the fields of records that no column describes, to find types for them."""

import threading
from collections import defaultdict
from decimal import Decimal

import polars as pl

from python_loaders.contract.extract import Extract
from python_loaders.extract.infer import Inference, text_kind
from python_loaders.extract.json_values import Number

BATCH_VALUES = 10_000


class UnknownFields:
    """What the records of a delivery hold beside the contract; filled by several threads.

    The elements of XML are texts, and what they look like decides. In JSON a text is a text,
    though it looks like a number; only dates and timestamps have no other notation.
    """

    def __init__(self, extract: Extract) -> None:
        self._markers = set(extract.markers)
        self._is_json = extract.format != "xml"
        self._has_marks = extract.marks is not None
        self._values: dict[str, list[object]] = {}
        self._inferences: dict[str, Inference] = defaultdict(
            lambda: Inference(has_marks=self._has_marks)
        )
        self._lock = threading.Lock()

    def add(self, name: str, value: object) -> None:
        """Take the value of a field; names are the same without regard to case."""
        name = name.lower() if name.isascii() else name
        with self._lock:
            waiting = self._values.setdefault(name, [])
            if value is None or (type(value) is str and value in self._markers):
                return
            waiting.append(value)
            if len(waiting) >= BATCH_VALUES:
                self._infer(name)

    def types(self) -> dict[str, str | None]:
        """Return the type of each field so far, in the order of names; None if all are null."""
        with self._lock:
            for name in self._values:
                self._infer(name)
            return {name: self._inferences[name].kind for name in sorted(self._values)}

    def _infer(self, name: str) -> None:
        values, inference = self._values[name], self._inferences[name]
        texts = [value for value in values if type(value) is str]
        numbers = [value for value in values if isinstance(value, Number)]
        if texts and self._is_json:
            kind = text_kind(pl.Series(texts), has_marks=self._has_marks)
            inference.add_kind(kind if kind in ("date", "timestamp") else "text")
        elif texts:
            inference.add(pl.Series(texts))
        if numbers:
            kind = text_kind(pl.Series(map(str, numbers)), has_marks=False)
            inference.add_kind("double" if kind == "text" and _are_doubles(numbers) else kind)
        if any(isinstance(value, bool) for value in values):
            inference.add_kind("boolean")
        if any(isinstance(value, list) for value in values):
            inference.add_kind("text")  # as JSON
        values.clear()


def _are_doubles(numbers: list[Number]) -> bool:
    """Return whether a double gives back the digits of every number."""
    for number in numbers:
        value = float(number)
        if value - value != 0 or Decimal(repr(value)) != Decimal(number):
            return False
    return True
