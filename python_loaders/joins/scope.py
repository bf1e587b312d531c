"""The names within one select: which source a column is of, what is equal, what is constant."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from python_loaders.joins.relation import Key, Relation, smallest


def conjuncts(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    """Yield the conditions that `and` joins."""
    if isinstance(condition, exp.Where | exp.Qualify):
        condition = condition.this
    if isinstance(condition, exp.Paren):
        yield from conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    elif condition is not None:
        yield condition


def equality(condition: exp.Expression) -> tuple[exp.Expression, exp.Expression] | None:
    """Return the two sides of an equality, also of one that lets null equal null."""
    if isinstance(condition, exp.EQ | exp.NullSafeEQ):
        return unwrapped(condition.this), unwrapped(condition.expression)
    return None


def unwrapped(node: exp.Expression) -> exp.Expression:
    """Return an expression without what leaves different values different."""
    while isinstance(node, exp.Paren) or (isinstance(node, exp.Cast) and node.to.is_type("text")):
        node = node.this
    return node


def names_in(node: exp.Expression) -> set[str]:
    """Return the sources whose columns an expression uses."""
    return {column.table for column in node.find_all(exp.Column)}


def is_constant(node: exp.Expression) -> bool:
    """Say whether an expression has one value for all rows."""
    return node.find(exp.Column, exp.Window, exp.AggFunc, exp.Query) is None


def text(node: exp.Expression) -> str:
    """Return an expression as text, by which it is found again."""
    return node.sql(comments=False, normalize=True).lower()


class Scope:
    """The sources of a select, in order, and what its conditions say of their columns."""

    def __init__(self) -> None:
        self.sources: dict[str, Relation] = {}
        self.keys: frozenset[Key] = frozenset()
        self.pinned: dict[str, str] = {}
        self.repeats = False
        self._same: dict[str, str] = {}

    def resolve(self, tree: exp.Expression) -> None:
        """Write before every column of a select the source that it is of, if that is certain."""
        for column in tree.find_all(exp.Column):
            if not column.table and not isinstance(column.this, exp.Star):
                owner = self._owner(column.name.lower())
                if owner:
                    column.set("table", exp.to_identifier(owner))

    def _owner(self, column: str) -> str | None:
        if len(self.sources) == 1:
            return next(iter(self.sources))
        certain = [
            name for name, source in self.sources.items() if column in (source.columns or ())
        ]
        possible = [name for name, source in self.sources.items() if source.columns is None]
        owners = certain or possible
        return owners[0] if len(owners) == 1 else None

    def learn(self, conditions: Sequence[exp.Expression]) -> None:
        """Take note of conditions that hold for all rows."""
        for condition in conditions:
            sides = equality(condition)
            if isinstance(condition, exp.Column):
                self.pin(text(condition), "true")
            elif sides and is_constant(sides[1]):
                self.pin(text(sides[0]), text(sides[1]))
            elif sides and is_constant(sides[0]):
                self.pin(text(sides[1]), text(sides[0]))
            elif sides:
                self._same[self.representative(text(sides[0]))] = self.representative(
                    text(sides[1])
                )

    def pin(self, field: str, value: str) -> None:
        """Take note that an expression has one value in all rows."""
        self.pinned[field] = value

    def representative(self, field: str) -> str:
        """Return the one of all equal expressions that stands for them."""
        while field in self._same and self._same[field] != field:
            field = self._same[field]
        return field

    def reduced(self, key: Key) -> Key:
        """Return a key without what is constant, each column by what stands for it."""
        constant = {self.representative(field) for field in self.pinned}
        return frozenset(self.representative(field) for field in key) - constant

    def all_keys(self) -> frozenset[Key]:
        """Return the keys of the joined rows, after the conditions."""
        return smallest(self.reduced(key) for key in self.keys)
