"""The contract as the rest of the loaders see it, parsed out of dbt's source YAML by pydantic.

Keys that only dbt reads are ignored. Below `config.meta` our keys are checked strictly, because
a misspelt one would silently change what is landed.
"""

import hashlib
import json
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from python_loaders.contract.fetch import FetchList
from python_loaders.contract.options import Delivery, Extract, Rejects
from python_loaders.contract.types import ColumnType, parse_type
from python_loaders.errors import did_you_mean

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


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
        for key in set(meta) - set(ours):
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

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return ["aliases", "null_values", "formats", "optional", "non_finite"]

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
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", self.landed_name):
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


class Table(Described):
    """One table that the loaders fill."""

    source: str = ""
    name: Name
    fetch: FetchList = []
    extracts: list[Extract] = []
    delivery: Delivery | None = None
    rejects: Rejects = Rejects()
    partial: bool = False
    columns: list[Column] = []

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return ["fetch", "extracts", "delivery", "rejects", "partial"]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not self.extracts:
            return self
        if self.delivery is None:
            raise ValueError("config.meta.delivery is missing: say mode, period and key")
        if not self.landed_columns:
            raise ValueError("columns are missing: a contract lists every column")
        seen: dict[str, str] = {}
        for column in self.landed_columns:
            for name in (column.name, *column.aliases):
                if seen.setdefault(name.casefold(), column.name) != column.name:
                    raise ValueError(
                        f"{name!r} names both {seen[name.casefold()]} and {column.name}"
                    )
        for extract in self.extracts:
            self._check_key(self.delivery, extract)
        return self

    def _check_key(self, delivery: Delivery, extract: Extract) -> None:
        """Every extract must lead to a key in exactly one way, and with the parts it needs."""
        own = [extract.delivery_key, extract.key_pattern]
        common = [delivery.key_columns, delivery.key_pattern, delivery.key]
        origins = own if any(own) else common
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError(
                f"extract {extract.files}: the delivery's key must come from exactly one of "
                "key_columns, key_pattern, key, or from the extract's delivery_key or key_pattern"
            )
        pattern = extract.key_pattern or delivery.key_pattern
        if pattern and (missing := set(delivery.parts) - set(pattern.groupindex)):
            raise ValueError(f"key_pattern lacks the groups {', '.join(sorted(missing))}")
        names = {column.landed_name: column for column in self.landed_columns}
        for columns in delivery.key_columns or []:
            if unknown := [name for name in columns if name.lower() not in names]:
                raise ValueError(f"delivery.key_columns: there is no column {unknown[0]!r}")
            one_date = len(columns) == 1 and names[columns[0].lower()].data_type == "date"
            if not one_date and len(columns) != len(delivery.parts):
                raise ValueError(
                    f"delivery.key_columns {columns}: a {delivery.period} needs "
                    f"{' and '.join(delivery.parts) or 'no column'}, or one date column"
                )

    @property
    def full_name(self) -> str:
        """The name that users type: source.table."""
        return f"{self.source}.{self.name}"

    @property
    def landed_columns(self) -> list[Column]:
        """The columns of a delivery; those that begin with _ are the loaders' own."""
        return [column for column in self.columns if not column.name.startswith("_")]

    def may_lack(self, column: Column) -> bool:
        """Return whether a delivery may come without a column, which then holds NULL."""
        return column.optional or (self.partial and not column.required)

    def fingerprint(self, extract: Extract) -> str:
        """Return a digest of everything in the contract that decides what a file turns into.

        Words, tests, aliases, globs and reject limits are left out: changing them changes no
        landed row.
        """
        decisive = {
            "columns": [column.model_dump(exclude={"aliases"}) for column in self.landed_columns],
            "extract": extract.model_dump(mode="json", exclude={"files"}),
            "delivery": self.delivery.model_dump(mode="json") if self.delivery else None,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


class Source(Described):
    """One source: its tables, and what is fetched for all of them, if anything."""

    name: Name
    fetch: FetchList = []
    tables: list[Table] = []

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return ["fetch"]

    @property
    def full_name(self) -> str:
        """The name that users type."""
        return self.name


class SourcesFile(BaseModel):
    """A dbt YAML file, of which only the sources matter here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sources: list[Source] = []
