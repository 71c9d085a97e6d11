"""The schema's revision: told from a constant when a store is opened, changed by Alembic's migrations.

Our version table is `nas_alembic_version`, so that a database may also hold Optuna's or MLflow's tables
with theirs. Opening a store that is up to date reads one row and never imports alembic. Creating and
upgrading are one transaction under a lock: another process sees the old schema or the new one.
"""

import sqlite3
import threading
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, text
from sqlalchemy.exc import OperationalError

from nas.store.engine import WRITES
from nas.store.failures import explained, refusal
from nas.store.tables import VERSION_TABLE, metadata

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All revisions in `migrations/versions`, the oldest first (a test compares)."""

HEAD = REVISIONS[-1]
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_ID = 0x6E6173  # "nas": PostgreSQL's advisory lock for migrations
_ALEMBIC = threading.Lock()  # Alembic keeps its context in module globals


def prepare(url: URL, engine: Engine, *, create: bool) -> None:
    """Make sure that the database has our tables in this version; an empty one gets them if `create`."""
    with explained(url, "open"):
        with engine.connect() as connection:
            found = stored_revision(url, connection)
        if found is None and create:
            migrate(url, engine)
        elif found is None:
            raise refusal(
                url, "open", "nothing is stored there", "start a search, or correct NAS_STORE or --store"
            )
        elif found != HEAD:
            raise refusal(url, "open", f"it is of the older version {found}", "upgrade it: nas store upgrade")


def stored_revision(url: URL, connection: Connection) -> str | None:
    """The revision of the tables in the database; None if there are none of ours.

    Raises `StoreError` for a newer or a half-made one.
    """
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE not in tables:
        ours = sorted(tables & set(metadata.tables))
        if not ours:
            return None
        raise refusal(url, "open", f"it has {ours[0]} but no {VERSION_TABLE}: half made", _RESTORE)
    rows = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
    if len(rows) != 1:
        raise refusal(url, "open", f"{VERSION_TABLE} has {len(rows)} rows, not 1: half migrated", _RESTORE)
    if rows[0] not in REVISIONS:
        newer = f"its version {rows[0]} is newer than this program's {HEAD}"
        raise refusal(url, "open", newer, "upgrade the program: pip install --upgrade with the newer release")
    return str(rows[0])


_RESTORE = "restore it from a copy, or choose another store"


def migrate(url: URL, engine: Engine) -> tuple[str | None, str]:
    """Bring the tables to `HEAD` by the migrations; returns the revisions before and after."""
    with explained(url, "create"):
        if engine.dialect.name == "sqlite":
            _switch_to_wal(url, engine)
        with _ALEMBIC, engine.execution_options(**{WRITES: True}).begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
            before = stored_revision(url, connection)
            if before != HEAD:
                _run_alembic(connection)
            return before, HEAD


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _switch_to_wal(url: URL, engine: Engine, patience_s: float = 30.0) -> None:
    """Once for a file's life. SQLite does not wait for others here, so we do."""
    end = time.monotonic() + patience_s
    connection = engine.raw_connection()
    try:
        while True:
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise OperationalError("PRAGMA journal_mode = WAL", None, error) from error
            time.sleep(0.02)
    finally:
        connection.close()
