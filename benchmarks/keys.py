"""Size and join time of five kinds of surrogate key, 3 M facts on a dimension of 6,000.

python benchmarks/keys.py

Prints one line per kind: megabytes of the key column in a DuckDB file, and the best of nine
times of a join with group by, in milliseconds. The figures stand in docs/adr/0001-keys.md.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb

FACTS = 3_000_000
MEMBERS = 6_000
BLOCK_BYTES = 262_144
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

PACKED = " + ".join(
    f"cast(position(substr(code, {place + 1}, 1) in '{ALPHABET}') as bigint) * {37 ** (5 - place)}"
    for place in range(6)
)
KINDS = {
    "natural text, 6 characters": "code",
    "md5 text": "md5(code)",
    "60 bits of md5 as bigint": "cast('0x' || substr(md5(code), 1, 15) as bigint)",
    "code and day packed into a bigint": f"({PACKED}) * 100000 + i % 2 * 45000",
    "dense integer": "i",
}


def measure(expression: str, path: Path) -> tuple[float, float]:
    """Return the size of the key column in MB and the best join time in ms."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("set threads = 2")
        connection.execute(
            f"""create temp table members as
            select i, lpad(to_base(cast(hash(i) % 2176782336 as bigint), 36), 6, '0') as code
            from range({MEMBERS}) as r (i)"""
        )
        connection.execute(
            f"create table dim as select {expression} as k, i % 50 as class, i from members"
        )
        connection.execute(
            f"""create table fact as
            select dim.k from range({FACTS}) as r (n)
            inner join dim on cast(hash(r.n) % {MEMBERS} as bigint) = dim.i"""
        )
        connection.execute("checkpoint")
        (blocks,) = connection.execute(
            "select count(distinct block_id) from pragma_storage_info('fact') where block_id >= 0"
        ).fetchone()
        seconds = []
        for _ in range(9):
            start = time.perf_counter()
            connection.execute(
                "select class, count(*) from fact inner join dim on fact.k = dim.k group by class"
            ).fetchall()
            seconds.append(time.perf_counter() - start)
    return blocks * BLOCK_BYTES / 1e6, min(seconds) * 1000


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        for number, (kind, expression) in enumerate(KINDS.items()):
            megabytes, milliseconds = measure(expression, Path(folder) / f"{number}.duckdb")
            print(f"{kind:36} {megabytes:6.1f} MB {milliseconds:6.0f} ms")


if __name__ == "__main__":
    main()
