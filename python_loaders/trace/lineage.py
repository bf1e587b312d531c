"""From a row of a model to the rows of deliveries that it is made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from python_loaders.errors import UsageError
from python_loaders.stage.base import Result
from python_loaders.trace.key import condition
from python_loaders.trace.model import Model, Step, find_model

MOST_TRACED = 5
MOST_SHOWN = 5


@dataclass(frozen=True)
class Part:
    """What a delivery gave to the traced row.

    Attributes:
        seq: the commit.
        batch_id: of the delivery.
        rows: how many of its rows.
        shown: the numbers of the first of them.
    """

    seq: int
    batch_id: str
    rows: int
    shown: tuple[int, ...]


@dataclass(frozen=True)
class Traced:
    """One row of the model, and what it is made of."""

    row: dict[str, object]
    parts: tuple[Part, ...]


class Lineage:
    """Asks a target.

    Args:
        models: what the manifest says.
        schema: of the target.
        query: runs one statement on it.
    """

    def __init__(
        self, models: dict[str, Model], schema: str, query: Callable[[str], Result]
    ) -> None:
        self._models = models
        self._schema = schema
        self._query = query

    def trace(self, model: Model, values: Mapping[str, str]) -> list[Traced]:
        """Return the rows with these values, each with the parts that it is made of.

        Raises:
            UsageError: there is no such row, or there are too many.
        """
        wanted = condition(values)
        found = self._query(
            f"select * from {model.relation(self._schema)} where {wanted} "  # noqa: S608
            f"limit {MOST_TRACED + 1}"
        )
        if not found.rows:
            raise UsageError(f"{model.name}: has no row where {wanted}")
        if len(found.rows) > MOST_TRACED:
            raise UsageError(
                f"{model.name}: more than {MOST_TRACED} rows where {wanted}. Name more columns; "
                f"{', '.join(model.grain)} tell all rows apart."
            )
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        return [Traced(row, self._parts(model, row)) for row in rows]

    def _parts(self, model: Model, row: dict[str, object]) -> tuple[Part, ...]:
        if model.is_audited and row["_batch_id"] is not None:
            seq, batch_id, number = (row[name] for name in ("_seq", "_batch_id", "_source_row"))
            return (Part(int(str(seq)), str(batch_id), 1, (int(str(number)),)),)
        for step in model.steps:
            if parts := self._step(model, row, step):
                return parts
        return ()

    def _step(self, model: Model, row: dict[str, object], step: Step) -> tuple[Part, ...]:
        """Return the rows of another model, by delivery and with the first of each."""
        source = find_model(self._models, step.rows_of)
        identity = condition({name: row[name] for name in model.grain})
        found = self._query(
            f"""
            with mart as (
                select * from {model.relation(self._schema)} where {identity}
            ),
            numbered as (
                select
                    source._seq as seq,
                    source._batch_id as batch_id,
                    source._source_row as source_row,
                    count(*) over (partition by source._seq) as part_rows,
                    row_number() over (partition by source._seq order by source._source_row) as n
                from {source.relation(self._schema)} as source
                inner join mart on {step.where}
                where source._batch_id is not null
            )
            select seq, batch_id, part_rows, source_row
            from numbered where n <= {MOST_SHOWN} order by seq, n
            """  # noqa: S608
        )
        parts: dict[int, Part] = {}
        for seq, batch_id, rows, number in found.rows:
            before = parts.get(seq, Part(seq, batch_id, rows, ()))
            parts[seq] = Part(seq, batch_id, rows, (*before.shown, number))
        return tuple(parts.values())


def total(parts: Sequence[Part]) -> int:
    """Return of how many rows of deliveries something is made."""
    return sum(part.rows for part in parts)
