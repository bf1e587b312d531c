"""Does a join find at most one row on a side? By a key, by a version of the day, or not at all."""

from collections.abc import Sequence

from sqlglot import exp

from python_loaders.joins.relation import Relation, Versions
from python_loaders.joins.scope import equality, names_in, text, unwrapped

FROM_MARKS = (exp.GTE, exp.GT)
TO_MARKS = (exp.LTE, exp.LT)
MIRRORED = {exp.GTE: exp.LTE, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.LT: exp.GT}


def fixed_columns(alias: str, conditions: Sequence[exp.Expression], known: set[str]) -> set[str]:
    """Return the columns of a source that the conditions set equal to something that is known.

    Args:
        alias: of the source.
        conditions: of the join, and of the select.
        known: the sources that are there already.
    """
    fixed = set()
    for condition in conditions:
        if isinstance(condition, exp.Column) and condition.table == alias:
            fixed.add(condition.name.lower())
        sides = equality(condition)
        for here, there in (sides, sides[::-1]) if sides else ():
            if isinstance(here, exp.Column) and here.table == alias and names_in(there) <= known:
                fixed.add(here.name.lower())
    return fixed


def is_covered(
    alias: str, relation: Relation, conditions: Sequence[exp.Expression], known: set[str]
) -> bool:
    """Say whether the conditions find at most one row of a source."""
    fixed = fixed_columns(alias, conditions, known)
    constant = set(relation.constants)
    if any(key <= fixed | constant for key in relation.keys):
        return True
    return any(
        versions.code <= fixed
        and (versions.is_current in fixed or on_one_day(alias, versions, conditions))
        for versions in relation.versions
    )


def on_one_day(alias: str, versions: Versions, conditions: Sequence[exp.Expression]) -> bool:
    """Say whether a day is asked for that only one version can have, the bounds half-open."""
    begun, ended = {}, {}
    for condition in conditions:
        for day, mark, bound in _comparisons(condition):
            if bound == f"{alias}.{versions.valid_from}" and mark in FROM_MARKS:
                begun[day] = mark
            if bound == f"{alias}.{versions.valid_to}" and mark in TO_MARKS:
                ended[day] = mark
    return any(day in ended and (begun[day], ended[day]) != (exp.GTE, exp.LTE) for day in begun)


def _comparisons(condition: exp.Expression) -> list[tuple[str, type[exp.Expression], str]]:
    """Return a comparison as (day, mark, bound), read from both sides; `between` is two."""
    if isinstance(condition, exp.Between):
        day = text(unwrapped(condition.this))
        low, high = text(condition.args["low"]), text(condition.args["high"])
        return [(day, exp.GTE, low), (day, exp.LTE, high)]
    mark = type(condition)
    if mark not in MIRRORED:
        return []
    left, right = text(unwrapped(condition.this)), text(unwrapped(condition.expression))
    return [(left, mark, right), (right, MIRRORED[mark], left)]


def is_anti_join(alias: str, conditions: Sequence[exp.Expression]) -> bool:
    """Say whether only rows are kept for which nothing was found."""
    compared = {
        text(side)
        for condition in conditions
        for side in (equality(condition) or ())
        if isinstance(side, exp.Column) and side.table == alias
    }
    return any(
        isinstance(condition, exp.Is)
        and isinstance(condition.expression, exp.Null)
        and text(condition.this) in compared
        for condition in conditions
    )
