"""The contract as the rest of the loaders see it, parsed out of dbt's source YAML by pydantic.

Keys that only dbt reads are ignored. Below `config.meta` our keys are checked strictly, because
a misspelt one would silently change what is landed.
"""

import hashlib
import json
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from python_loaders.contract.column import Column, Described
from python_loaders.contract.database_tables import check_database
from python_loaders.contract.extract import Extract
from python_loaders.contract.fetch import FetchList, check_file_name
from python_loaders.contract.fetch_database import DatabaseFetch
from python_loaders.contract.options import ContractMode, Delivery, Guard, Rejects
from python_loaders.contract.strict import shaped

Name = Annotated[
    str,
    shaped(
        r"[a-z][a-z0-9_]{0,62}",
        "a name: up to 63 lower case letters, digits and underscores, beginning with a letter",
    ),
]
# What `contract: quarantine` allows if no limit is stated: one row in a hundred.
USUAL_REJECTS = Rejects(max_ratio=0.01)


class Table(Described):
    """One table that the loaders fill."""

    source: str = ""
    name: Name
    fetch: FetchList = Field(default_factory=list)
    extracts: list[Extract] = Field(default_factory=list)
    delivery: Delivery | None = None
    contract: ContractMode | None = None
    rejects: Rejects | None = None
    guard: Guard = Guard()
    partial: bool = False
    require_any: list[list[str]] = Field(default_factory=list)
    columns: list[Column] = Field(default_factory=list)

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return [
            "fetch",
            "extracts",
            "delivery",
            "contract",
            "rejects",
            "guard",
            "partial",
            "require_any",
        ]

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
            self._check_positions(extract)
        for name in [name for group in self.require_any for name in group]:
            if name.lower() not in {column.landed_name for column in self.landed_columns}:
                raise ValueError(f"require_any: there is no column {name!r}")
        self._check_mode()
        return self

    def _check_mode(self) -> None:
        allows = self.reject_limit != Rejects()
        if self.contract == "freeze" and allows:
            raise ValueError(
                "contract: freeze lands no delivery with a bad row, but rejects allows some. "
                "Remove one of them, or say contract: quarantine"
            )
        if self.contract == "quarantine" and not allows:
            raise ValueError(
                "contract: quarantine, but rejects allows no bad row. Raise max_rows or "
                "max_ratio, or say contract: freeze"
            )

    def _check_positions(self, extract: Extract) -> None:
        """Every column that a fixed-width delivery must hold has a place in its lines."""
        if extract.format != "fixed":
            return
        for column in self.landed_columns:
            if column.at is None and not self.may_lack(column):
                raise ValueError(
                    f"column {column.name}: format fixed needs its place, `at: [start, width]`"
                )
            end = sum(column.at) - 1 if column.at else 0
            if extract.line_length and end > extract.line_length:
                raise ValueError(
                    f"column {column.name}: ends at {end}, behind line_length {extract.line_length}"
                )
        if not any(column.at for column in self.landed_columns):
            raise ValueError("format fixed: no column says where it is, `at: [start, width]`")

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

    @property
    def mode(self) -> ContractMode:
        """What happens to what the contract does not describe."""
        return self.contract or ("quarantine" if self.rejects else "freeze")

    @property
    def reject_limit(self) -> Rejects:
        """How many bad rows a delivery may hold."""
        if self.rejects is not None:
            return self.rejects
        return USUAL_REJECTS if self.contract == "quarantine" else Rejects()

    def may_lack(self, column: Column) -> bool:
        """Return whether a delivery may come without a column, which then holds NULL."""
        return column.optional or (self.partial and not column.required)

    def fingerprint(self, extract: Extract) -> str:
        """Return a digest of everything in the contract that decides what a file turns into.

        Words, tests, aliases, globs, modes and limits are left out: changing them changes no
        landed row. So are defaults, so that a key which the loaders learn changes nothing.
        """
        decisive = {
            "columns": [_decisive(column, "aliases") for column in self.landed_columns],
            "extract": _decisive(extract, "files", "limits"),
            "delivery": _decisive(self.delivery) if self.delivery else None,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _decisive(part: BaseModel, *left_out: str) -> dict[str, object]:
    return part.model_dump(mode="json", exclude=set(left_out), exclude_defaults=True)


class Source(Described):
    """One source: its tables, and what is fetched for all of them, if anything."""

    name: Name
    fetch: FetchList = Field(default_factory=list)
    tables: list[Table] = Field(default_factory=list)

    @classmethod
    def meta_keys(cls) -> list[str]:
        """Return the names that we read below config.meta."""
        return ["fetch"]

    @model_validator(mode="after")
    def _fetches_what_tables_take(self) -> Self:
        for place, tables in [(self, self.tables), *((table, [table]) for table in self.tables)]:
            for rules in place.fetch:
                if isinstance(rules, DatabaseFetch):
                    check_database(rules, place if place is not self else None, self.tables)
                    continue
                files = [name for t in tables for extract in t.extracts for name in extract.files]
                check_file_name(rules, files, {t.delivery.mode for t in tables if t.delivery})
        return self

    @property
    def full_name(self) -> str:
        """The name that users type."""
        return self.name


class SourcesFile(BaseModel):
    """A dbt YAML file, of which only the sources matter here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sources: list[Source] = []
