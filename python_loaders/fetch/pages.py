"""Fetch all pages of an API as one file of JSON lines; without the last page there is no file."""

from contextlib import closing

from python_loaders.contract.fetch_pages import PagesFetch
from python_loaders.contract.model import Source, Table
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.body import Body
from python_loaders.fetch.http import request_digest
from python_loaders.fetch.inbox import Fetched, Inbox
from python_loaders.fetch.origin import Origin
from python_loaders.fetch.page import Page, read_page
from python_loaders.fetch.paging import Ask, Walk
from python_loaders.fetch.part import Part
from python_loaders.fetch.retry import Clock, Deadline, SystemClock, TransientError, retry
from python_loaders.fetch.transport import Transport


def fetch_pages(
    rules: PagesFetch, place: Source | Table, inbox: Inbox, clock: Clock | None = None
) -> list[Fetched]:
    """Bring the records of all pages into the inbox, unless they are those of the last time.

    Args:
        rules: the contract.
        place: the source or table that they are for.
        inbox: where the file goes.
        clock: of tests.

    Raises:
        ContrailError: the pages could not be read to the last one, or are no consistent answer.
    """
    deadline = Deadline(clock or SystemClock(), rules.deadline_seconds)
    request = request_digest(rules)
    before = [o for o in inbox.origins(place.full_name) if o.request == request]
    with (
        Transport(rules, deadline) as transport,
        Part(inbox.part(f"{place.full_name}-{request}")) as part,
    ):
        walk = _write_all(rules, transport, deadline, inbox, part)
        if not walk.rows:
            if not rules.allow_empty:
                raise ContrailError(
                    f"{rules.label}: holds no record at all. If that may be, say allow_empty: true."
                )
            return [Fetched("unchanged", f"{rules.label} (no records)")]
        if before and before[-1].sha256 == part.sha256:
            return [Fetched("unchanged", before[-1].file, before[-1])]
        moment = deadline.clock.now()
        origin = Origin(
            target=place.full_name,
            kind=rules.kind,
            uri=rules.url,
            request=request,
            file=inbox.unused_name(rules.as_, moment, None, part.sha256),
            bytes=part.size,
            sha256=part.sha256,
            fetched_at=moment,
            pages=walk.pages,
            rows=walk.rows,
        )
        inbox.publish(part.path, origin)
        return [Fetched("fetched", origin.file, origin)]


def _write_all(
    rules: PagesFetch, transport: Transport, deadline: Deadline, inbox: Inbox, part: Part
) -> Walk:
    walk = Walk(rules)
    ask: Ask | None = walk.first()
    part.restart("")
    while ask is not None:
        page = _read(rules, transport, deadline, inbox, ask, walk.pages + 1)
        for record in page.records:
            part.write(f"{record}\n".encode())
        if part.size > rules.max_bytes:
            raise ContrailError(
                f"{page.where}: the records are longer than max_bytes of the contract allows."
            )
        ask = walk.after(page, ask)
    return walk


def _read(
    rules: PagesFetch,
    transport: Transport,
    deadline: Deadline,
    inbox: Inbox,
    ask: Ask,
    number: int,
) -> Page:
    """Read one page, as often as the contract allows; a POST only once."""
    where = f"page {number} of {redact(ask.url)}"

    def attempt() -> Page:
        with closing(transport.ask(ask.url, {}, ask.parameters)) as answer:
            if answer.status_code != 200:
                raise ContrailError(f"{where}: the server answers {answer.status_code}.")
            body = Body(answer, deadline, rules.max_page_bytes, "max_page_bytes")
            content = b"".join(body)
            try:
                return read_page(rules, content, answer, where)
            except ContrailError as error:
                if body.has_proof:
                    raise
                raise TransientError(str(error)) from error  # it may have been cut

    return retry(attempt, rules.attempts if rules.method == "GET" else 1, deadline, inbox.say)
