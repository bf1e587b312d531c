"""Charts as SVG that stands in the page: no script, no request, the colours of the page's text."""

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import vl_convert
from markupsafe import Markup

WIDE, NARROW = 960, 310
# The middle of light and dark, so that they are seen on both.
COLOURS = {
    "well": "#2f9e6e",
    "look": "#d08a1d",
    "bad": "#d64550",
    "plain": "#7c8aa0",
    "strong": "#4a7bd8",
    "path": "#b8509e",
}
TEXT = "currentColor"
# Their letters are as wide as those that the labels are measured with.
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


@dataclass(frozen=True)
class Figure:
    """A chart for wide and for narrow screens."""

    wide: Markup
    narrow: Markup
    caption: str


def draw(chart: Callable[[int], alt.TopLevelMixin], caption: str) -> Figure:
    """Draw a chart in both widths.

    Args:
        chart: makes it for a width in pixels.
        caption: what is to be seen, for people who do not see it, too.
    """
    return Figure(_svg(chart(WIDE)), _svg(chart(NARROW)), caption)


def scale(**meanings: str) -> alt.Scale:
    """Return the colours of meanings, each named in COLOURS."""
    return alt.Scale(domain=list(meanings), range=[COLOURS[colour] for colour in meanings.values()])


def _svg(chart: alt.TopLevelMixin) -> Markup:
    themed = (
        chart.configure(background="transparent", font=FONT, padding=2)
        .configure_axis(
            labelColor=TEXT,
            titleColor=TEXT,
            domainColor=TEXT,
            tickColor=TEXT,
            gridColor=TEXT,
            gridOpacity=0.12,
            domainOpacity=0.4,
            tickOpacity=0.4,
            titleFontWeight="normal",
            labelFontSize=11,
            titleFontSize=11,
            labelLimit=260,
        )
        .configure_legend(
            labelColor=TEXT, titleColor=TEXT, orient="top", title=None, labelFontSize=11
        )
        .configure_view(stroke=None)
        .configure_header(labelColor=TEXT, titleColor=TEXT)
    )
    # Vega escapes every text that it draws.
    return Markup(vl_convert.vegalite_to_svg(themed.to_dict()))  # noqa: S704
