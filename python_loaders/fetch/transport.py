"""Ask one server, as the contract says, and follow where it redirects to.

A secret that was declared goes to the declared host only, not to where that host redirects.
"""

from collections.abc import Mapping
from contextlib import closing
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
from pydantic import JsonValue
from requests.auth import HTTPBasicAuth

from python_loaders.contract.fetch_http import HttpRules
from python_loaders.contract.secrets import conceal, is_reference, redact, resolve
from python_loaders.errors import ContrailError
from python_loaders.fetch.answer import refusal_text
from python_loaders.fetch.exchange import Session, exchange
from python_loaders.fetch.retry import Deadline, TransientError, retry_after

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class Transport:
    """One conversation about one `fetch:` mapping: its secrets are resolved here, once."""

    def __init__(self, rules: HttpRules, deadline: Deadline) -> None:
        self._rules = rules
        self._deadline = deadline
        self._session = Session()
        self._headers = {name: _value(text) for name, text in rules.headers.items()}
        self._query = {name: _value(text) for name, text in rules.query.items()}
        self._home = host_of(rules.url)
        self._auth = None
        if rules.basic:
            user, password = _value(rules.basic.user), _value(rules.basic.password)
            self._auth = HTTPBasicAuth(user.encode(), password.encode())
            conceal(f"{user}:{password}")
        if rules.bearer:
            self._headers["Authorization"] = f"Bearer {_value(rules.bearer)}"
        for name, value in self._headers.items():
            if not value.isprintable():
                raise ContrailError(
                    f"{rules.label}: the value of the header {name} holds a line end or another "
                    "control character. Correct what env: or file: leads to."
                )

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(
        self,
        url: str,
        headers: Mapping[str, str],
        parameters: Mapping[str, JsonValue] | None = None,
    ) -> requests.Response:
        """Return the answer to the declared request, at its own address or another.

        Args:
            url: the address; parameters that its query names already are not added again.
            headers: of this request only, beside the declared ones.
            parameters: of this request only: in the query, or in the body of a POST.

        Returns:
            The answer with a body that is not read yet; 2xx, 304 or 416. Close it.

        Raises:
            TransientError: another attempt may succeed.
            ContrailError: it will not.
        """
        named = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
        query = {name: value for name, value in self._query.items() if name not in named}
        body = self._rules.body
        if self._rules.method == "POST" and isinstance(body, dict):
            body = body | dict(parameters or {})
        else:
            query |= {name: str(value) for name, value in (parameters or {}).items()}
        return self._follow(
            requests.Request(self._rules.method, url, headers, params=query, json=body)
        )

    def read(self, url: str) -> requests.Response:
        """Return the answer of another address, asked for without query and body."""
        return self._follow(requests.Request("GET", url, {}))

    def _follow(self, request: requests.Request) -> requests.Response:
        seen = [str(request.url)]
        answer = self._send(request)
        while answer.status_code in REDIRECTS and "Location" in answer.headers:
            with closing(answer):
                seen.append(self._target(answer, request.method, seen))
            answer = self._send(requests.Request("GET", seen[-1], request.headers))
        if answer.status_code in {304, 416} or answer.status_code in range(200, 300):
            return answer
        with closing(answer):
            raise self._refusal(answer, seen[-1])

    def _target(self, answer: requests.Response, method: str | None, seen: list[str]) -> str:
        """Return where a redirect leads to."""
        url, location = seen[-1], answer.headers["Location"]
        where = f"{redact(url)}: redirects to {redact(location)!r:.200}"
        if method != "GET":
            raise ContrailError(f"{where}, which a POST does not follow. Correct the url.")
        try:
            target = urljoin(url, location)
            scheme, host, _ = host_of(target)
        except ValueError:
            target, scheme, host = location, "", None
        if scheme not in {"http", "https"} or not host:
            raise ContrailError(f"{where}, which is no address of HTTP. Correct the url.")
        if target in seen or len(seen) > MAX_REDIRECTS:
            raise ContrailError(
                f"{where} after {len(seen) - 1} other redirects, a loop or a detour. Correct the "
                "url, or ask whoever runs the server."
            )
        if urlsplit(url).scheme == "https" and scheme == "http":
            raise ContrailError(f"{where}, which is not encrypted. Correct the url.")
        return target

    def _send(self, request: requests.Request) -> requests.Response:
        """Send a request with what the contract declares, as far as its host may know it."""
        at_home = host_of(str(request.url)) == self._home
        # Without compression, so that lengths and ranges are those of the file.
        headers = {"Accept-Encoding": "identity", "User-Agent": "contrail"}
        headers |= (self._headers if at_home else {}) | dict(request.headers)
        full = requests.Request(
            request.method,
            request.url,
            # As bytes: the default, Latin-1, fails for most texts.
            {name: value.encode() for name, value in headers.items()},
            params=request.params,
            json=request.json,
            # A callable that adds nothing keeps requests from looking into ~/.netrc.
            auth=(self._auth if at_home else None) or (lambda prepared: prepared),
        )
        return exchange(self._session, full, self._rules, self._deadline)

    def _refusal(self, answer: requests.Response, url: str) -> ContrailError:
        status = f"{answer.status_code} {answer.reason or ''}".strip()
        message = f"{redact(url)}: the server answers {status}."
        if answer.status_code in TRANSIENT:
            wait = retry_after(answer.headers, self._deadline.clock.now())
            return TransientError(message, wait)
        if answer.status_code in {401, 403, 407}:
            message += " Check who asks: basic, bearer or headers of the contract."
        return ContrailError(f"{message}{refusal_text(answer)}")


def _value(text: str) -> str:
    """Return a text of the contract, or the secret that it refers to."""
    return resolve(text).get_secret_value() if is_reference(text) else text


def host_of(url: str) -> tuple[str, str | None, int | None]:
    """Return what must be the same for a secret to be sent along: scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port
