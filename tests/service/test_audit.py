"""The audit as the service keeps it."""

import pytest

from nas.errors import NasError
from nas.service.audit import entries, record
from nas.store import Store


def test_what_was_done_is_read_back_the_latest_first(store: Store) -> None:
    for action in ("create", "stop"):
        record(store, actor="token", action=action, study="s", detail="x", outcome="done", address="10.0.0.1")
    rows = entries(store)
    assert [(row.action, row.actor, row.address) for row in rows] == [
        ("stop", "token", "10.0.0.1"),
        ("create", "token", "10.0.0.1"),
    ]
    assert entries(store, limit=1) == rows[:1]
    assert entries(store, before=rows[0].id) == rows[1:]
    for limit in (0, 1001):
        with pytest.raises(NasError, match="from 1 to 1,000"):
            entries(store, limit=limit)
