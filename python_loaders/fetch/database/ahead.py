"""Read a stream of Arrow in a thread, so that the main thread can be stopped at any time."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from python_loaders.errors import ContrailError

BATCHES_AHEAD = 2
PATIENCE_SECONDS = 0.7


@dataclass(frozen=True)
class _End:
    """The end of the stream, or why it ended."""

    error: BaseException | None = None


class ReadAhead:
    """Batches that are taken while the next ones are on their way.

    A driver that waits for the network inside of C hears neither Ctrl-C nor SIGTERM. Here it
    waits in another thread, and is cancelled when nobody wants its batches any more.

    Args:
        begin: opens the stream; runs in the thread.
        cancel: ends a wait in the thread.
        seconds: the longest wait for a batch.
    """

    def __init__(
        self, begin: Callable[[], pa.RecordBatchReader], cancel: Callable[[], None], seconds: float
    ) -> None:
        self._begin, self._cancel, self._seconds = begin, cancel, seconds
        self._waiting: queue.Queue[pa.RecordBatch | _End] = queue.Queue(BATCHES_AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)

    @property
    def is_stuck(self) -> bool:
        """Whether the thread goes on, although it was cancelled: a network that is gone."""
        return self._thread.is_alive()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all batches.

        Raises:
            ContrailError: nothing came for too long.
        """
        self._thread.start()
        try:
            while not isinstance(item := self._waiting.get(timeout=self._seconds), _End):
                yield item
            self._thread.join()  # a cancel after the end would hit the next statement
            if item.error is not None:
                raise item.error
        except queue.Empty:
            raise ContrailError(
                f"no row came for read_seconds {self._seconds:g}. Look whether the database is "
                "busy or locked, or allow more time in the contract; fetch again."
            ) from None
        finally:
            self._stopped.set()
            if self._thread.is_alive():
                # To cancel means to connect, which may hang as well.
                canceller = threading.Thread(target=self._cancel, daemon=True)
                canceller.start()
                canceller.join(PATIENCE_SECONDS)
                self._thread.join(PATIENCE_SECONDS)

    def _run(self) -> None:
        try:
            for batch in self._begin():
                self._put(batch)
                if self._stopped.is_set():
                    return
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._put(_End(error))

    def _put(self, item: pa.RecordBatch | _End) -> None:
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._waiting.put(item, timeout=0.1)
                return
