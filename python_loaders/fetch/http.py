"""Fetch one file over HTTP: only if it changed, continued where it was cut, compared, complete."""

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

import requests

from python_loaders.contract.fetch_http import HttpFetch, HttpRules
from python_loaders.contract.model import Source, Table
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.answer import announced_sha256, continues, whole_length
from python_loaders.fetch.body import Body
from python_loaders.fetch.checksum import MAX_BYTES as MAX_CHECKSUM_BYTES
from python_loaders.fetch.checksum import pick_checksum
from python_loaders.fetch.inbox import Fetched, Inbox
from python_loaders.fetch.origin import Origin
from python_loaders.fetch.part import Part
from python_loaders.fetch.retry import Clock, Deadline, SystemClock, TransientError, retry
from python_loaders.fetch.transport import Transport

REQUEST_DIGITS = 16
Result = TypeVar("Result")


def fetch_http(
    rules: HttpFetch, place: Source | Table, inbox: Inbox, clock: Clock | None = None
) -> list[Fetched]:
    """Bring the file into the inbox unless its content was brought before.

    Args:
        rules: the contract.
        place: the source or table that the file is for.
        inbox: where it goes.
        clock: of tests.

    Raises:
        ContrailError: the file could not be brought as a whole; nothing of it is visible.
    """
    deadline = Deadline(clock or SystemClock(), rules.deadline_seconds)
    with Transport(rules, deadline) as transport:
        return [_Download(rules, place, inbox, deadline, transport).run()]


def request_digest(rules: HttpRules) -> str:
    """Return what tells requests apart: an ETag means something for the same request only.

    Secrets are in it as references: another password asks for the same thing.
    """
    shaping = {"url", "method", "query", "body", "records", "paging"}
    asked = rules.model_dump(mode="json", include=shaping)
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:REQUEST_DIGITS]


class _Download:
    def __init__(
        self,
        rules: HttpFetch,
        place: Source | Table,
        inbox: Inbox,
        deadline: Deadline,
        transport: Transport,
    ) -> None:
        self._rules, self._place, self._inbox = rules, place, inbox
        self._deadline, self._transport = deadline, transport
        self._request = request_digest(rules)
        self._attempts = rules.attempts if rules.method == "GET" else 1
        before = [o for o in inbox.origins(place.full_name) if o.request == self._request]
        self._known = before[-1] if before else None
        self._checksum = rules.sha256
        self._announced: str | None = None

    def run(self) -> Fetched:
        """Return what became of the file."""
        if self._rules.checksum_url:
            self._checksum = self._retry(self._read_checksum)
        if self._known and self._known.sha256 == self._checksum:
            return self._unchanged()
        name = f"{self._place.full_name}-{self._request}"
        with Part(self._inbox.part(name)) as part:
            answer = self._retry(lambda: self._attempt(part))
            if answer is None or (self._known and self._known.sha256 == part.sha256):
                return self._unchanged()
            return self._publish(part, answer)

    def _attempt(self, part: Part) -> requests.Response | None:
        """Bring all of the file, or what is missing; None if it has not changed."""
        offset = part.size if part.etag else 0
        asked = self._condition()
        if offset:
            asked = {"Range": f"bytes={offset}-", "If-Range": part.etag}
        with closing(self._transport.ask(self._rules.url, asked)) as answer:
            where = redact(str(answer.url))
            if answer.status_code == 304 and not offset and asked:
                return None
            if answer.status_code == 416 and offset:
                part.restart("")
                raise TransientError(f"{where}: has nothing after byte {offset}.", wait=0)
            continued = answer.status_code == 206 and offset > 0
            if not continued and answer.status_code != 200:
                raise ContrailError(
                    f"{where}: the server answers {answer.status_code}, which does not answer this "
                    "request. Ask whoever runs it."
                )
            if continued and not continues(answer, offset, part.etag):
                part.restart("")
                raise TransientError(
                    f"{where}: what the server sends is not the rest of what came before; it "
                    "begins again.",
                    wait=0,
                )
            before = offset if continued else 0
            body = Body(answer, self._deadline, self._rules.max_bytes - before)
            self._check_length_is_known(body, answer, where)
            if not continued:
                etag = answer.headers.get("ETag", "")
                part.restart(etag if etag.startswith('"') and not body.encoded else "")
            for piece in body:
                part.write(piece)
            if continued and whole_length(answer) not in {None, part.size}:
                raise TransientError(f"{where}: {part.size} of {whole_length(answer)} bytes came.")
            self._announced = announced_sha256(answer)
            self._compare(part, body, continued, where)
            return answer

    def _condition(self) -> dict[str, str]:
        """Return headers that let the server answer that nothing changed.

        Not when a checksum says already that something did.
        """
        if self._known is None or self._checksum or self._rules.method != "GET":
            return {}
        if self._known.etag:
            return {"If-None-Match": self._known.etag}
        if self._known.last_modified:
            return {"If-Modified-Since": self._known.last_modified}
        return {}

    def _check_length_is_known(self, body: Body, answer: requests.Response, where: str) -> None:
        checked = self._checksum or announced_sha256(answer)
        if not (body.has_proof or checked or self._rules.allow_unknown_length):
            raise ContrailError(
                f"{where}: the server does not say how long the file is, so that a cut one would "
                "look complete. Declare sha256 or checksum_url, or allow_unknown_length: true."
            )

    def _compare(self, part: Part, body: Body, continued: bool, where: str) -> None:
        """Compare what came with the checksums of the contract and of the server."""
        came = body.wire_sha256.hexdigest() if body.encoded else part.sha256
        compared = ((self._checksum, part.sha256, "declared"), (self._announced, came, "server's"))
        for wanted, sha256, whose in compared:
            if wanted and wanted != sha256:
                part.restart("")
                message = f"{where}: the content has sha256 {sha256}, not the {whose} {wanted}."
                if continued:
                    raise TransientError(f"{message} It begins again.", wait=0)
                raise ContrailError(f"{message} Nothing of it was kept; fetch it again later.")

    def _read_checksum(self) -> str:
        """Return the sha256 that another file of the server names."""
        url = self._rules.checksum_url or ""
        with closing(self._transport.read(url)) as answer:
            body = Body(answer, self._deadline, MAX_CHECKSUM_BYTES)
            text = b"".join(body).decode(errors="replace")
        return pick_checksum(text, self._rules.url, url)

    def _publish(self, part: Part, answer: requests.Response) -> Fetched:
        rules, moment = self._rules, self._deadline.clock.now()
        etag = answer.headers.get("ETag")
        compared = self._checksum or self._announced
        origin = Origin(
            target=self._place.full_name,
            kind=rules.kind,
            uri=rules.url,
            request=self._request,
            file=self._inbox.unused_name(rules.as_, moment, etag, part.sha256),
            bytes=part.size,
            sha256=part.sha256,
            fetched_at=moment,
            etag=etag,
            last_modified=answer.headers.get("Last-Modified"),
            checksum=f"sha256:{compared}" if compared else None,
        )
        self._inbox.publish(part.path, origin)
        return Fetched("fetched", origin.file, origin)

    def _unchanged(self) -> Fetched:
        assert self._known is not None  # noqa: S101
        return Fetched("unchanged", self._known.file, self._known)

    def _retry(self, do: Callable[[], Result]) -> Result:
        return retry(do, self._attempts, self._deadline, self._inbox.say)
