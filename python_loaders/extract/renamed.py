"""Guess which missing column an unknown one was, for the hint "looks renamed from"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import polars as pl

from python_loaders.contract.column import Column
from python_loaders.extract.convert import parse_text

# A name that is near enough by itself; place and values make up for one that is less near.
LIKELY = 0.6
VERY_LIKELY = 0.8
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

    def likely_renames(
        self, missing: Sequence[Column], *, by_name_only: bool = False
    ) -> dict[str, Column]:
        """Return the missing column that unknown names probably were; none is guessed twice.

        Args:
            missing: the columns that are not delivered.
            by_name_only: for columns that may be missing. That a new one stands where such a
                one would have stood says nothing; the name has to be very much alike.
        """
        unknown = [place for place, known in enumerate(self.bound) if known is None]
        if not missing or not unknown or len(unknown) > MOST_UNKNOWN:
            return {}
        values = self.sample()
        scores = []
        for place in unknown:
            for column in missing:
                score = _score(self.names[place], column, values.get(self.names[place], ()))
                if score and not by_name_only:
                    score += SAME_PLACE * self._stands_between(place, column)
                scores.append((score, place, column))
        least = VERY_LIKELY if by_name_only else LIKELY
        guessed: dict[str, Column] = {}
        for score, place, column in sorted(scores, key=lambda item: -item[0]):
            name = self.names[place]
            if score >= least and name not in guessed and column not in guessed.values():
                guessed[name] = column
        return guessed

    def _stands_between(self, place: int, column: Column) -> bool:
        """Return whether a neighbour in the delivery is the column's neighbour in the contract."""
        order = ["^", *(known.landed_name for known in self.columns), "$"]
        here = ["^", *self.bound, "$"]
        index = order.index(column.landed_name)
        return here[place] == order[index - 1] or here[place + 2] == order[index + 1]


def _score(name: str, column: Column, values: Sequence[str]) -> float:
    """Return how likely a name was that of a column; 0 if its values cannot be."""
    score = max(_similarity(name, known) for known in (column.name, *column.aliases))
    if not values:
        return score
    fits = not parse_text(pl.Series(values, dtype=pl.String), column).null_count()
    # Everything is a text, so that fitting says something for the other types only.
    return fits * (score + FITTING_VALUES * (column.type.name != "text"))


def _similarity(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1; case and separators make no difference."""
    if len(one) > LONGEST:
        return 0
    return SequenceMatcher(None, _letters(one), _letters(other)).ratio()


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
