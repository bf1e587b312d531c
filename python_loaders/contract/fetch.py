"""The `fetch:` mappings of a contract: from where files are brought into the inbox, by kind.

A new kind is a class here with its own `kind`, a place in `Fetch`, and a module in fetch/.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FetchRules(BaseModel):
    """What the kinds have in common: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def label(self) -> str:
        """What is fetched, in messages; it never holds a secret."""
        raise NotImplementedError


class PackageFetch(FetchRules):
    """A package whose archive is a source's delivery, pinned by content."""

    kind: Literal["package"] = "package"
    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+$")]
    sha256: Digest

    @property
    def label(self) -> str:
        """The package and its version."""
        return self.package


def _kind(value: object) -> object:
    """Return the kind of a mapping; one that names none is a package, the first kind there was."""
    if isinstance(value, dict):
        return value.get("kind", "package")
    return getattr(value, "kind", None)


def _as_list(value: object) -> object:
    """Read one mapping as a list of one."""
    return [value] if isinstance(value, dict) else value


Fetch = Annotated[
    Annotated[PackageFetch, Tag("package")],
    Discriminator(_kind),
]
FetchList = Annotated[list[Fetch], BeforeValidator(_as_list)]
