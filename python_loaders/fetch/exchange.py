"""One request and the head of its answer; the errors of the libraries are worded again.

Their own may show the whole address, with what is secret in it.
"""

import threading

import requests
from urllib3.exceptions import HTTPError

from python_loaders.contract.fetch_http import HttpRules
from python_loaders.contract.secrets import redact
from python_loaders.errors import ContrailError
from python_loaders.fetch.retry import Deadline, TransientError


class Session(requests.Session):
    """Leaves redirects to us: requests would read their bodies, whatever their size."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002
        """Follow nothing."""
        return


def exchange(
    session: Session, request: requests.Request, rules: HttpRules, deadline: Deadline
) -> requests.Response:
    """Return the answer; its body is not read yet.

    Raises:
        TransientError: another attempt may succeed.
        ContrailError: it will not, or the deadline is over.
    """
    where = redact(str(request.url))
    deadline.check(where)
    try:
        return _send(session, session.prepare_request(request), rules, deadline)
    except requests.exceptions.SSLError as error:
        raise ContrailError(
            f"{where}: the server's certificate is not valid: {redact(str(error))}. If it is your "
            "own, name its authority in REQUESTS_CA_BUNDLE."
        ) from error
    except requests.Timeout as error:
        raise TransientError(f"{where}: no answer in time.") from error
    except (requests.ConnectionError, HTTPError) as error:
        raise TransientError(f"{where}: the connection failed: {_reason(error)}.") from error
    except (requests.RequestException, ValueError) as error:
        raise ContrailError(
            f"{where}: the request or its answer is not valid: {redact(str(error))}"
        ) from error


def _send(
    session: Session, prepared: requests.PreparedRequest, rules: HttpRules, deadline: Deadline
) -> requests.Response:
    """Send, and wait for the head of the answer no longer than the deadline.

    The timeout of a socket starts again with every byte, so a server that sends one now and then
    could hold us for ever. The thread of such a request is left behind.
    """
    left = max(deadline.remaining, 0.001)
    timeout = (min(rules.connect_seconds, left), min(rules.read_seconds, left))
    settings = session.merge_environment_settings(
        prepared.url, proxies={}, stream=True, verify=True, cert=None
    )
    answers: list[requests.Response] = []
    errors: list[Exception] = []

    def send() -> None:
        try:
            answers.append(session.send(prepared, timeout=timeout, **settings))
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            errors.append(error)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    thread.join(min(left, sum(timeout) * 2))
    if thread.is_alive():
        raise requests.ReadTimeout("the head of the answer is not complete")
    if errors:
        raise errors[0]
    return answers[0]


def _reason(error: Exception) -> str:
    """Word why a connection failed, without the address that the libraries repeat."""
    inner = error.args[0] if error.args else error
    inner = getattr(inner, "reason", None) or inner
    return redact(f"{type(inner).__name__} {inner}")
