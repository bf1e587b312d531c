"""What a contract says about an API that gives its records page by page."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from python_loaders.contract.fetch_http import HttpRules
from python_loaders.contract.file_names import FileName

HEADER = "header:"


def _check_path(path: str) -> str:
    if not re.fullmatch(r"(header:[\w-]+|[^\s.]+(\.[^\s.]+)*)", path):
        raise ValueError("is no path; write names with dots between, as in meta.total")
    return path


# Names of nested objects with dots between; for numbers and flags also `header:NAME`.
JsonPath = Annotated[str, AfterValidator(_check_path)]


class _Paging(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ByPage(_Paging):
    """The request names the number of a page."""

    by: Literal["page"]
    parameter: str = "page"
    first: int = 1


class ByOffset(_Paging):
    """The request names how many records come before the page."""

    by: Literal["offset"]
    parameter: str = "offset"
    first: int = 0


class ByCursor(_Paging):
    """The request repeats what the page before gave for it."""

    by: Literal["cursor"]
    parameter: str = "cursor"
    path: JsonPath
    may_be_missing: bool = False


class ByNext(_Paging):
    """The page gives the address of the next one."""

    by: Literal["next"]
    path: JsonPath
    may_be_missing: bool = False


class ByLink(_Paging):
    """The header `Link` gives the address of the next page, as `<...>; rel="next"`."""

    by: Literal["link"]


Paging = Annotated[ByPage | ByOffset | ByCursor | ByNext | ByLink, Field(discriminator="by")]


class PagesFetch(HttpRules):
    """All pages of one answer, written as one file of a JSON object per line.

    A page ends the answer by `more`, `page_count` or `total`, whichever is declared first in
    this order; else by naming no next page; else, for pages and offsets, by being empty.
    """

    kind: Literal["pages"]
    as_: FileName = Field(alias="as")
    records: JsonPath | None = None
    paging: Paging
    total: JsonPath | None = None
    page_count: JsonPath | None = None
    more: JsonPath | None = None
    key: list[JsonPath] = Field(default_factory=list)
    max_pages: Annotated[int, Field(gt=0)] = 10_000
    max_page_bytes: Annotated[int, Field(gt=0)] = 64_000_000
    allow_empty: bool = False
    allow_empty_pages: bool = False

    @property
    def file_name(self) -> str:
        """The pattern of the file's name."""
        return self.as_

    @model_validator(mode="after")
    def _has_a_place_for_its_parameter(self) -> Self:
        if self.page_count and self.paging.by != "page":
            raise ValueError("page_count counts the pages of paging by: page")
        name = getattr(self.paging, "parameter", None)
        if name is None:
            return self
        if self.method == "POST" and not isinstance(self.body, dict):
            raise ValueError(f"with POST the parameter {name} goes into the body; write a mapping")
        given = self.body if isinstance(self.body, dict) else self.query
        in_url = parse_qs(urlsplit(self.url).query, keep_blank_values=True)
        if name in given or name in in_url:
            raise ValueError(f"{name} is set by paging; leave it out of the request")
        return self
