"""Which deliveries the raw tables on PostgreSQL hold: the rows of raw_contrail.batches."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace

import psycopg
from psycopg import sql

from python_loaders.contract.model import Table
from python_loaders.landing.log import Commit
from python_loaders.landing.schema import landed_names
from python_loaders.stage.base import LOG_SCHEMA

BATCHES = sql.Identifier(LOG_SCHEMA, "batches")
BATCH_COLUMNS = {
    "source_name": "text",
    "table_name": "text",
    "batch_id": "text",
    "identity": "text",
    "fingerprint": "text",
    "rows_staged": "bigint",
}


@dataclass(frozen=True)
class Batch:
    """One staged delivery; the fields are the columns of raw_contrail.batches."""

    source_name: str
    table_name: str
    batch_id: str
    identity: str
    fingerprint: str
    rows_staged: int

    def gives_way_to(self, other: "Batch") -> bool:
        """Return whether it has to go when the other one comes."""
        return self.identity == other.identity or self.batch_id == other.batch_id

    @classmethod
    def of(cls, commit: Commit, table: Table) -> "Batch":
        """Return how a commit has to be staged under the contract of today.

        The fingerprint tells rows that are staged already from those that would look different:
        landed anew under the same id, or shown in other columns. A column that the files do not
        have makes no difference, so that a contract which gains one stages nothing again.
        """
        types = {c.landed_name: c.type.name for c in table.landed_columns}
        shown = {
            name if name == landed else f"{landed} as {name}": types[name]
            for name, landed in sorted(landed_names(table, commit).items())
        }
        decisive = [[file.sha256 for file in commit.files], shown]
        return cls(
            source_name=commit.source,
            table_name=commit.table,
            batch_id=commit.batch_id,
            identity="/".join(commit.identity),
            fingerprint=hashlib.sha256(json.dumps(decisive).encode()).hexdigest(),
            rows_staged=commit.rows_landed,
        )


def staged_batches(
    session: psycopg.Connection, table: Table, relation: sql.Identifier
) -> list[Batch]:
    """Return what a table holds, by what is written down and by its rows.

    Somebody may have dropped the table, or the batches. A batch without its rows is returned with
    an empty fingerprint, and rows without their batch with an empty identity as well.
    """
    names = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Batch))
    written = session.execute(
        sql.SQL("select {} from {} where source_name = %s and table_name = %s").format(
            names, BATCHES
        ),
        [table.source, table.name],
    )
    known = {batch.batch_id: batch for batch in (Batch(*row) for row in written)}
    # One look into the index for each batch, instead of one at each row.
    held = session.execute(
        sql.SQL(
            """
            with recursive held as (
                select min(_batch_id) as batch_id from {0}
                union all
                select (select min(_batch_id) from {0} where _batch_id > held.batch_id)
                from held
                where held.batch_id is not null
            )
            select batch_id from held where batch_id is not null
            """
        ).format(relation)
    )
    present = {batch_id for (batch_id,) in held}
    return [
        batch
        if batch.batch_id in present or not batch.rows_staged
        else replace(batch, fingerprint="")
        for batch in known.values()
    ] + [Batch(table.source, table.name, stray, "", "", 0) for stray in present - set(known)]


def forget(session: psycopg.Connection, relation: sql.Identifier, gone: Sequence[Batch]) -> None:
    """Delete batches and their rows."""
    for batch in gone:
        session.execute(
            sql.SQL("delete from {} where _batch_id = %s").format(relation), [batch.batch_id]
        )
        session.execute(
            sql.SQL(
                "delete from {} where source_name = %s and table_name = %s and batch_id = %s"
            ).format(BATCHES),
            [batch.source_name, batch.table_name, batch.batch_id],
        )


def remember(session: psycopg.Connection, batch: Batch) -> None:
    """Say that the rows of a batch are there."""
    marks = sql.SQL(", ").join([sql.Placeholder()] * len(BATCH_COLUMNS))
    session.execute(sql.SQL("insert into {} values ({})").format(BATCHES, marks), astuple(batch))
