"""How long PostgreSQL's tables are locked against readers: look at pg_locks all the time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import multiprocessing
    from multiprocessing.synchronize import Event

    import psycopg

PAUSE = 0.002
# Relations that readers can see; one that a transaction is still making bothers nobody.
LOCKS = """
    select pid, relname
    from pg_locks
    inner join pg_class on pg_class.oid = relation
    where mode = 'AccessExclusiveLock' and granted and relnamespace = to_regnamespace('contrail')
        and relkind in ('r', 'p', 'v')"""


def watch(connection: psycopg.Connection, stop: Event, out: multiprocessing.Queue) -> None:
    """Put the longest time that a lock was seen, in seconds, and the relation that had it."""
    since: dict[tuple[int, str], float] = {}
    longest = (0.0, "nothing")
    while not stop.is_set():
        now = time.monotonic()
        held = set(connection.execute(LOCKS).fetchall())
        since = {lock: since.get(lock, now) for lock in held}
        for (_, relation), began in since.items():
            longest = max(longest, (time.monotonic() - began, relation))
        time.sleep(PAUSE)
    out.put(longest)
