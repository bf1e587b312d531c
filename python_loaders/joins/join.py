"""One join as it is written, and as it is found."""

import re
from dataclasses import dataclass

from sqlglot import exp

from python_loaders.joins.relation import Relation

MARK = re.compile(r"^\s*fan-out:\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Join:
    """A join of a query.

    Attributes:
        sql: how it is written, without the condition.
        source: what is known of the joined side.
        fixed: the columns of that side that the condition fixes.
        is_covered: whether no row can be repeated.
        reason: why it may be, if a comment says so.
    """

    sql: str
    source: Relation
    fixed: frozenset[str]
    is_covered: bool
    reason: str | None


def named(join: exp.Join) -> str:
    """Return how a join is written, without its condition."""
    words = [join.method, join.side, join.kind, "join"]
    source, alias = join.this, join.this.alias_or_name.lower()
    name = source.name.lower() if isinstance(source, exp.Table) and source.name else "(...)"
    named = name if name == alias else f"{name} as {alias}"
    return " ".join(word.lower() for word in words if word) + " " + named


def reason(join: exp.Join) -> str | None:
    """Return what a comment at the join says of its repeated rows."""
    comments: list[str] = []
    for node in join.walk(prune=lambda node: isinstance(node, exp.Query)):
        comments += node.comments or []
    for place, comment in enumerate(comments):
        if found := MARK.match(comment):
            return " ".join([found.group(1), *comments[place + 1 :]]).strip()
    return None
