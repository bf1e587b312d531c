"""The charts of the page. Each returns none where there is nothing to draw."""

from collections.abc import Sequence

import altair as alt

from python_loaders.contract.secrets import redact
from python_loaders.printable import printable
from python_loaders.report.figure import TEXT, WIDE, Figure, draw, scale
from python_loaders.report.landed import Delivery
from python_loaders.report.ran import Ran
from python_loaders.report.words import count

# Rows of a chart: more cannot be read.
MOST_TESTS = 25
LONGEST_NODES = 12
NAME_LENGTH = 44


def deliveries_chart(deliveries: Sequence[Delivery]) -> Figure | None:
    """Draw the rows of each commit, by its number."""
    points = [
        {
            "commit": delivery.commit.seq,
            "rows": max(delivery.commit.rows_landed, 1),
            "state": "with rejects" if delivery.commit.rows_rejected else delivery.state,
        }
        for delivery in deliveries
        if delivery.state != "undo"
    ]
    if not points:
        return None

    def chart(width: int) -> alt.TopLevelMixin:
        return (
            alt.Chart(alt.Data(values=points), width=width - 70, height=190)
            .mark_circle(size=70 if len(points) < 200 else 22, opacity=0.75)
            .encode(
                x=alt.X("commit:Q", title="commit", axis=alt.Axis(format="d", tickMinStep=1)),
                y=alt.Y(
                    "rows:Q",
                    title="rows",
                    scale=alt.Scale(type="log"),
                    axis=alt.Axis(format="~s", tickCount=5),
                ),
                color=alt.Color(
                    "state:N",
                    scale=scale(
                        **{
                            "live": "well",
                            "with rejects": "look",
                            "replaced": "plain",
                            "taken back": "bad",
                        }
                    ),
                ),
            )
        )

    return draw(chart, f"Rows of {count(len(points), 'delivery', 'deliveries')}, oldest first")


def tests_chart(ran: Ran) -> Figure | None:
    """Draw the tests that have not always passed, run by run."""
    order = [run["invocation_id"] for run in ran.runs]
    names: dict[str, str] = {}
    for row in reversed(ran.unsteady):
        if row["invocation_id"] in order and len(names) < MOST_TESTS:
            names.setdefault(row["unique_id"], _name(row["test_name"]))
    cells = [
        {
            "test": names[row["unique_id"]],
            "run": order.index(row["invocation_id"]) - len(order),
            "status": "fails" if row["status"] in ("fail", "error") else row["status"],
        }
        for row in ran.unsteady
        if row["unique_id"] in names and row["invocation_id"] in order
    ]
    if not cells:
        return None

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 270 if width == WIDE else 150
        return (
            alt.Chart(alt.Data(values=cells), width=width - labels - 20, height=alt.Step(20))
            .mark_rect(stroke=TEXT, strokeOpacity=0.25, cornerRadius=2)
            .encode(
                x=alt.X(
                    "run:O",
                    title="run, counted back from the last",
                    scale=alt.Scale(domain=list(range(-len(order), 0)), paddingInner=0.12),
                    axis=alt.Axis(labelAngle=0, labelOverlap=True),
                ),
                y=alt.Y("test:N", title=None, axis=alt.Axis(labelLimit=labels)),
                color=alt.Color(
                    "status:N", scale=scale(**{"pass": "well", "warn": "look", "fails": "bad"})
                ),
            )
        )

    return draw(chart, "Tests that have not always passed, and how they went in each run")


def build_chart(ran: Ran) -> Figure | None:
    """Draw the last build: what its end waited for, and what took longest beside it."""
    begin = min(
        (row["started_at_utc"] for row in ran.last_build if row["started_at_utc"]), default=None
    )
    if begin is None:
        return None
    path = {row["unique_id"] for row in ran.critical_path}
    timed = [row for row in ran.last_build if row["started_at_utc"] and row["completed_at_utc"]]
    longest = sorted(timed, key=lambda row: -(row["seconds"] or 0))[: LONGEST_NODES + len(path)]
    beside = [row for row in longest if row["unique_id"] not in path][:LONGEST_NODES]
    shown = sorted(
        [*beside, *(row for row in timed if row["unique_id"] in path)],
        key=lambda row: (row["started_at_utc"], row["completed_at_utc"]),
    )
    bars = [
        {
            "node": _name(row["node_name"]),
            "from": (row["started_at_utc"] - begin).total_seconds(),
            "to": (row["completed_at_utc"] - begin).total_seconds(),
            "kind": "critical path" if row["unique_id"] in path else "beside it",
        }
        for row in shown
    ]

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 270 if width == WIDE else 150
        return (
            alt.Chart(alt.Data(values=bars), width=width - labels - 20, height=alt.Step(17))
            .mark_bar(height=11, cornerRadius=2, minBandSize=2)
            .encode(
                x=alt.X("from:Q", title="seconds since the first node began"),
                x2="to:Q",
                y=alt.Y("node:N", sort=None, title=None, axis=alt.Axis(labelLimit=labels)),
                color=alt.Color(
                    "kind:N", scale=scale(**{"critical path": "path", "beside it": "plain"})
                ),
            )
        )

    return draw(chart, "The last build: its critical path, and what took longest beside it")


def trend_chart(ran: Ran) -> Figure | None:
    """Draw how long builds took."""
    points = [
        {
            "at": run["started_at_utc"].isoformat(),
            "seconds": run["seconds"],
            "build": "everything anew" if run["is_full_refresh"] else "what is new",
        }
        for run in ran.runs
        if run["command"] == "build" and not run["selection"]
    ]
    if len(points) < 2:
        return None

    def chart(width: int) -> alt.TopLevelMixin:
        base = alt.Chart(alt.Data(values=points), width=width - 70, height=150).encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(tickCount=4, labelOverlap=True)),
            y=alt.Y("seconds:Q", title="seconds", axis=alt.Axis(tickCount=4)),
            color=alt.Color(
                "build:N", scale=scale(**{"everything anew": "strong", "what is new": "well"})
            ),
        )
        return base.mark_line(opacity=0.5) + base.mark_circle(size=55)

    return draw(chart, "Seconds of each whole build")


def _name(text: str) -> str:
    """Return a name as an axis can hold it; the end of our names says more than the middle."""
    shown = printable(redact(text))
    half = NAME_LENGTH // 2
    return shown if len(shown) <= NAME_LENGTH else f"{shown[:half]}…{shown[-half + 1 :]}"
