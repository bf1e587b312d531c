"""A server on this machine that answers as it is told, also in ways that no server should.

`server.plan(path, step, step, ...)` says what the requests of a path get, one step each; the last
step is repeated. A step is a function of the handler, most of them made by `reply`.
"""

import datetime as dt
import email.utils
import hashlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Step = Callable[["Handler"], None]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), None)


@dataclass
class Server:
    """The plans by path, and what was asked."""

    address: str
    seen: list[Seen] = field(default_factory=list)
    _plans: dict[str, list[Step]] = field(default_factory=dict)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, path: str, *steps: Step) -> str:
        """Return the address of a path that answers with these steps."""
        self._plans[path] = list(steps)
        return self.url(path)

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def next_step(self, path: str) -> Step:
        with self._mutex:
            steps = self._plans.get(path, [reply(status=404)])
            return steps.pop(0) if len(steps) > 1 else steps[0]

    def asked(self, path: str | None = None) -> list[Seen]:
        return [s for s in self.seen if path in {None, s.path.partition("?")[0]}]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Listener"

    def handle_one(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        talk = self.server.talk
        talk.seen.append(Seen(self.command, self.path, dict(self.headers.items()), body))
        with suppress(BrokenPipeError, ConnectionResetError):
            talk.next_step(self.path.partition("?")[0])(self)

    do_GET = do_POST = handle_one  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    talk: Server

    def handle_error(self, *_: object) -> None:
        """Connections that break are what this server is for."""


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server on a free port; with a certificate for localhost, over TLS."""
    with _Listener(("127.0.0.1", 0), Handler) as listener:
        address = "https://localhost" if context else "http://127.0.0.1"
        listener.talk = Server(f"{address}:{listener.server_port}")
        if context:
            listener.socket = context.wrap_socket(listener.socket, server_side=True)
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield listener.talk
        listener.shutdown()


def reply(
    body: bytes | str = b"",
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    cut: int | None = None,
    length: int | None = None,
    chunked: bool = False,
    nameless: bool = False,
    pause: float = 0,
) -> Step:
    """Make a step.

    Args:
        body: what is sent.
        status: of the answer.
        headers: beside the length.
        cut: only so many bytes are sent, then the connection is closed.
        length: what Content-Length says instead of the truth.
        chunked: no Content-Length but chunks; a cut leaves out the last one.
        nameless: neither: only the end of the connection ends the body.
        pause: seconds before each byte.
    """
    content = body.encode() if isinstance(body, str) else body

    def step(handler: Handler) -> None:
        told = dict(headers or {})
        if chunked:
            told["Transfer-Encoding"] = "chunked"
        elif not nameless and status != 304:
            told["Content-Length"] = str(len(content) if length is None else length)
        handler.head(status, told)
        sent = content if cut is None else content[:cut]
        if chunked and sent:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(sent), sent))
        elif pause:
            for byte in sent:
                time.sleep(pause)
                handler.wfile.write(bytes([byte]))
        else:
            handler.wfile.write(sent)
        if chunked and cut is None:
            handler.wfile.write(b"0\r\n\r\n")
        if cut is not None or nameless or len(content) != int(told.get("Content-Length", -1)):
            handler.close_connection = not (chunked and cut is None)

    return step


def reset() -> Step:
    """Break the connection off before any answer."""

    def step(handler: Handler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
        # The handler's files keep the socket open; without them closing it resets it.
        handler.rfile.close()
        handler.wfile.close()
        handler.connection.close()

    return step


def dripping_head(pause: float) -> Step:
    """Send the head of an answer byte by byte, and never its end."""

    def step(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(1000):
            time.sleep(pause)
            handler.wfile.write(b"x")

    return step


def redirect(target: str, status: int = 302) -> Step:
    return reply("elsewhere", status, {"Location": target})


def file(content: bytes, etag: str | None = None, cuts: list[int] | None = None) -> Step:
    """Serve a file as a good server does: conditional requests, and ranges if the ETag is strong.

    Args:
        content: the file.
        etag: with its quotes; by default of the content.
        cuts: lengths after which the next answers are cut.
    """
    tag = etag or f'"{hashlib.sha256(content).hexdigest()[:12]}"'
    left = list(cuts or [])
    modified = email.utils.format_datetime(dt.datetime(2024, 1, 2, tzinfo=dt.UTC), usegmt=True)

    def step(handler: Handler) -> None:
        headers = {"ETag": tag, "Last-Modified": modified}
        if handler.headers.get("If-None-Match") == tag:
            reply(status=304, headers=headers)(handler)
            return
        cut = left.pop(0) if left else None
        asked = handler.headers.get("Range")
        if asked and handler.headers.get("If-Range") == tag:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(content):
                reply(status=416, headers={"Content-Range": f"bytes */{len(content)}"})(handler)
                return
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            reply(content[begin:], 206, headers, cut=cut)(handler)
            return
        reply(content, headers=headers, cut=cut)(handler)

    return step
