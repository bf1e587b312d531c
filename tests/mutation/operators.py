"""The mistakes: each gives, for a place in a query, what might stand there if somebody had slipped.

An operator looks at one node of sqlglot's tree and yields what to put in its place; None takes it
away. The names are those of the report.
"""

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

Change = exp.Expression | None
Operator = Callable[[exp.Expression], Iterator[Change]]

BOUNDARIES = {exp.LT: exp.LTE, exp.LTE: exp.LT, exp.GT: exp.GTE, exp.GTE: exp.GT}
OPPOSITES = {exp.EQ: exp.NEQ, exp.NEQ: exp.EQ}
ARITHMETIC = {exp.Add: exp.Sub, exp.Sub: exp.Add, exp.Mul: exp.Div, exp.Div: exp.Mul}
# Names that are mistaken for each other, in both directions.
ROLES = (
    ("scheduled_departure", "departure"),
    ("scheduled_arrival", "arrival"),
    ("departure", "arrival"),
    ("origin", "destination"),
    ("destination", "diverted_to"),
    ("_at_utc", "_at_local"),
    ("valid_from", "valid_to"),
    ("latitude", "longitude"),
    ("taxi_out", "taxi_in"),
    ("period_start", "period_end"),
    ("year", "month"),
    ("was_cancelled", "was_diverted"),
    ("is_cancelled", "is_diverted"),
    ("carrier_delay", "weather_delay"),
    ("nas_delay", "security_delay"),
)


def with_sides(node: exp.Expression, kind: type[exp.Expression]) -> exp.Expression:
    return kind(this=node.this.copy(), expression=node.expression.copy())


def join_type(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Join) and node.kind != "CROSS":
        other = node.copy()
        if node.side:
            other.set("side", None)
            other.set("kind", "INNER")
        else:
            other.set("side", "LEFT")
            other.set("kind", None)
        yield other


def missing_join_key(node: exp.Expression) -> Iterator[Change]:
    """One of several conditions of a join forgotten."""
    if isinstance(node, exp.And) and _within(node, exp.Join):
        yield node.this.copy()
        yield node.expression.copy()


def dropped_filter(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Where) and not isinstance(node.this, exp.Boolean):
        yield None
    sides = [node.this, node.expression] if isinstance(node, exp.And) else [exp.true()]
    if not any(isinstance(side, exp.Boolean) for side in sides) and _within(node, exp.Where):
        yield node.this.copy()
        yield node.expression.copy()


def _within(node: exp.Expression, kind: type[exp.Expression]) -> bool:
    """Whether a node is a part of the whole condition, not of an expression in it."""
    while isinstance(node.parent, exp.And | exp.Paren):
        node = node.parent
    return isinstance(node.parent, kind)


def boundary(node: exp.Expression) -> Iterator[Change]:
    if type(node) in BOUNDARIES:
        yield with_sides(node, BOUNDARIES[type(node)])


def opposite(node: exp.Expression) -> Iterator[Change]:
    if type(node) in OPPOSITES and not _within(node, exp.Join):
        yield with_sides(node, OPPOSITES[type(node)])
    if isinstance(node, exp.Not):
        yield node.this.copy()
    if isinstance(node, exp.Is) and not isinstance(node.parent, exp.Not):
        yield exp.not_(node.copy())


def and_for_or(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.And) and not _within(node, exp.Join):
        yield exp.paren(with_sides(node, exp.Or))
    if isinstance(node, exp.Or):
        yield with_sides(node, exp.And)


def removed_coalesce(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Coalesce):
        yield node.this.copy()
        if not isinstance(node.expressions[0], exp.Literal):
            yield node.expressions[0].copy()


def wrong_role(node: exp.Expression) -> Iterator[Change]:
    """The other date, airport or clock: a column whose name differs in one word."""
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return
    seen = {node.name}
    for pair in ROLES:
        for here, there in (pair, pair[::-1]):
            name = node.name.replace(here, there, 1)
            if name not in seen and not name.startswith("scheduled_scheduled"):
                seen.add(name)
                other = node.copy()
                other.set("this", exp.to_identifier(name))
                # In a select list it keeps the name that it had.
                yield exp.alias_(other, node.name) if isinstance(node.parent, exp.Select) else other


def swapped_columns(node: exp.Expression) -> Iterator[Change]:
    """Two neighbours of a select list change places, and keep their names."""
    if not isinstance(node, exp.Select):
        return
    places = [
        place
        for place, expression in enumerate(node.expressions)
        if isinstance(expression.unalias(), exp.Column | exp.Cast)
        and not isinstance(expression.unalias().this, exp.Star)
    ]
    while len(places) > 1:
        one, two = places[:2]
        places = places[2:] if two == one + 1 else places[1:]
        pair = [node.expressions[place].unalias() for place in (one, two)]
        if two == one + 1 and pair[0] != pair[1] and not all(e.find(exp.Null) for e in pair):
            other = node.copy()
            first, second = other.expressions[one], other.expressions[two]
            names = first.alias_or_name, second.alias_or_name
            values = second.unalias().copy(), first.unalias().copy()
            other.expressions[one].replace(exp.alias_(values[0], names[0]))
            other.expressions[two].replace(exp.alias_(values[1], names[1]))
            yield other


