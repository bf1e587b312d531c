"""The `fetch:` mappings of a contract: from where files are brought into the inbox, by kind.

A new kind is a class here with its own `kind`, a place in `Fetch`, and a module in fetch/.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from python_loaders.contract.fetch_base import Digest, FetchRules
from python_loaders.contract.fetch_database import MysqlFetch, PostgresFetch
from python_loaders.contract.fetch_http import HttpFetch
from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.contract.file_names import has_placeholder, matches, sample_name
from python_loaders.contract.strict import shaped


class PackageFetch(FetchRules):
    """A package whose archive is a source's delivery, pinned by content."""

    kind: Literal["package"] = "package"
    package: Annotated[
        str, shaped(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", "a package and its version, like x==1.2")
    ]
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
    Annotated[PackageFetch, Tag("package")]
    | Annotated[HttpFetch, Tag("http")]
    | Annotated[PagesFetch, Tag("pages")]
    | Annotated[PostgresFetch, Tag("postgres")]
    | Annotated[MysqlFetch, Tag("mysql")],
    Discriminator(_kind),
]
FetchList = Annotated[list[Fetch], BeforeValidator(_as_list)]


def check_file_name(rules: Fetch, files: Iterable[str], modes: Iterable[str | None]) -> None:
    """Refuse a fetch whose files no table would take, or would take only sometimes.

    Args:
        rules: the fetch.
        files: patterns of the files of all tables that it is for.
        modes: of the deliveries of these tables.

    Raises:
        ValueError: it cannot work.
    """
    name = rules.file_name
    if name is None:
        return
    files = list(files)
    if not matches(Path("inbox", sample_name(name)), files):
        raise ValueError(
            f"fetch brings {name!r}, and no extract takes it: {', '.join(files) or 'none'}"
        )
    if set(modes) - {"replace"} and not has_placeholder(name):
        raise ValueError(
            f"fetch brings {name!r} each time, so that the next delivery could take the place of "
            "one that is not landed; add a moment or {sha8}, as in name_%Y-%m-%d.csv"
        )
