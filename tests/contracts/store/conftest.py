"""Every kind of store, with a study in it and a driver at work."""

import pytest

from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.stores import postgres_url, sqlite_url, store, study, url

__all__ = ["postgres_url", "sqlite_url", "store", "study", "url"]  # fixtures


@pytest.fixture
def driver(store: Store, study: StudyRow) -> int:
    return store.start_driver(study.id, "node-1", 4242, 3600)
