"""Our own mappings below `config.meta`: where a delivery comes from and what it stands for.

They are checked strictly: a misspelt key would silently change what is landed.
"""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from python_loaders.contract.strict import Strict, text_of

Period = Literal["year", "month", "day", "none"]
Mode = Literal["replace", "append", "snapshot"]
ContractMode = Literal["freeze", "evolve", "quarantine"]
Share = Annotated[float, Field(gt=0, le=1)]
DATE_PARTS = ("year", "month", "day")


def _alternatives(value: object) -> object:
    """Read a list of columns as the only alternative of a list of lists."""
    return [value] if isinstance(value, list) and all(isinstance(v, str) for v in value) else value


class Delivery(Strict):
    """What one delivery stands for, and what it does to earlier ones.

    The key comes from exactly one of: columns of the rows, a pattern on the file's name (groups
    year, month, day), or a constant; an extract may bring its own instead. `key_file_stem` adds
    the file's name to the key, so that files of one period stand beside each other.
    """

    mode: Mode
    period: Period = "none"
    key_columns: Annotated[list[list[str]] | None, BeforeValidator(_alternatives)] = None
    key_pattern: re.Pattern[str] | None = None
    key: Annotated[str | None, BeforeValidator(text_of)] = None
    key_file_stem: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of a date that the period needs: year, then month, then day."""
        return DATE_PARTS[: DATE_PARTS.index(self.period) + 1] if self.period != "none" else ()


class Rejects(Strict):
    """How many bad rows a delivery may hold: up to max_rows, or up to max_ratio of its rows."""

    max_rows: Annotated[int, Field(ge=0)] = 0
    max_ratio: Annotated[float, Field(ge=0, le=1)] = 0.0

    def allow(self, rejected: int, rows: int) -> bool:
        """Return whether so many rejected rows out of so many are within the limit."""
        return rejected <= max(self.max_rows, self.max_ratio * rows)


class Guard(Strict):
    """From which difference on a delivery is held back; null means never.

    Compared are a replacement with the delivery that it replaces, and a snapshot with the one
    before it.

    Attributes:
        max_row_loss: the share of the rows that is gone.
        max_value_loss: the share of the values of a column that is gone, row for row. Real
            corrections have emptied a column to a fifth (wind gusts that had been copies), so the
            default is not far from all.
    """

    max_row_loss: Share | None = 0.2
    max_value_loss: Share | None = 0.9
