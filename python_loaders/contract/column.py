"""A column of a contract, and what all parts of dbt's YAML have in common: config.meta."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from python_loaders.contract.types import ColumnType, parse_type
from python_loaders.errors import did_you_mean

# Words below config.meta that are near to ours, and not misspelt.
OTHER_WORDS = ("contact", "contacts")
Position = Annotated[int, Field(gt=0, strict=True)]
LANDED_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Described(BaseModel):
    """A source, table or column of dbt's YAML: our keys lie below config.meta."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _lift_meta(cls, data: object) -> object:
        """Put our keys of config.meta beside dbt's, and refuse those that look misspelt."""
        if not isinstance(data, dict):
            return data
        meta = (data.get("config") or {}).get("meta") or {}
        ours = cls.meta_keys()
        for key in set(meta).difference(ours, OTHER_WORDS):
            if hint := did_you_mean(key, ours):
                raise ValueError(f"config.meta.{key} is unknown.{hint}")
        return data | {key: meta[key] for key in ours if key in meta}

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return []


class Column(Described):
    """One column as delivered; it is landed under its name in lower case."""

    name: str
    data_type: str
    required: bool = False
    aliases: list[str] = []
    null_values: list[str] | None = None
    formats: list[str] | None = None
    optional: bool = False
    non_finite: Literal["reject", "null", "keep"] = "reject"
    at: tuple[Position, Position] | None = None  # first character, from 1, and width

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return ["aliases", "null_values", "formats", "optional", "non_finite", "at"]

    @model_validator(mode="before")
    @classmethod
    def _read_not_null(cls, data: object) -> object:
        """A not_null test that holds for every row makes the column required here too."""
        if not isinstance(data, dict):
            return data
        tests = data.get("data_tests") or []
        return data | {"required": any(_is_unconditional_not_null(test) for test in tests)}

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        parse_type(self.data_type)
        if not LANDED_NAME.fullmatch(self.landed_name):
            raise ValueError(f"column name {self.name!r}: use letters, digits and underscores")
        return self

    @property
    def landed_name(self) -> str:
        """The name in the landed Parquet and in the raw relation."""
        return self.name.lower()

    @property
    def type(self) -> ColumnType:
        """The parsed data type."""
        return parse_type(self.data_type)


def _is_unconditional_not_null(test: object) -> bool:
    if test == "not_null":
        return True
    if not (isinstance(test, dict) and "not_null" in test):
        return False
    config = (test["not_null"] or {}).get("config") or {}
    return not {"where", "severity", "error_if", "enabled"} & set(config)
