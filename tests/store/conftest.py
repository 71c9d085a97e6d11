"""Stores for tests: see `tests/store/stores.py`."""

from tests.store.stores import postgres_url, sqlite_url, store, study, url

__all__ = ["postgres_url", "sqlite_url", "store", "study", "url"]
