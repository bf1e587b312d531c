"""Mutants that give the same rows for every input, each with the reason, from equivalents.yml."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PATH = Path(__file__).parent / "equivalents.yml"


def _read() -> list[tuple[re.Pattern[str], str]]:
    entries = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return [(_pattern(name), entry["reason"]) for entry in entries for name in entry["mutants"]]


def _pattern(name: str) -> re.Pattern[str]:
    """A name, in which `*` stands for anything."""
    return re.compile(".*".join(map(re.escape, name.split("*"))))


@dataclass
class Equivalents:
    """The list, and which of its entries were met."""

    entries: list[tuple[re.Pattern[str], str]] = field(default_factory=_read)

    def reason(self, name: str) -> str | None:
        for pattern, reason in self.entries:
            if pattern.fullmatch(name):
                return reason
        return None
