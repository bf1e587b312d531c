"""The raw tables on PostgreSQL. They are made and widened, never dropped: views stand on them."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from python_loaders.contract.types import parse_type
from python_loaders.errors import ContrailError

REFUSALS = (psycopg.errors.FeatureNotSupported, psycopg.DataError)


def ensure_table(
    session: psycopg.Connection,
    relation: sql.Identifier,
    columns: Mapping[str, str],
    indexes: Mapping[str, str],
) -> None:
    """Make a table, or give the one that is there the columns and types that it lacks.

    Columns that are no longer wanted stay, and hold NULL in what is copied from now on.

    Args:
        session: in a transaction, which is the caller's to commit.
        relation: schema and name of the table; the schema is there.
        columns: names and neutral types.
        indexes: the columns to index, and the kind of index; made together with the column.

    Raises:
        ContrailError: a column has another type and cannot be given the wanted one.
    """
    there = _columns(session, relation)
    if not there:
        session.execute(sql.SQL("create table {} ()").format(relation))
    for column, kind in columns.items():
        wanted, name = parse_type(kind).postgres, sql.Identifier(column)
        if column not in there:
            change = sql.SQL("add column {} {}").format(name, sql.SQL(wanted))
        elif there[column] != wanted:
            change = sql.SQL("alter column {0} type {1} using cast({0} as {1})").format(
                name, sql.SQL(wanted)
            )
        else:
            continue
        try:
            session.execute(sql.SQL("alter table {} {}").format(relation, change))
        except REFUSALS as error:
            schema = relation.as_string().partition(".")[0]
            raise ContrailError(
                f"{relation.as_string()}: column {column} is {there[column]} and its contract now "
                f"says {kind}, which rows or views do not allow. Run `drop schema {schema} "
                f"cascade`, then stage and build everything again. {error.diag.message_primary} "
                f"{error.diag.message_detail or ''}"
            ) from error
        if column not in there and column in indexes:
            method = sql.SQL(indexes[column])
            session.execute(
                sql.SQL("create index on {} using {} ({})").format(relation, method, name)
            )


def _columns(session: psycopg.Connection, relation: sql.Identifier) -> dict[str, str]:
    rows = session.execute(
        """
        select attname, format_type(atttypid, atttypmod)
        from pg_attribute
        where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
        """,
        [relation.as_string()],
    )
    return dict(rows.fetchall())
