"""The page says what is so, the worst first, and shows every text as text."""

import re

import pytest
from example import (
    HOSTILE,
    NOW,
    broken,
    freshness_of,
    landed,
    large,
    nothing,
    outcome,
    ran,
    reliability,
    run,
    well,
)

from python_loaders.contract.secrets import conceal
from python_loaders.report.findings import Level, find, verdict
from python_loaders.report.page import Subject, render


def texts(page: str, tag: str) -> list[str]:
    """The words of each element of a name."""
    found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, flags=re.DOTALL)
    return [re.sub(r"<[^>]+>", "", element).strip() for element in found]


def test_all_is_well() -> None:
    page = render(well(), NOW)
    assert texts(page, "h1") == ["All is well."]
    assert texts(page, "h3") == ["Last deliveries"]
    assert "6 of 6 tests have passed in all their runs, of which there were 20." in page
    assert page.count("<svg") == 2 * 3  # deliveries, the last build, the trend of builds
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:,)""", page)


def test_nothing_is_known_before_anything_came() -> None:
    page = render(nothing(), NOW)
    assert texts(page, "h1") == ["Nothing failed; 1 thing to look at."]
    assert "<svg" not in page
    assert "Nothing has been built yet" in page


def test_the_worst_comes_first() -> None:
    page = render(broken(), NOW)
    assert texts(page, "h1") == ["4 things failed."]
    assert [text for text in texts(page, "h3") if not text.startswith(("Why", "Last"))] == [
        "flights was not built",
        "flights_keep_their_codes fails: 1 row",
        "breaks is broken",
        "bts.on_time_selected is not fresh",
        "2 commits not built yet",
        "warns warns",
        "moody is flaky",
        "7 records of bts.on_time_monthly in quarantine",
        "Commit 3 of bts.on_time_monthly was accepted by hand",
        "The columns of bts.on_time_monthly changed",
        "bts.on_time_monthly is not fresh",
        "flights_keep_their_codes took 4.2 times as long as usual",
    ]
    assert "Look at what the engine said" in page
    assert page.count("<svg") == 2 * 4


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"tests": [reliability("t", last_status="warn")]}, "t warns"),
        ({"tests": [reliability("t", last_status="fail")]}, "t fails"),
        ({"runs": [run(1, commit_seq=13)]}, "1 commit not built yet"),
        ({"runs": [run(1, commit_seq=None)]}, "14 commits not built yet"),
        ({"limits": [freshness_of("t", 401)]}, "bts.t is not fresh"),
    ],
)
def test_each_fault_is_found_alone(changes: dict, what: str) -> None:
    found = find(landed(), ran(**changes), {}, NOW)
    assert [finding.what for finding in found] == [what]
    assert verdict(found, ran(**changes))[0] is not Level.WELL


def test_what_is_as_it_should_be_is_not_told() -> None:
    limits = [freshness_of("fresh", 399), freshness_of("never", None)]
    slow = {**ran().times[0], "ratio": 9.0, "last_run_at_utc": NOW}
    assert find(landed(), ran(limits=limits, times=[slow]), {}, NOW) == []


def test_texts_from_outside_are_shown_as_they_are() -> None:
    page = render(broken(HOSTILE), NOW)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"\x1b[31m\u202etxt.exe" in page


def test_secrets_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("python_loaders.contract.secrets._known", {})
    conceal("hunter2-of-the-source")
    page = render(broken("token hunter2-of-the-source"), NOW)
    assert "hunter2" not in page
    assert "token ***" in page


def test_a_thousand_of_everything_is_summed_up() -> None:
    page = render(large(), NOW)
    assert texts(page, "h1") == ["1,000 things failed."]
    assert "970 more things are not shown." in page
    assert "990 more deliveries are not shown." in page
    assert "950 more tests are not shown." in page
    assert len(page) < 1_000_000


def test_a_test_is_drawn_in_each_run_that_had_it() -> None:
    unsteady = [outcome("t", 2, "fail"), outcome("t", 1, "pass"), outcome("t", 99, "fail")]
    page = render(Subject("duckdb", landed(), ran(unsteady=unsteady), {}), NOW)
    drawn = re.findall(r'aria-label="(run[^"]*test: t[^"]*)"', page)
    assert len(drawn) == 2 * 2
    assert sum("status: fails" in label for label in drawn) == 2
