"""The base of our own mappings below `config.meta`."""

import datetime as dt

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """One of our own mappings: an unknown key is an error, because it would be ignored unsaid."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def text_of(value: object) -> object:
    """Read a YAML number or date, like 2013 or 2013-01-01, as the text that was written."""
    return str(value) if isinstance(value, int | dt.date) else value
