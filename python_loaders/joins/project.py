"""From the joined rows of a select to those that it gives: grouping, numbering, naming."""

from collections.abc import Iterator

from sqlglot import exp

from python_loaders.joins.relation import Relation, smallest
from python_loaders.joins.scope import Scope, conjuncts, text


def projected(select: exp.Select, scope: Scope) -> Relation:
    """Return what is known of the rows that a select gives."""
    _pin_constants(scope)
    _current_versions(scope)
    for window in select.find_all(exp.Window):
        if isinstance(window.this, exp.RowNumber) and window.find_ancestor(exp.Select) is select:
            number = frozenset(map(text, window.args.get("partition_by") or ())) | {text(window)}
            scope.keys = smallest({*scope.keys, number})
    scope.learn([_spelled_out(c, select) for c in conjuncts(select.args.get("qualify"))])
    keys, is_grouped = scope.all_keys(), bool(select.args.get("group"))
    if is_grouped:
        fields = _grouping(select)
        group = scope.reduced(frozenset(fields)) if fields is not None else None
        keys = (
            smallest({group, *(k for k in keys if k <= group)})
            if group is not None
            else frozenset()
        )
    elif _is_one_row(select):
        is_grouped, keys = True, frozenset({frozenset()})
    scope.keys = keys
    names = Names(select, scope)
    return names.relation(keep_versions=not is_grouped and not scope.repeats)


def _pin_constants(scope: Scope) -> None:
    """What has one value in all rows of the first source has it here, too."""
    for alias, source in list(scope.sources.items())[:1]:
        for column, value in source.constants.items():
            scope.pin(f"{alias}.{column}", value)


def _current_versions(scope: Scope) -> None:
    """Of rows that are all current there is one for each code."""
    for alias, source in list(scope.sources.items())[:1]:
        for versions in source.versions:
            if f"{alias}.{versions.is_current}" in scope.pinned and not scope.repeats:
                code = frozenset(f"{alias}.{column}" for column in versions.code)
                scope.keys = smallest({*scope.keys, code})


def _spelled_out(node: exp.Expression, select: exp.Select) -> exp.Expression:
    """Return an expression with what they name in place of the names that the select gives."""
    given = {e.alias.lower(): e.this for e in select.expressions if isinstance(e, exp.Alias)}
    return node.transform(
        lambda part: (
            given[part.name.lower()].copy()
            if isinstance(part, exp.Column) and part.name.lower() in given
            else part
        )
    )


def _grouping(select: exp.Select) -> list[str] | None:
    """Return what a select groups by, None if it does so in several ways."""
    group = select.args["group"]
    if any(group.args.get(kind) for kind in ("cube", "rollup", "grouping_sets")):
        return None
    plain = [e.unalias() for e in select.expressions]
    if group.args.get("all"):
        return [text(e) for e in plain if not e.find(exp.AggFunc)]
    fields = []
    for expression in group.expressions:
        if isinstance(expression, exp.Literal) and expression.is_int:
            expression = plain[int(expression.name) - 1]
        elif isinstance(expression, exp.Column) and text(expression) not in map(text, plain):
            expression = _spelled_out(expression, select)
        fields.append(text(expression))
    return fields


def _is_one_row(select: exp.Select) -> bool:
    limit = select.args.get("limit")
    if limit is not None and limit.expression is not None and limit.expression.name == "1":
        return True
    return any(
        isinstance(aggregate.find_ancestor(exp.Window, exp.Select), exp.Select)
        for expression in select.expressions
        for aggregate in expression.find_all(exp.AggFunc)
        if aggregate.find_ancestor(exp.Select) is select
    )


class Names:
    """Under which name a select gives what it selects."""

    def __init__(self, select: exp.Select, scope: Scope) -> None:
        self._select, self._scope = select, scope
        self._given: dict[str, str] = {}
        self._starred: list[tuple[str, set[str]]] = []
        self._columns: list[str] = []
        self._complete = True
        self._constants: dict[str, str] = {}
        for expression in select.expressions:
            self._add(expression)

    def _add(self, expression: exp.Expression) -> None:
        star = expression.this if isinstance(expression, exp.Column) else expression
        if isinstance(star, exp.Star):
            left_out = {column.name.lower() for column in star.args.get("except_") or ()}
            for alias in (
                [expression.table] if expression.args.get("table") else self._scope.sources
            ):
                self._add_star(alias.lower(), left_out)
            return
        name, field = expression.alias_or_name.lower(), text(expression.unalias())
        self._columns.append(name)
        self._given.setdefault(self._scope.representative(field), name)
        if isinstance(expression.unalias(), exp.Literal):
            self._constants[name] = field
        elif field in self._scope.pinned:
            self._constants[name] = self._scope.pinned[field]

    def _add_star(self, alias: str, left_out: set[str]) -> None:
        self._starred.append((alias, left_out))
        source = self._scope.sources.get(alias)
        if source is None or source.columns is None:
            self._complete = False
            return
        for column in source.columns:
            if column not in left_out:
                field = f"{alias}.{column}"
                self._columns.append(column)
                self._given.setdefault(self._scope.representative(field), column)
                if field in self._scope.pinned:
                    self._constants[column] = self._scope.pinned[field]

    def of(self, field: str) -> str | None:
        """Return the name of an expression, None if it is not selected."""
        field = self._scope.representative(field)
        if field in self._given:
            return self._given[field]
        for alias, left_out in self._starred:
            column = field.removeprefix(f"{alias}.")
            if column != field and column.isidentifier() and column not in left_out:
                return column
        return None

    def relation(self, *, keep_versions: bool) -> Relation:
        """Return what is known of the selected rows."""
        columns = tuple(self._columns) if self._complete else None
        keys = [[self.of(field) for field in key] for key in self._scope.keys]
        named = [frozenset(n for n in key if n) for key in keys if all(key)]
        named += [frozenset(key) for key in self._distinct(columns)]
        return Relation(
            columns,
            smallest(named),
            frozenset(self._versions()) if keep_versions else frozenset(),
            self._constants,
        )

    def _distinct(self, columns: tuple[str, ...] | None) -> Iterator[list[str]]:
        distinct = self._select.args.get("distinct")
        if distinct is not None and distinct.args.get("on"):
            names = [self.of(text(e)) for e in distinct.args["on"].expressions]
            if all(names):
                yield [name for name in names if name]
        elif distinct is not None and columns:
            yield list(columns)

    def _versions(self) -> Iterator:
        for alias, source in list(self._scope.sources.items())[:1]:
            for versions in source.versions:
                renamed = versions.renamed(lambda column, alias=alias: self.of(f"{alias}.{column}"))
                if renamed:
                    yield renamed
