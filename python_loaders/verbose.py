"""Logs and tracebacks, without secrets: those of the libraries show whole addresses."""

import logging
import sys
import threading
import traceback
from types import TracebackType

from python_loaders.contract.secrets import redact

FORMAT = "%(levelname)s %(name)s: %(message)s"
LOG = logging.getLogger(__name__)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _Handler(logging.StreamHandler):
    """One of its own type, so that it is found again."""


def set_up_logs(verbose: bool) -> None:
    """Send warnings, or everything if verbose, to standard error; tracebacks of faults as well."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler, _Handler):
            root.removeHandler(handler)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Formatter(FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.WARNING)
    sys.excepthook = _show
    threading.excepthook = lambda args: _show(args.exc_type, args.exc_value, args.exc_traceback)


def log_traceback(error: BaseException) -> None:
    """Show where an error comes from, if that is asked for."""
    LOG.debug("where the error comes from", exc_info=error)


def _show(
    kind: type[BaseException], error: BaseException | None, where: TracebackType | None
) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, where))))
