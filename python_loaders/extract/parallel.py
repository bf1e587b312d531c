"""Parse blocks beside each other, and hand them over in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

# Parsing and writing are native code that runs beside Python. More blocks in flight than this
# only cost memory.
PARSERS = 2
BLOCKS_IN_FLIGHT = 3

B = TypeVar("B")
R = TypeVar("R")


def in_flight(blocks: Iterable[B], parse: Callable[[B], R]) -> Iterator[R]:
    """Yield what `parse` makes of each block, while the following ones are being parsed."""
    pending: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(PARSERS)
    try:
        for block in blocks:
            pending.append(pool.submit(parse, block))
            if len(pending) == BLOCKS_IN_FLIGHT:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:  # whoever stops early does not wait for blocks that nobody will see
        pool.shutdown(wait=False, cancel_futures=True)
