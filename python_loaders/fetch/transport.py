"""Send one request and follow its redirects; certificates are always verified.

Errors of the libraries are worded again: their own may show the whole address. A secret that was
declared goes to the declared host only, not to where that host redirects.
"""

import threading
from collections.abc import Mapping
from contextlib import closing
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import HTTPBasicAuth
from urllib3.exceptions import HTTPError

from python_loaders.contract.fetch_http import HttpRules
from python_loaders.contract.secrets import conceal, is_reference, redact, resolve
from python_loaders.errors import ContrailError
from python_loaders.fetch.answer import refusal_text
from python_loaders.fetch.retry import Deadline, TransientError, retry_after

MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class _Session(requests.Session):
    """Leaves redirects to us: requests would read their bodies, whatever their size."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        return None


class Transport:
    """One conversation about one `fetch:` mapping: its secrets are resolved here, once."""

    def __init__(self, rules: HttpRules, deadline: Deadline) -> None:
        self._rules = rules
        self._deadline = deadline
        self._session = _Session()
        self._headers = {name: _value(text) for name, text in rules.headers.items()}
        self._query = {name: _value(text) for name, text in rules.query.items()}
        self._home = _host(rules.url)
        self._auth = None
        if rules.basic:
            user, password = _value(rules.basic.user), resolve(rules.basic.password)
            self._auth = HTTPBasicAuth(_encoded(user), _encoded(password.get_secret_value()))
            conceal(f"{user}:{password.get_secret_value()}")
        if rules.bearer:
            token = resolve(rules.bearer).get_secret_value()
            self._headers["Authorization"] = f"Bearer {token}"
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

    def get(
        self, url: str, headers: Mapping[str, str], query: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Return the answer to the declared request, or to the same one at another address.

        Args:
            url: the address.
            headers: of this request only, beside the declared ones.
            query: replaces the declared one.

        Returns:
            The answer with a body that is not read yet; 2xx, 304 or 416. Close it.

        Raises:
            TransientError: another attempt may succeed.
            ContrailError: it will not.
        """
        asked = self._query if query is None else query
        answer = self._send(url, headers, asked)
        seen = {url}
        while answer.status_code in REDIRECTS and "Location" in answer.headers:
            with closing(answer):
                url = self._follow(answer, url, seen)
            answer = self._send(url, headers, {})
        if answer.status_code in {304, 416} or answer.status_code in range(200, 300):
            return answer
        with closing(answer):
            raise self._refusal(answer, url)

    def _follow(self, answer: requests.Response, url: str, seen: set[str]) -> str:
        """Return where a redirect leads to."""
        location = answer.headers["Location"]
        where = f"{redact(url)}: redirects to {redact(location)!r:.200}"
        if self._rules.method != "GET":
            raise ContrailError(f"{where}, which a POST does not follow. Correct the url.")
        try:
            target = urljoin(url, location)
            scheme, host, _ = _host(target)
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
        seen.add(target)
        return target

    def _send(
        self, url: str, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> requests.Response:
        at_home = _host(url) == self._home
        # Without compression, so that lengths and ranges are those of the file.
        sent = {"Accept-Encoding": "identity", "User-Agent": "contrail"}
        sent |= (self._headers if at_home else {}) | dict(headers)
        request = requests.Request(
            self._rules.method,
            url,
            headers={name: _encoded(value) for name, value in sent.items()},
            params=query,
            json=self._rules.body,
            # A callable that adds nothing keeps requests from looking into ~/.netrc.
            auth=(self._auth if at_home else None) or (lambda prepared: prepared),
        )
        self._deadline.check(redact(url))
        try:
            return self._exchange(self._session.prepare_request(request))
        except requests.exceptions.SSLError as error:
            raise ContrailError(
                f"{redact(url)}: the server's certificate is not valid: {redact(str(error))}. If "
                "it is your own, name its authority in REQUESTS_CA_BUNDLE."
            ) from error
        except requests.Timeout as error:
            raise TransientError(f"{redact(url)}: no answer in time.") from error
        except (requests.ConnectionError, HTTPError) as error:
            raise TransientError(f"{redact(url)}: {_reason(error)}.") from error
        except (requests.RequestException, ValueError) as error:
            raise ContrailError(
                f"{redact(url)}: the request or its answer is not valid: {redact(str(error))}"
            ) from error

    def _exchange(self, prepared: requests.PreparedRequest) -> requests.Response:
        """Send, and wait for the head of the answer no longer than the deadline.

        The timeout of a socket starts again with every byte, so a server that sends one now and
        then could hold us for ever. The thread of such a request is left behind.
        """
        rules, left = self._rules, max(self._deadline.remaining, 0.001)
        timeout = (min(rules.connect_seconds, left), min(rules.read_seconds, left))
        settings = self._session.merge_environment_settings(
            prepared.url, proxies={}, stream=True, verify=True, cert=None
        )
        answers: list[requests.Response] = []
        errors: list[Exception] = []

        def send() -> None:
            try:
                answers.append(self._session.send(prepared, timeout=timeout, **settings))
            except Exception as error:  # noqa: BLE001 - raised again by whoever waits
                errors.append(error)

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        thread.join(min(left, sum(timeout) * 2))
        if thread.is_alive():
            raise TransientError(
                f"{redact(str(prepared.url))}: the head of the answer is not complete in time."
            )
        if errors:
            raise errors[0]
        return answers[0]

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


def _encoded(text: str) -> bytes:
    """Headers are bytes; the default, Latin-1, fails for most texts."""
    return text.encode()


def _host(url: str) -> tuple[str, str | None, int | None]:
    """Return what must be the same for a secret to be sent along."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def _reason(error: Exception) -> str:
    """Word why a connection failed, without the address that the libraries repeat."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", None) or inner
    return redact(f"the connection failed: {type(inner).__name__} {inner}")
