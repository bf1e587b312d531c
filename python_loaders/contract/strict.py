"""The base of our own mappings below `config.meta`."""

import datetime as dt
import re
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from python_loaders.errors import did_you_mean


class Strict(BaseModel):
    """One of our own mappings: an unknown key is an error, because it would be ignored unsaid."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _know_all_keys(cls, value: Any) -> Any:  # noqa: ANN401  (whatever stands in the YAML)
        """Say which key is unknown, which may be meant, and which there are."""
        if not isinstance(value, dict):
            return value
        known = [field.alias or name for name, field in cls.model_fields.items()]
        for key in value:
            if key not in known:
                hint = did_you_mean(str(key), known)
                raise ValueError(f"{key!r} is no key of it.{hint} Known: {', '.join(known)}")
        return value


def text_of(value: object) -> object:
    """Read a YAML number or date, like 2013 or 2013-01-01, as the text that was written."""
    return str(value) if isinstance(value, int | dt.date) else value


def shaped(pattern: str, words: str) -> AfterValidator:
    """Let a text through that matches as a whole; say in words what others should be."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"{text!r} is not {words}")
        return text

    return AfterValidator(check)
