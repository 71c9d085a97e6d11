"""A store for the tests of the service."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.store import Store, open_store
from tests.store.stores import empty, postgres_url, sqlite_url

__all__ = ["postgres_url", "sqlite_url", "store"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A fresh SQLite store in a file."""
    with open_store(empty(tmp_path / "nas.db")) as opened:
        yield opened
