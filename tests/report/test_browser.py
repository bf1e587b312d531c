"""The page opens without a complaint and without a request, and fits wide and narrow screens."""

from pathlib import Path

import pytest
from browser import content_width, look_at
from example import HOSTILE, NOW, broken, large, nothing, well

from python_loaders.report.page import render

PAGES = {
    "well": well,
    "nothing": nothing,
    "broken": broken,
    "hostile": lambda: broken(HOSTILE),
    "large": large,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet(name: str, tmp_path: Path) -> None:
    seen = look_at(render(PAGES[name](), NOW), tmp_path)
    assert seen.console == []
    assert seen.requests == []
    assert "</footer>" in seen.dom


@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("text", ["", "unbroken" * 60], ids=["usual", "long"])
def test_a_page_is_no_wider_than_its_window(text: str, width: int, tmp_path: Path) -> None:
    assert content_width(render(broken(text), NOW), width, tmp_path) <= width


def test_a_page_that_is_too_wide_is_noticed(tmp_path: Path) -> None:
    page = render(nothing(), NOW).replace("<main>", '<main><p style="width: 900px">x</p>')
    assert content_width(page, 400, tmp_path) > 900


def test_a_loud_page_is_noticed(tmp_path: Path) -> None:
    page = render(well(), NOW)
    loud = page.replace("</footer>", '<img src="http://127.0.0.1:9/x.png"><script>a.b</script>')
    seen = look_at(loud, tmp_path)
    assert len(seen.console) == 2  # its own policy forbids both
    assert seen.requests == []
    free = loud.replace("Content-Security-Policy", "none")
    assert look_at(free, tmp_path).requests == ["http://127.0.0.1:9/x.png"]
