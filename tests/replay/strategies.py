"""Sequences of what can happen, as hypothesis draws them."""

from hypothesis import strategies as st
from operations import Again, Build, Step, Undo
from slices import KINDS, Delivery


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    kind = draw(st.sampled_from(sorted(KINDS)))
    key = draw(st.sampled_from(KINDS[kind].keys))
    return Delivery(kind, key, draw(st.sampled_from(list(KINDS[kind].edits))))


def steps() -> st.SearchStrategy[Step]:
    numbers = st.integers(0, 15)
    others = (st.builds(Again, numbers, st.booleans()), st.builds(Undo, numbers))
    return st.one_of(*[deliveries()] * 5, *others, st.just(Build()))


def sequences() -> st.SearchStrategy[list[Step]]:
    """Some deliveries and a build to begin with, then anything."""
    first = st.lists(deliveries(), min_size=3, max_size=6, unique=True)
    return st.builds(
        lambda before, after: [*before, Build(), *after],
        first,
        st.lists(steps(), min_size=4, max_size=12),
    )
