"""People who read all the time, in every order of joins, and look closely at what they get."""

import threading
import time
from itertools import permutations

from harbour import FACTS, Harbour

QUERY = """
    select to_char({day}, 'YYYY-MM'), count(*), count(distinct delivery), sum(seats), max(port_name)
    from {joins} group by 1
"""


class Readers:
    """One thread for each order of joins and each fact, for as long as the context lasts."""

    def __init__(self, harbour: Harbour) -> None:
        self.harbour = harbour
        self.seen: set[tuple[str, int]] = set()
        self.answers = 0
        self.slowest = 0.0
        self.failures: list[str] = []
        self._over = threading.Event()
        queries = [
            QUERY.format(day=day, joins=" natural join ".join(order))
            for fact, day in FACTS.items()
            for order in permutations((fact, "dim_ferry", "dim_port"))
        ]
        self._threads = [threading.Thread(target=self._read, args=[query]) for query in queries]

    def _read(self, query: str) -> None:
        try:
            with self.harbour.session() as session:
                # Join in the order of the query, and so lock in it.
                session.execute("set join_collapse_limit = 1")
                while not self._over.wait(0.05):
                    began = time.monotonic()
                    for month, rows, deliveries, *_ in session.execute(query).fetchall():
                        assert deliveries == 1, f"{month} in {rows} rows of {deliveries} deliveries"
                        self.seen.add((month, rows))
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    self.answers += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the test's result
            self.failures.append(str(error))

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        assert not self.failures, "\n".join(self.failures)