def utc_for_local(node: exp.Expression) -> Iterator[Change]:
    """A conversion between zones left out."""
    if isinstance(node, exp.AtTimeZone):
        yield node.this.copy()
    if isinstance(node, exp.Anonymous) and node.name.lower() == "timezone":
        yield node.expressions[1].copy()


def other_aggregate(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Sum):
        yield exp.Count(this=node.this.copy())
        yield exp.Max(this=node.this.copy())
    if isinstance(node, exp.Count):
        if isinstance(node.this, exp.Distinct):
            yield exp.Count(this=node.this.expressions[0].copy())
        elif not isinstance(node.this, exp.Star):
            yield exp.Count(this=exp.Star())
    if isinstance(node, exp.Min | exp.Max):
        yield (exp.Max if isinstance(node, exp.Min) else exp.Min)(this=node.this.copy())


def off_by_one(node: exp.Expression) -> Iterator[Change]:
    """One more than there stands: a minute, a day, a month, a limit."""
    if not isinstance(node, exp.Literal) or _is_type_or_cut(node):
        return
    if not node.is_string and re.fullmatch(r"\d+", node.name):
        yield exp.Literal.number(int(node.name) + 1)
    elif not node.is_string:
        yield exp.Literal.number(float(node.name) + 1)
    elif isinstance(node.parent, exp.Interval) and node.name.isdigit():
        yield exp.Literal.string(str(int(node.name) + 1))


def other_text(node: exp.Expression) -> Iterator[Change]:
    """A word mistyped; sentences are for readers, and left alone."""
    is_text = isinstance(node, exp.Literal) and node.is_string and node.name
    if is_text and not _is_type_or_cut(node) and not re.search(r"^\d|[. ]$", node.name):
        yield exp.Literal.string(node.name + "?")


def _is_type_or_cut(node: exp.Expression) -> bool:
    """Whether a literal belongs to a type, or to the hash of a key."""
    parents = (exp.DataType, exp.DataTypeParam, exp.Substring, exp.Interval)
    is_interval = isinstance(node.parent, exp.Interval) and not node.name.isdigit()
    return isinstance(node.parent, parents[:3]) or is_interval


def arithmetic(node: exp.Expression) -> Iterator[Change]:
    if type(node) in ARITHMETIC:
        yield with_sides(node, ARITHMETIC[type(node)])


def missing_case(node: exp.Expression) -> Iterator[Change]:
    if not isinstance(node, exp.Case):
        return
    branches = node.args["ifs"]
    for place in range(len(branches)):
        if len(branches) > 1:
            other = node.copy()
            other.args["ifs"][place].pop()
            yield other
    if node.args.get("default") is not None:
        other = node.copy()
        other.set("default", None)
        yield other


def missing_union(node: exp.Expression) -> Iterator[Change]:
    if isinstance(node, exp.Union):
        yield node.right.copy()
        if not isinstance(node.left, exp.Union):
            yield node.left.copy()
        other = node.copy()
        other.set("distinct", not node.args.get("distinct"))
        yield other


def other_order(node: exp.Expression) -> Iterator[Change]:
    """First for last, where the order decides which row counts."""
    if isinstance(node, exp.Ordered) and isinstance(node.parent.parent, exp.Window):
        other = node.copy()
        other.set("desc", not node.args.get("desc"))
        yield other
        # Without its last part an order is the engine's choice, which no test can hold it to.
        if node.parent.expressions[-1] is not node:
            yield None
    if isinstance(node, exp.Lag | exp.Lead):
        yield (exp.Lead if isinstance(node, exp.Lag) else exp.Lag)(this=node.this.copy())


def other_partition(node: exp.Expression) -> Iterator[Change]:
    """A window over more rows than it should be."""
    if isinstance(node, exp.Window):
        for place in range(len(node.args.get("partition_by") or ())):
            other = node.copy()
            del other.args["partition_by"][place]
            yield other


def other_month(node: exp.Expression) -> Iterator[Change]:
    """The month for the day or the quarter, the unit of an interval or of a truncation."""
    units = {"MONTH": "DAY", "DAY": "MONTH", "HOUR": "DAY", "MINUTE": "HOUR"}
    if isinstance(node, exp.Var) and node.name.upper() in units:
        yield exp.var(units[node.name.upper()])


OPERATORS: dict[str, Operator] = {
    "join type": join_type,
    "missing join key": missing_join_key,
    "dropped filter": dropped_filter,
    "boundary": boundary,
    "opposite": opposite,
    "and for or": and_for_or,
    "removed coalesce": removed_coalesce,
    "wrong role": wrong_role,
    "swapped columns": swapped_columns,
    "utc for local": utc_for_local,
    "other aggregate": other_aggregate,
    "off by one": off_by_one,
    "other text": other_text,
    "arithmetic": arithmetic,
    "missing case": missing_case,
    "missing union": missing_union,
    "other order": other_order,
    "other partition": other_partition,
    "other month": other_month,
}
