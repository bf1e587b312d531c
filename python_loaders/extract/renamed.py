"""Guess which missing column an unknown one was, for the hint "looks renamed from"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.extract.convert import parse_text

# A name that is near enough by itself; place and values make up for one that is less near.
LIKELY = 0.6
SAME_PLACE = 0.25
FITTING_VALUES = 0.15
# From so many unknown columns on, the file is another one and guesses are noise.
MOST_UNKNOWN = 30
LONGEST = 200  # characters of a name that is worth a guess

# Gives some values, as text and without NULL, of the columns of a delivery.
Sample = Callable[[], Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Header:
    """The names of a delivery as they were matched with a contract.

    Attributes:
        names: as delivered.
        bound: the landed name of each, None for one that the contract does not know.
        columns: the contract's.
        sample: some values, read only when they are needed.
    """

    names: Sequence[str]
    bound: Sequence[str | None]
    columns: Sequence[Column]
    sample: Sample = field(default=dict)

    @property
    def unknown(self) -> list[str]:
        """The names that the contract does not know."""
        return [name for name, known in zip(self.names, self.bound, strict=True) if known is None]

    def likely_renames(self, missing: Sequence[Column], least: float = LIKELY) -> dict[str, Column]:
        """Return the missing column that unknown names probably were; none is guessed twice."""
        unknown = [place for place, known in enumerate(self.bound) if known is None]
        if not missing or not unknown or len(unknown) > MOST_UNKNOWN:
            return {}
        values = self.sample()
        scores = [
            (self._score(place, column, values.get(self.names[place], ())), place, column)
            for place in unknown
            for column in missing
        ]
        guessed: dict[str, Column] = {}
        for score, place, column in sorted(scores, key=lambda item: -item[0]):
            name = self.names[place]
            if score >= least and name not in guessed and column not in guessed.values():
                guessed[name] = column
        return guessed

    def _score(self, place: int, column: Column, values: Sequence[str]) -> float:
        score = max(_similarity(self.names[place], name) for name in (column.name, *column.aliases))
        if values:
            if parse_text(pl.Series(values, dtype=pl.String), column).null_count():
                return 0
            score += FITTING_VALUES * (column.type.name != "text")  # everything is a text
        return score + SAME_PLACE * self._stands_between(place, column)

    def _stands_between(self, place: int, column: Column) -> bool:
        """Return whether a neighbour in the delivery is the column's neighbour in the contract."""
        order = ["^", *(known.landed_name for known in self.columns), "$"]
        here = ["^", *self.bound, "$"]
        index = order.index(column.landed_name)
        return here[place] == order[index - 1] or here[place + 2] == order[index + 1]


def _similarity(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1; case and separators make no difference."""
    if len(one) > LONGEST:
        return 0
    return SequenceMatcher(None, _letters(one), _letters(other)).ratio()


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
