"""What needs a look, and the verdict that follows from it."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from python_loaders.report.landed import Landed
from python_loaders.report.ran import Ran, Row
from python_loaders.report.words import count, hours, seconds

RECENT = dt.timedelta(days=30)
# A model is slower than it used to be: by this factor, and not by a blink.
SLOWER = 2.0
LEAST_RUNS = 3
LEAST_SECONDS = 1.0


class Level(StrEnum):
    """How bad it is."""

    BAD = "bad"
    LOOK = "look"
    WELL = "well"


@dataclass(frozen=True)
class Finding:
    """Something to look at: what, the details, what to do, and where the page says more."""

    level: Level
    what: str
    details: str
    advice: str
    section: str


def find(landed: Landed, ran: Ran, advice: Mapping[str, str], now: dt.datetime) -> list[Finding]:
    """Return what needs a look, the worst first."""
    found = [
        *_builds(landed, ran),
        *_tests(ran, advice),
        *_landing(landed, now),
        *_freshness(ran, now),
        *_times(ran),
    ]
    return sorted(found, key=lambda finding: list(Level).index(finding.level))


def verdict(findings: list[Finding], ran: Ran) -> tuple[Level, str]:
    """Return the level of the page and its first sentence."""
    bad = sum(finding.level is Level.BAD for finding in findings)
    if bad:
        return Level.BAD, f"{count(bad, 'thing')} failed."
    if findings:
        return Level.LOOK, f"Nothing failed; {count(len(findings), 'thing')} to look at."
    if not ran.runs:
        return Level.LOOK, "Nothing is known yet."
    return Level.WELL, "All is well."


def _builds(landed: Landed, ran: Ran) -> Iterator[Finding]:
    if landed.problem:
        yield Finding(Level.BAD, "The quarantine cannot be read", landed.problem, "", "landed")
    if ran.problem:
        yield Finding(Level.LOOK, "Runs are not known", ran.problem, "", "tests")
    for node in ran.last_build:
        if node["resource_type"] not in ("test", "unit_test") and node["status"] == "error":
            yield Finding(
                Level.BAD,
                f"{node['node_name']} was not built",
                node["message"] or "",
                "Mend it, then `dbt retry`.",
                "times",
            )
    staged = ran.build and ran.build["commit_seq"]
    waiting = landed.newest - (staged or 0)
    if ran.runs and waiting > 0:
        yield Finding(
            Level.LOOK,
            f"{count(waiting, 'commit')} not built yet",
            f"The log has {landed.newest}, the last build {staged or 'none'}.",
            "Run `make`.",
            "landed",
        )


def _tests(ran: Ran, advice: Mapping[str, str]) -> Iterator[Finding]:
    last = {row["unique_id"]: row for row in ran.unsteady}
    for test in ran.tests:
        status = test["last_status"]
        if status != "pass":
            outcome = last.get(test["unique_id"], {})
            rows = outcome.get("failures")
            how = {"warn": "warns", "fail": "fails"}.get(status, "is broken")
            yield Finding(
                Level.LOOK if status == "warn" else Level.BAD,
                f"{test['test_name']} {how}" + (f": {count(rows, 'row')}" if rows else ""),
                outcome.get("message") or "",
                advice.get(test["unique_id"], ""),
                "tests",
            )
        elif test["is_flaky"]:
            yield Finding(
                Level.LOOK,
                f"{test['test_name']} is flaky",
                f"It passed and failed on the same code and data, {test['failed_runs']} of "
                f"{count(test['runs'], 'run')}.",
                "It depends on something else: a clock, an order, another run. Find out which.",
                "tests",
            )


def _landing(landed: Landed, now: dt.datetime) -> Iterator[Finding]:
    for table in landed.tables:
        if table.rejected:
            yield Finding(
                Level.LOOK,
                f"{count(table.rejected, 'record')} of {table.source}.{table.table} in quarantine",
                f"{table.rows:,} were landed.",
                f"See `contrail rejects {table.source}.{table.table}`.",
                "landed",
            )
    for delivery in landed.deliveries:
        commit = delivery.commit
        if commit.accepted_change and delivery.state == "live" and now - commit.landed_at < RECENT:
            yield Finding(
                Level.LOOK,
                f"Commit {commit.seq} of {delivery.place} was accepted by hand",
                "; ".join(commit.accepted_change),
                "",
                "landed",
            )
    for change in landed.changes:
        if now - change.commit.landed_at < RECENT and not change.taken_back:
            yield Finding(
                Level.LOOK,
                f"The columns of {change.place} changed",
                change.change,
                "See `contrail status --schema`.",
                "schema",
            )


def _freshness(ran: Ran, now: dt.datetime) -> Iterator[Finding]:
    for row in ran.limits:
        state = freshness(row, now)
        if state is not Level.WELL and row["last_landed_at_utc"]:
            limit = row["error_after_hours" if state is Level.BAD else "warn_after_hours"]
            yield Finding(
                state,
                f"{row['source_name']}.{row['table_name']} is not fresh",
                f"Nothing was landed for more than {hours(limit)}.",
                "Fetch it, or ask who delivers it.",
                "freshness",
            )


def freshness(row: Row, now: dt.datetime) -> Level:
    """Return how late a table is by its source's own limits."""
    if row["errs_from_utc"] and row["errs_from_utc"] <= now:
        return Level.BAD
    if row["warns_from_utc"] and row["warns_from_utc"] <= now:
        return Level.LOOK
    return Level.WELL


def is_slower(row: Row) -> bool:
    """Say whether a model took much longer than it used to."""
    return bool(
        row["ratio"]
        and row["ratio"] >= SLOWER
        and row["earlier_runs"] >= LEAST_RUNS
        and row["last_seconds"] >= LEAST_SECONDS
    )


def _times(ran: Ran) -> Iterator[Finding]:
    for row in ran.times:
        build = ran.build
        if build and row["last_run_at_utc"] == build["started_at_utc"] and is_slower(row):
            yield Finding(
                Level.LOOK,
                f"{row['node_name']} took {row['ratio']:.1f} times as long as usual",
                f"{seconds(row['last_seconds'])}; the median of {row['earlier_runs']} runs is "
                f"{seconds(row['median_seconds'])}.",
                "Did it get more rows, or less of the machine?",
                "times",
            )
