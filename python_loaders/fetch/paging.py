"""Go from page to page: which comes next, and whether the answer can be complete at all.

An answer that repeats itself, contradicts itself or has a hole is refused as a whole: half of it
would look like all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from pydantic import JsonValue

from python_loaders.contract.fetch_pages import (
    ByCursor,
    ByLink,
    ByNext,
    ByOffset,
    ByPage,
    PagesFetch,
)
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.page import MISSING, Page, as_parameter
from python_loaders.fetch.transport import host_of


@dataclass(frozen=True)
class Ask:
    """The request of one page, without what is secret in it.

    Attributes:
        mark: what must not come again: a number, a cursor, an address.
        parameters: beside the declared query, or body of a POST.
    """

    url: str
    mark: str
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)


class Walk:
    """The way through the pages of one answer.

    Attributes:
        pages: so many were read.
        rows: so many records were in them.
    """

    def __init__(self, rules: PagesFetch) -> None:
        self._rules = rules
        self.pages = 0
        self.rows = 0
        self._total: int | None = None
        self._marks: set[str] = set()
        self._digests: set[bytes] = set()
        self._keys: set[str] = set()

    def first(self) -> Ask:
        """Return the request of the first page."""
        paging = self._rules.paging
        if isinstance(paging, ByPage | ByOffset):
            return self._numbered(paging, paging.first)
        return Ask(self._rules.url, self._rules.url)

    def after(self, page: Page, ask: Ask) -> Ask | None:
        """Take a page into account; return the request of the next, None after the last.

        Raises:
            ContrailError: the answer repeats or contradicts itself, has a hole or no end.
        """
        self._marks.add(ask.mark)
        self.pages += 1
        self.rows += len(page.records)
        self._expect_new(page)
        self._expect_total(page)
        following = self._following(page, ask)
        if following is None:
            if self._total not in {None, self.rows}:
                raise self._wrong(page, f"is the last, but {self.rows} of {self._total} came")
            return None
        if not page.records and not self._rules.allow_empty_pages:
            raise self._wrong(page, "is empty, but says that more pages follow")
        if following.mark in self._marks:
            raise self._wrong(page, f"leads back to {redact(following.mark)!r:.100}, a loop")
        if self.pages == self._rules.max_pages:
            raise self._wrong(page, "is not the last, but max_pages of the contract are read")
        return following

    def _expect_new(self, page: Page) -> None:
        if page.records and page.digest in self._digests:
            raise self._wrong(page, "holds the same records as an earlier one")
        self._digests.add(page.digest)
        for key in page.keys:
            if key in self._keys:
                raise self._wrong(page, f"holds the record {key:.100} again")
            self._keys.add(key)

    def _expect_total(self, page: Page) -> None:
        """A total may grow while others add records; it must not shrink, nor be too small."""
        if page.total is None:
            return
        if self._total is not None and page.total < self._total:
            raise self._wrong(page, f"says total {page.total}, an earlier one {self._total}")
        if page.total < self.rows:
            raise self._wrong(page, f"says total {page.total}, but {self.rows} came already")
        self._total = page.total

    def _following(self, page: Page, ask: Ask) -> Ask | None:
        paging = self._rules.paging
        more = self._more(page)
        if isinstance(paging, ByPage | ByOffset):
            step = 1 if isinstance(paging, ByPage) else len(page.records)
            is_last = not page.records if more is None else not more
            return None if is_last else self._numbered(paging, int(ask.mark) + step)
        following = self._named(page, ask)
        if more is False:
            return None
        if more and following is None:
            raise self._wrong(page, "says that more follow, but not where")
        return following

    def _more(self, page: Page) -> bool | None:
        """Return whether more pages follow, None if no declared sign says it."""
        if page.more is not None:
            return page.more
        if page.page_count is not None:
            return self.pages < page.page_count
        if page.total is not None and isinstance(self._rules.paging, ByPage | ByOffset):
            return self.rows < page.total
        return None

    def _numbered(self, paging: ByPage | ByOffset, number: int) -> Ask:
        return Ask(self._rules.url, str(number), {paging.parameter: number})

    def _named(self, page: Page, ask: Ask) -> Ask | None:
        """Return the request that the page names."""
        match self._rules.paging:
            case ByLink():
                return self._addressed(page, ask, page.link)
            case ByNext(path=path, may_be_missing=optional):
                return self._addressed(page, ask, self._at(page, path, optional))
            case ByCursor(parameter=parameter, path=path, may_be_missing=optional):
                cursor = self._at(page, path, optional)
                if cursor is None:
                    return None
                return Ask(self._rules.url, str(cursor), {parameter: cursor})
        raise AssertionError("pages and offsets name nothing")

    def _at(self, page: Page, path: str, optional: bool) -> str | int | None:
        found = page.find(path)
        if found is MISSING and not optional and self.pages == 1:
            # A misspelt path would look like an answer of one page.
            raise self._wrong(
                page, f"has nothing at {path}; if the last page has not, say may_be_missing: true"
            )
        return as_parameter(found)

    def _addressed(self, page: Page, ask: Ask, link: str | int | None) -> Ask | None:
        """Return the request of an address; it must lead to the same host, who knows us."""
        if link is None:
            return None
        try:
            url = urljoin(ask.url, str(link))
            is_home = host_of(url) == host_of(self._rules.url)
        except ValueError:
            url, is_home = str(link), False
        if not is_home:
            raise self._wrong(page, f"leads to another host, {redact(url)!r:.200}")
        return Ask(url, url)

    def _wrong(self, page: Page, what: str) -> ContrailError:
        return ContrailError(
            f"{page.where}: {what}. Nothing of the {self.rows} records was kept; fetch again, or "
            "correct `paging` of the contract."
        )
