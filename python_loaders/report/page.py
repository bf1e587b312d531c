"""The page: everything that was found out, in one HTML file that needs no network."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from python_loaders.contract.secrets import redact
from python_loaders.printable import printable
from python_loaders.report import charts, words
from python_loaders.report.findings import find, freshness, is_slower, verdict
from python_loaders.report.landed import Landed
from python_loaders.report.ran import Ran
from python_loaders.report.unusual import Monitor
from python_loaders.report.unusual_chart import unusual_charts

HERE = Path(__file__).parent
CODE = re.compile("`([^`]+)`")


@dataclass(frozen=True)
class Subject:
    """What the page is about."""

    target: str
    landed: Landed
    ran: Ran
    advice: Mapping[str, str]
    monitors: Sequence[Monitor] = field(default_factory=tuple)


def render(subject: Subject, now: dt.datetime) -> str:
    """Return the page as of a moment in UTC, without a zone."""
    landed, ran = subject.landed, subject.ran
    findings = find(landed, ran, subject.advice, now)
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            subject=subject,
            landed=landed,
            ran=ran,
            now=now,
            findings=findings,
            verdict=verdict(findings, ran),
            figures={
                "deliveries": charts.deliveries_chart(landed.deliveries),
                "tests": charts.tests_chart(ran),
                "build": charts.build_chart(ran),
                "trend": charts.trend_chart(ran),
            },
            unusual=unusual_charts(subject.monitors),
            monitors=[monitor for monitor in subject.monitors if monitor.days],
            limits={(row["source_name"], row["table_name"]): row for row in ran.limits},
            freshness=freshness,
            is_slower=is_slower,
            words=words,
            style=Markup((HERE / "style.css").read_text(encoding="utf-8")),  # noqa: S704
        )
    )


def _environment() -> Environment:
    """Every value is escaped, and shown as what it is: no secrets, nothing invisible."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["code"] = _code
    return environment


def _code(text: str) -> Markup:
    """Show what stands between backticks as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(_shown(text)))))  # noqa: S704


def _shown(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(redact(value), keep="\n")
    return value
