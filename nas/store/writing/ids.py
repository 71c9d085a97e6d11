"""Ids that are never used again, so that what belongs to a deleted study cannot be taken for another's."""

from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, union_all, update

from nas.store.tables import gone


def fresh_id(connection: Connection, table: Table) -> dict[str, Any]:
    """The id of a new row, where the database would give out the last one again; PostgreSQL does not."""
    if connection.dialect.name == "postgresql":
        return {}
    lasts = union_all(
        select(func.coalesce(func.max(table.c.id), 0).label("last")),
        select(gone.c.last).where(gone.c.name == table.name),
    ).subquery()
    return {"id": select(func.max(lasts.c.last) + 1).scalar_subquery()}


def remember_ids(connection: Connection, table: Table) -> None:
    """Some rows of the table are about to be deleted."""
    if connection.dialect.name == "postgresql":
        return
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    here = select(gone.c.last).where(gone.c.name == table.name)
    known = connection.execute(here).scalar_one_or_none()
    if known is None:
        connection.execute(insert(gone).values(name=table.name, last=last))
    elif known < last:
        connection.execute(update(gone).where(gone.c.name == table.name).values(last=last))
