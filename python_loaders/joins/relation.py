"""What is known of the rows of a relation: its columns, what tells its rows apart, its versions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Key = frozenset[str]

# More keys than this help nobody, and their combinations would take for ever.
MOST_KEYS = 24


@dataclass(frozen=True)
class Versions:
    """Type 2 history without overlaps: one version of a code is valid on any day, one is current.

    Attributes:
        code: the natural key.
        valid_from: the column of the first day that belongs to the version.
        valid_to: the column of the first day that does not.
        is_current: the column that marks the last version.
    """

    code: Key
    valid_from: str
    valid_to: str
    is_current: str

    def renamed(self, name: Callable[[str], str | None]) -> "Versions | None":
        """Return the same under other names, or None if one of the columns has no name there."""
        code = [name(column) for column in sorted(self.code)]
        others = [name(column) for column in (self.valid_from, self.valid_to, self.is_current)]
        named = [column for column in (*code, *others) if column is not None]
        if len(named) < len(code) + len(others):
            return None
        return Versions(frozenset(named[:-3]), *named[-3:])

    def __str__(self) -> str:
        return f"{comma(self.code)} with {self.valid_from} <= day < {self.valid_to}"


@dataclass(frozen=True)
class Relation:
    """A table, a CTE or a subquery.

    Attributes:
        columns: in order; None if nobody says them.
        keys: sets of columns, each of which tells all rows apart; the empty set says that there is
            one row at most.
        versions: histories that it holds.
        constants: columns that have one value in all rows, with that value as SQL.
        name: of the table, for messages.
    """

    columns: tuple[str, ...] | None = None
    keys: frozenset[Key] = frozenset()
    versions: frozenset[Versions] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def with_keys(self, keys: Iterable[Key], versions: Iterable[Versions] = ()) -> "Relation":
        """Return it with further keys and versions."""
        return Relation(
            self.columns,
            smallest({*self.keys, *keys}),
            self.versions | frozenset(versions),
            self.constants,
            self.name,
        )

    def known_keys(self) -> list[str]:
        """Return what tells its rows apart, for messages."""
        keys = sorted((sorted(key) for key in self.keys), key=lambda key: (len(key), key))
        return [f"({', '.join(key)})" for key in keys] + sorted(map(str, self.versions))


def smallest(keys: Iterable[Key]) -> frozenset[Key]:
    """Return the keys that hold no other one, the shortest if there are too many."""
    kept: list[Key] = []
    for key in sorted(set(keys), key=lambda key: (len(key), sorted(key))):
        if not any(other <= key for other in kept):
            kept.append(key)
    return frozenset(kept[:MOST_KEYS])


def comma(columns: Iterable[str]) -> str:
    """Return names as one text."""
    return ", ".join(sorted(columns))
