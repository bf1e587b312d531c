"""Ctrl-C and SIGTERM end a command in good order: it tidies up, and its exit code says why.

Both become an exception in the main thread. It is a KeyboardInterrupt, whatever the signal,
because that is what libraries look for: psycopg cancels its query, subprocess ends its child.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALLED = 128


class Stopped(KeyboardInterrupt):
    """A signal asks the command to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = SIGNALLED + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise Stopped when a signal comes while this lasts; a second one ends the process at once.

    Nothing is lost then: what a process was doing is invisible until it is complete.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # A signal that is ignored, as after `nohup`, stays ignored.
    before = {number: handler for number, handler in handlers.items() if handler != signal.SIG_IGN}

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_DFL)
        raise Stopped(number)

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_process(exit_code: int) -> NoReturn:
    """End now, after everything was tidied up.

    Threads that still parse a block are not waited for, as Python does: it could take seconds.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
