"""SIGTERM and Ctrl-C end staging on PostgreSQL within two seconds, wherever it is."""

import signal
import time
from collections.abc import Callable

import pytest
from ferries import Ferries, year
from forked import Child, ForkServer

from python_loaders.stage.postgres import STAGING_LOCK

CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}


def stage(ferries: Ferries, forks: ForkServer, fault: str = "") -> Child:
    command = ("stage", "--target", "postgres")
    return forks.start(
        ferries.root,
        *command,
        points=("postgres",),
        fault=fault,
        environment=ferries.connection.environment(),
    )


def assert_ends(child: Child, number: int) -> None:
    begin = time.monotonic()
    child.send(number)
    assert child.wait() == CODES[signal.Signals(number)], child.output
    assert time.monotonic() - begin < 2
    assert "Traceback" not in child.output


@pytest.mark.fault("SIGTERM and Ctrl-C", outcome="ends within 2 s with 143 or 130, leaves nothing")
@pytest.mark.parametrize("number", CODES, ids=["SIGTERM", "SIGINT"])
def test_in_the_middle_of_a_delivery(ferries: Ferries, forks: ForkServer, number: int) -> None:
    ferries.land("crossings2020.csv", year(2020))
    ferries.stage()
    ferries.land("crossings2020.csv", year(2020).replace("Aurora", "Aurora II"))
    child = stage(ferries, forks, fault="wait:postgres copy:after")
    child.wait_until_reached()
    assert_ends(child, number)
    ships = "select ship from raw_ferries.crossings where _source_row = 1"
    assert ferries.rows(ships) == [("Aurora",)]
    ferries.stage()
    assert ferries.rows(ships) == [("Aurora II",)]


@pytest.mark.parametrize("number", CODES, ids=["SIGTERM", "SIGINT"])
def test_while_it_waits_for_another(ferries: Ferries, forks: ForkServer, number: int) -> None:
    """The wait is in the server, and is cancelled there as well."""
    ferries.land("crossings2020.csv", year(2020))
    with ferries.connection.connect() as session:
        session.execute("select pg_advisory_lock(%s)", [STAGING_LOCK])
        child = stage(ferries, forks)
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        wait_until(lambda: ferries.rows(waiting) == [(1,)])
        assert_ends(child, number)
        wait_until(lambda: ferries.rows(waiting) == [(0,)])
    ferries.stage()
    assert ferries.counts() == {2020: 3}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
