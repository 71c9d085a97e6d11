"""Many rows in one statement.

SQLite runs a prepared statement row by row, in the process, faster than any other way. To PostgreSQL each
row is a message and an execution of its own; there the rows travel as one JSON text.
"""

import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from nas.store.codec import plain

Row = Mapping[str, Any]
_dump = json.JSONEncoder(allow_nan=False, default=plain).encode


def insert_many(connection: Connection, table: Table, rows: Sequence[Row], *, fresh: bool = True) -> None:
    """Insert rows that all have the same columns; unless they are `fresh`, known ones stay as they are."""
    _run(connection, _inserting(connection.dialect.name, table, tuple(rows[0]), fresh), rows)


def update_many(connection: Connection, table: Table, keys: Iterable[str], rows: Sequence[Row]) -> None:
    """Set the columns of rows, each found by its values of `keys`."""
    _run(connection, _updating(connection.dialect.name, table, tuple(keys), tuple(rows[0])), rows)


def _run(connection: Connection, statement: Executable, rows: Sequence[Row]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(statement, [{f"_{name}": value for name, value in row.items()} for row in rows])
    else:
        connection.execute(statement, {"rows": _text(rows)})


def _text(rows: Sequence[Row]) -> str:
    try:
        return _dump(rows)
    except ValueError:  # JSON has no infinity; the cast to a column of floats takes the word
        return _dump([{name: _worded(value) for name, value in row.items()} for row in rows])


def _worded(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


@functools.cache
def _inserting(kind: str, table: Table, names: tuple[str, ...], fresh: bool) -> Executable:
    if kind == "sqlite":
        plain = insert(table) if fresh else sqlite.insert(table).on_conflict_do_nothing()
        return plain.values({name: bindparam(f"_{name}") for name in names})
    given = _recordset(table, names)
    copied = postgresql.insert(table).from_select(list(names), select(*(given.c[name] for name in names)))
    return copied if fresh else copied.on_conflict_do_nothing()


@functools.cache
def _updating(kind: str, table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Executable:
    given = (
        {name: bindparam(f"_{name}") for name in names} if kind == "sqlite" else _recordset(table, names).c
    )
    here = [table.c[name] == given[name] for name in keys]
    return update(table).where(*here).values({name: given[name] for name in names if name not in keys})


def _recordset(table: Table, names: tuple[str, ...]) -> Any:
    """The rows of the parameter `rows`, as a table."""
    columns = [table.c[name] for name in names]
    rows = func.json_to_recordset(bindparam("rows")).table_valued(*columns)
    return rows.render_derived(name="given", with_types=True)
