"""Reads a query from the inside out: what tells the rows of each part apart, and each join."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from python_loaders.joins.cover import fixed_columns, is_anti_join, is_covered
from python_loaders.joins.join import Join, named, reason
from python_loaders.joins.project import projected
from python_loaders.joins.relation import Key, Relation, smallest
from python_loaders.joins.scope import Scope, conjuncts, equality, names_in, text

Environment = Mapping[str, Relation]


class Evaluator:
    """Evaluates queries over tables.

    Args:
        table: gives what is known of a table.
    """

    def __init__(self, table: Callable[[exp.Table], Relation]) -> None:
        self._table = table
        self.joins: list[Join] = []

    def relation(self, node: exp.Expression, known: Environment) -> Relation:
        """Return what is known of the rows of a query, a CTE or a table."""
        inner = dict(known)
        with_ = node.args.get("with_")
        for cte in with_.expressions if with_ else ():
            name = cte.alias.lower()
            if with_.args.get("recursive"):
                inner[name] = Relation(name=name)
            inner[name] = self.relation(cte.this, inner)
        match node:
            case exp.Subquery() | exp.Lateral() if isinstance(node.this, exp.Query):
                return self.relation(node.this, inner)
            case exp.Select():
                return self._select(node, inner)
            case exp.SetOperation():
                sides = [self.relation(side, inner) for side in (node.left, node.right)]
                return _combined(node, *sides)
            case exp.Table() if not node.db and node.name.lower() in inner:
                return inner[node.name.lower()]
            case exp.Table() if isinstance(node.this, exp.Identifier):
                return self._table(node)
        return Relation()

    def _select(self, select: exp.Select, known: Environment) -> Relation:
        scope, where = Scope(), list(conjuncts(select.args.get("where")))
        from_ = select.args.get("from_")
        joins = select.args.get("joins") or []
        for source in [from_.this] if from_ else []:
            _add(scope, source, self.relation(source, known))
            alias = source.alias_or_name.lower()
            scope.keys = _prefixed(scope.sources[alias].keys, alias)
        for join in joins:
            _add(scope, join.this, self.relation(join.this, known))
        for query in _queries_within(select):
            self.relation(query, known)
        if not from_:
            scope.keys = frozenset({frozenset()})
        scope.resolve(select)
        scope.learn(where)
        for number, join in enumerate(joins, start=1):
            self._join(scope, join, where, list(scope.sources)[:number])
        if any(expression.find(exp.Explode, exp.UDTF) for expression in select.expressions):
            scope.keys, scope.repeats = frozenset(), True
        return projected(select, scope)

    def _join(
        self, scope: Scope, join: exp.Join, where: list[exp.Expression], before: list[str]
    ) -> None:
        """Note a join, and what tells the rows apart after it."""
        alias = join.this.alias_or_name.lower()
        source = scope.sources[alias]
        own = [*conjuncts(join.args.get("on")), *_using(scope, join, before)]
        conditions, known = [*own, *where], set(before)
        right = is_covered(alias, source, conditions, known) or join.method == "ASOF"
        left = _is_left_covered(scope, alias, conditions, known)
        is_inner = not join.side
        if join.kind in ("SEMI", "ANTI") or (
            join.side == "LEFT" and is_anti_join(alias, conditions)
        ):
            right = True
        else:
            wanted = {"RIGHT": left, "FULL": left and right}.get(join.side, right)
            fixed = frozenset(fixed_columns(alias, conditions, known))
            self.joins.append(Join(named(join), source, fixed, wanted, reason(join)))
        if is_inner:
            scope.learn(own)
        keys, others = scope.keys, _prefixed(source.keys, alias)
        scope.keys = keys if right else smallest(a | b for a in keys for b in others)
        if is_inner and left:
            scope.keys = smallest(scope.keys | others)
        if join.side in ("RIGHT", "FULL") and not left:
            scope.keys = smallest(a | b for a in keys for b in others)
        scope.repeats = scope.repeats or not right


def _add(scope: Scope, source: exp.Expression, relation: Relation) -> None:
    alias = source.alias_or_name.lower()
    scope.sources[alias] = Relation(
        relation.columns,
        relation.keys,
        relation.versions,
        relation.constants,
        relation.name or alias,
    )


def _prefixed(keys: frozenset[Key], alias: str) -> frozenset[Key]:
    return frozenset(frozenset(f"{alias}.{column}" for column in key) for key in keys)


def _is_left_covered(
    scope: Scope, alias: str, conditions: list[exp.Expression], known: set[str]
) -> bool:
    """Say whether each row of the joined side finds at most one row of what is there."""
    fixed = set()
    for condition in conditions:
        sides = equality(condition)
        for here, there in (sides, sides[::-1]) if sides else ():
            if names_in(here) <= known and names_in(there) <= {alias}:
                fixed.add(scope.representative(text(here)))
    return any(scope.reduced(key) <= fixed for key in scope.keys)


def _using(scope: Scope, join: exp.Join, before: list[str]) -> Iterator[exp.Expression]:
    """Yield the equalities that `using` and `natural` stand for."""
    alias = join.this.alias_or_name.lower()
    names = [name.name.lower() for name in join.args.get("using") or ()]
    if join.method == "NATURAL":
        mine = scope.sources[alias].columns or ()
        names = [c for c in mine if any(c in (scope.sources[s].columns or ()) for s in before)]
    for name in names:
        having = [s for s in before if name in (scope.sources[s].columns or (name,))]
        for other in having[:1]:
            yield exp.EQ(this=exp.column(name, other), expression=exp.column(name, alias))


def _queries_within(select: exp.Select) -> Iterator[exp.Expression]:
    """Yield subqueries that give values; in `exists` and `in` it does not matter how often."""
    sources = {"with_", "from_", "joins"}
    parts = [value for name, value in select.args.items() if name not in sources and value]
    stack = [part for value in parts for part in (value if isinstance(value, list) else [value])]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Query):
            yield node
        elif isinstance(node, exp.Expression) and not isinstance(node, exp.Exists | exp.In):
            stack.extend(node.iter_expressions())


def _combined(node: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    """Return what is known of two queries, one below the other."""
    columns = left.columns
    if not isinstance(node, exp.Union):
        return Relation(columns, left.keys)
    if node.args.get("distinct"):
        return Relation(columns, frozenset({frozenset(columns)}) if columns else frozenset())
    names = dict(zip(right.columns or (), columns or (), strict=False))
    constants = {names[c]: value for c, value in right.constants.items() if c in names}
    keys = [frozenset(names[c] for c in key) for key in right.keys if key <= names.keys()]
    parted = [c for c, value in left.constants.items() if constants.get(c, value) != value]
    return Relation(
        columns,
        smallest(a | b | {c} for c in parted for a in left.keys for b in keys),
        constants={c: v for c, v in left.constants.items() if constants.get(c) == v},
    )
