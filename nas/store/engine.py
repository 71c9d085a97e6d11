"""URLs, engines and the database's clock: what differs between SQLite and PostgreSQL, in one place.

SQLite: WAL, synchronous NORMAL, foreign keys on; a transaction that writes begins with BEGIN IMMEDIATE
and so waits its turn (`?timeout=SECONDS` in the URL, 30 by default) instead of failing half-way.
PostgreSQL: psycopg 3, READ COMMITTED; writers of one study take turns at the lock of its row, so all
statements after it see the latest commit. A link that is cut shows as an error after about 5 s.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Float, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql.functions import GenericFunction

from nas.errors import StoreError

DEFAULT_URL = "sqlite:///nas-data/nas.db"
WRITES = "nas_writes"
"""Execution option of a connection whose transaction will write."""

_POSTGRES: dict[str, Any] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 5000,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "application_name": "nas",
}


class now(GenericFunction[float]):  # noqa: N801 (named as in SQL)
    """The database's clock, in seconds since 1970: the same for all hosts of a study."""

    type = Float()
    inherit_cache = True
    name = "nas_now"


@compiles(now, "sqlite")
def _sqlite_now(element: now, compiler: Any, **options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _postgres_now(element: now, compiler: Any, **options: Any) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


def parse_url(url: str | None) -> URL:
    """The store's URL: `url`, else NAS_STORE, else `DEFAULT_URL`; a bare path is a SQLite file."""
    text = url or os.environ.get("NAS_STORE") or DEFAULT_URL
    if "://" not in text:
        text = f"sqlite:///{text}"
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"cannot read the store's URL {text!r}: {_ALLOWED}") from None
    _check_timeout(parsed)
    kind = parsed.get_backend_name()
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return parsed
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"cannot open the store {shown(parsed)}: {kind!r} is no kind of store; {_ALLOWED}")


def _check_timeout(url: URL) -> None:
    """`?timeout=` of a SQLite URL is a number of seconds."""
    text = url.query.get("timeout", "0")
    if url.get_backend_name() == "sqlite" and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", str(text)):
        raise StoreError(
            f"cannot read the store's URL {shown(url)}: timeout={text} is no number of seconds, such as 30"
        )


_ALLOWED = "it is sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE; set NAS_STORE or --store"


def shown(url: URL) -> str:
    """The URL for messages: without its password."""
    plain = url.set(drivername="postgresql") if url.get_backend_name() == "postgresql" else url
    return repr(plain.render_as_string(hide_password=True))


def server_name(url: URL) -> str:
    """A file name for a server's database, which no other has; the same after its password has changed."""
    same = url.set(password=None).render_as_string()
    name = re.sub(r"[^\w.-]", "-", f"{url.host or 'local'}-{url.database}")[:80]
    return f"{name}-{hashlib.sha256(same.encode()).hexdigest()[:8]}"


def place(given: str | None) -> str:
    """Where the store is, whatever folder one is in, who said so, and which other one might be meant."""
    url, named = parse_url(given), os.environ.get("NAS_STORE")
    path = sqlite_path(url)
    where = shown(url.set(database=str(path.absolute())) if path else url)
    default = Path(DEFAULT_URL.removeprefix("sqlite:///"))
    if given:
        other = f"; NAS_STORE names {shown(parse_url(None))}" if named and parse_url(None) != url else ""
        return f"{where} that --store names{other}"
    if named:
        own = default.exists() and (path is None or path.absolute() != default.absolute())
        return f"{where} that NAS_STORE names{f'; this folder has one too: --store {default}' * own}"
    return f"{where}, the default in this folder"


def lasting(url: URL) -> URL:
    """The URL, if what is written there outlives this process; a store in memory is refused."""
    text = str(url.database or "").removeprefix("file:")
    memory = text in ("", ":memory:") or url.query.get("mode") == "memory"
    if url.get_backend_name() == "sqlite" and memory:
        raise StoreError(
            f"the store {shown(url)} is in memory, so that all of it would be lost with this process: name a "
            "file; type --store sqlite:///FILE"
        )
    return url


def sqlite_path(url: URL) -> Path | None:
    """The SQLite file of a URL; None for memory, PostgreSQL, or SQLite's own `file:` notation."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return None if str(url.database).startswith("file:") else Path(str(url.database))


def artifacts_root(url: URL) -> str:
    """The default artifact root: NAS_ARTIFACTS, else the folder `artifacts` beside the SQLite file."""
    if root := os.environ.get("NAS_ARTIFACTS"):
        return absolute_url(root)
    path = sqlite_path(url) or Path("nas-data/nas.db")
    return f"file://{path.absolute().parent / 'artifacts'}"


def absolute_url(root: str) -> str:
    """An fsspec URL that means the same in every folder: paths of this machine become absolute."""
    path = root.removeprefix("file://")
    return root.rstrip("/") if "://" in path else f"file://{Path(path).absolute()}"


def make_engine(url: URL) -> Engine:
    """An engine that opens no connection yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    options = {k: v for k, v in _POSTGRES.items() if k not in url.query}
    return create_engine(url, connect_args=options, pool_pre_ping=True, pool_size=4, max_overflow=8)


def _sqlite_engine(url: URL) -> Engine:
    arguments: dict[str, Any] = {"check_same_thread": False}
    if "timeout" not in url.query:
        arguments["timeout"] = 30.0
    # A store in memory is its one connection: threads take turns at it.
    memory = url.database in (None, "", ":memory:")
    size: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if memory else {"pool_size": 4}
    engine = create_engine(url, connect_args=arguments, poolclass=QueuePool, **size)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the transactions are ours: see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
