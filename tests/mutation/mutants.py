"""All mutants of a model's query: where, which mistake, and the query with it.

A query is cut at its CTEs. Only the part with the mistake is written anew; everything else stays as
dbt compiled it, so that the same mistake can be made in a unit test, which holds the same parts.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import sqlglot
from operators import OPERATORS
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

DIALECT = "duckdb"
LAST = "select"
LONGEST = 90
# Written by the macro that writes int_airports__versions, whose tests are the macro's: here only
# what the model says itself, its attributes.
MADE_ALIKE = ("int_aircraft__versions", "int_carriers__versions")
OF_ATTRIBUTES = ("swapped columns", "wrong role")


@dataclass
class Query:
    """A model's compiled query in its parts: each CTE by name, and the last select.

    Attributes:
        model: the name.
        text: the whole.
        path: of the model's file.
    """

    model: str
    text: str
    path: str = ""

    @cached_property
    def parts(self) -> dict[str, str]:
        tokens = sqlglot.tokenize(self.text, dialect=DIALECT)
        parts, place = {}, 0
        if tokens[0].token_type is TokenType.WITH:
            place = 1
            while True:
                name = tokens[place].text
                end = _closing(tokens, place + 2)
                parts[name] = self.text[tokens[place + 2].end + 1 : tokens[end].start]
                place = end + 1
                if tokens[place].token_type is not TokenType.COMMA:
                    break
                place += 1
        parts[LAST] = self.text[tokens[place].start :]
        return parts

    @cached_property
    def trees(self) -> dict[str, exp.Expression]:
        return {name: sqlglot.parse_one(part, dialect=DIALECT) for name, part in self.parts.items()}


def _closing(tokens: list[Token], opening: int) -> int:
    """Return the place of the parenthesis that closes the one at a place."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += tokens[place].token_type is TokenType.L_PAREN
        depth -= tokens[place].token_type is TokenType.R_PAREN
        if depth == 0:
            return place
    raise AssertionError("a CTE is not closed")


@dataclass(frozen=True)
class Mutant:
    """One mistake in one model.

    Attributes:
        model: by name.
        part: the CTE.
        place: number of the node in it.
        operator: name of the mistake.
        choice: which of the operator's changes.
        what: what stood there and what stands there now, shortened.
        nth: number of this mutant among those that read the same.
    """

    model: str
    part: str
    place: int
    operator: str
    choice: int
    what: str
    nth: int = 1

    @property
    def name(self) -> str:
        nth = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.model}.{self.part}: {self.operator}: {self.what}{nth}"

    def written(self, query: Query) -> str:
        """Return the part with the mistake in it."""
        tree = query.trees[self.part].copy()
        node = next(n for place, n in enumerate(_nodes(tree)) if place == self.place)
        change = list(OPERATORS[self.operator](node))[self.choice]
        if change is None:
            node.pop()
        elif node is tree:
            tree = change
        else:
            node.replace(change)
        return _text(tree)


def mutants_of(query: Query) -> Iterator[Mutant]:
    seen: Counter[str] = Counter()
    for part, tree in query.trees.items():
        for place, node in enumerate(_nodes(tree)):
            for operator, changes in OPERATORS.items():
                if query.model in MADE_ALIKE and operator not in OF_ATTRIBUTES:
                    continue
                for choice, change in enumerate(changes(node)):
                    found = Mutant(query.model, part, place, operator, choice, _what(node, change))
                    seen[found.name] += 1
                    yield replace(found, nth=seen[found.name])


def _nodes(tree: exp.Expression) -> Iterator[exp.Expression]:
    """Walk a part; names of tables are not looked at, nor the order in which rows are written."""
    return tree.walk(prune=_is_closed)


def _is_closed(node: exp.Expression) -> bool:
    is_order = isinstance(node, exp.Order) and isinstance(node.parent, exp.Select)
    return is_order or isinstance(node, exp.Table)


def _what(node: exp.Expression, change: exp.Expression | None) -> str:
    if isinstance(node, exp.Select) and isinstance(change, exp.Select):
        pairs = zip(node.expressions, change.expressions, strict=False)
        return "swapped " + ", ".join(_text(a.unalias()) for a, b in pairs if a != b)
    is_union = isinstance(node, exp.Union) and isinstance(change, exp.Union)
    if is_union and change.args.get("distinct") != node.args.get("distinct"):
        return "union distinct -> all" if node.args.get("distinct") else "union all -> distinct"
    before, after = _text(node), "nothing" if change is None else _text(change)
    while len(before) > LONGEST and len(after) > LONGEST and before[0] == after[0]:
        before, after = before[1:], after[1:]
    return f"{before[:LONGEST]} -> {after[:LONGEST]}"


def _text(node: exp.Expression) -> str:
    return node.sql(dialect=DIALECT, comments=False)
