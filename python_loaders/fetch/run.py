"""Fetch for many sources: dispatch by kind; one that fails does not stop the others."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from python_loaders.contract.fetch import Fetch, PackageFetch
from python_loaders.contract.fetch_database import MysqlFetch, PostgresFetch
from python_loaders.contract.fetch_http import HttpFetch
from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.contract.model import Source, Table
from python_loaders.errors import ContrailError, UsageError, did_you_mean
from python_loaders.fetch.inbox import Fetched, Inbox

SUMMARY_HEADERS = ("source", "table", "kind", "what", "bytes", "seconds", "outcome")


@dataclass(frozen=True)
class Job:
    """One `fetch:` mapping, and the source or table that it belongs to."""

    place: Source | Table
    spec: Fetch

    @property
    def names(self) -> tuple[str, str]:
        """The source, and the table or nothing."""
        source, _, table = self.place.full_name.partition(".")
        return source, table


@dataclass(frozen=True)
class Attempt:
    """One job, and what became of it: `fetched` or `error`."""

    job: Job
    seconds: float
    fetched: Sequence[Fetched] = ()
    error: ContrailError | None = None

    @property
    def exit_code(self) -> int:
        """0, or the code of the error."""
        return self.error.exit_code if self.error else 0


def find_jobs(sources: Sequence[Source], names: Sequence[str]) -> list[Job]:
    """Return what is to be fetched: a source's own first, then that of its tables.

    Args:
        sources: the contracts.
        names: SOURCE or SOURCE.TABLE; all for no name.

    Raises:
        UsageError: a name is unknown, or nothing is fetched for it.
    """
    jobs = [
        Job(place, spec)
        for source in sources
        for place in (source, *source.tables)
        for spec in place.fetch
    ]
    known = sorted({job.names[0] for job in jobs} | {job.place.full_name for job in jobs})
    for name in names:
        if name not in known:
            raise UsageError(
                f"nothing is fetched for {name!r}.{did_you_mean(name, known)} "
                f"Known: {', '.join(known) or 'none; see config.meta.fetch'}"
            )
    return [
        job for job in jobs if not names or job.names[0] in names or job.place.full_name in names
    ]


def attempt(job: Job, inbox: Inbox) -> Attempt:
    """Do one job and measure it; errors become part of the answer."""
    begin = time.monotonic()
    try:
        inbox.path.mkdir(parents=True, exist_ok=True)
        with inbox.lock():
            fetched = _fetcher(job)(inbox)
    except OSError as error:
        failure = ContrailError(
            f"{job.place.full_name}: {error}. Nothing of {job.spec.label} is in the inbox; correct "
            "the cause and fetch again."
        )
        failure.__cause__ = error
        return Attempt(job, time.monotonic() - begin, error=failure)
    except ContrailError as error:
        return Attempt(job, time.monotonic() - begin, error=error)
    return Attempt(job, time.monotonic() - begin, fetched)


def _fetcher(job: Job) -> Callable[[Inbox], list[Fetched]]:
    """Import a kind's module only when it is needed: the drivers take time to load."""
    spec, place = job.spec, job.place
    match spec:
        case PackageFetch():
            from python_loaders.fetch.pypi import fetch_package

            return lambda inbox: fetch_package(spec, place, inbox)
        case HttpFetch():
            from python_loaders.fetch.http import fetch_http

            return lambda inbox: fetch_http(spec, place, inbox)
        case PagesFetch():
            from python_loaders.fetch.pages import fetch_pages

            return lambda inbox: fetch_pages(spec, place, inbox)
        case PostgresFetch() if isinstance(place, Table):
            from python_loaders.fetch.postgres import fetch_postgres

            return lambda inbox: fetch_postgres(spec, place, inbox)
        case MysqlFetch() if isinstance(place, Table):
            from python_loaders.fetch.mysql import fetch_mysql

            return lambda inbox: fetch_mysql(spec, place, inbox)
    raise AssertionError(f"{place.full_name}: the contract lets through what nobody fetches")


def summary_rows(done: Attempt) -> list[list[str]]:
    """Return the lines of one job in the summary, in the order of SUMMARY_HEADERS."""
    begin = [*done.job.names, done.job.spec.kind]
    seconds = f"{done.seconds:.2f}"
    if done.error:
        return [[*begin, done.job.spec.label, "", seconds, done.error.outcome]]
    return [
        [*begin, item.label, f"{item.origin.bytes:,}" if item.origin else "", seconds, item.outcome]
        for item in done.fetched
    ]
