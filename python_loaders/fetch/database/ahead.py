"""Read a stream of Arrow in a thread, so that the main thread can be stopped at any time."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa

from python_loaders.errors import ContrailError

BATCHES_AHEAD = 2
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True)
class _End:
    """The end of the stream, or why it ended."""

    error: BaseException | None = None


class _Reader:
    """The thread, and the batches that it has read and nobody has taken yet."""

    def __init__(self, begin: Callable[[], pa.RecordBatchReader]) -> None:
        self.waiting: queue.Queue[pa.RecordBatch | _End] = queue.Queue(BATCHES_AHEAD)
        self.stopped = threading.Event()
        self._begin = begin
        self.thread = threading.Thread(target=self._run, name="read-ahead", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            for batch in self._begin():
                self._put(batch)
                if self.stopped.is_set():
                    return
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._put(_End(error))

    def _put(self, item: pa.RecordBatch | _End) -> None:
        while not self.stopped.is_set():
            with suppress(queue.Full):
                self.waiting.put(item, timeout=0.1)
                return


def read_ahead(
    begin: Callable[[], pa.RecordBatchReader], cancel: Callable[[], None], seconds: float
) -> Iterator[pa.RecordBatch]:
    """Yield batches while the next ones are on their way.

    A driver that waits for the network inside of C hears neither Ctrl-C nor SIGTERM; here it
    waits in another thread, and is cancelled when the generator is closed.

    Args:
        begin: opens the stream; runs in the thread.
        cancel: ends a wait in the thread.
        seconds: the longest wait for a batch.

    Raises:
        ContrailError: nothing came for so long.
    """
    reader = _Reader(begin)
    try:
        while not isinstance(item := reader.waiting.get(timeout=seconds), _End):
            yield item
        reader.thread.join()  # a cancel after the end would hit the next statement
        if item.error is not None:
            raise item.error
    except queue.Empty:
        raise ContrailError(
            f"no row came for read_seconds {seconds:g}. Look whether the database is busy or "
            "locked, or allow more time in the contract; fetch again."
        ) from None
    finally:
        reader.stopped.set()
        if reader.thread.is_alive():
            cancel()
            reader.thread.join(PATIENCE_SECONDS)
