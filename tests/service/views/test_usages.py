"""Usage: at once of a small study, beside the pages of a large one."""

import time

import pytest

from nas.errors import StoreError
from nas.service.usage import usage
from nas.service.views import usages
from nas.service.views.usages import latest_usage
from nas.store import Store
from tests.service.views.making import Told, study


def test_of_a_small_study(store: Store) -> None:
    row = study(store, [Told((0.5,))])
    assert latest_usage(store, row, live=False) == usage(store, row)


def test_of_a_large_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row = study(store, [Told((0.5,))] * 3)
    monkeypatch.setattr(usages, "SMALL", 2)
    walks: list[float] = []

    def slow(store: Store, row: object) -> object:
        walks.append(time.monotonic())
        time.sleep(0.3)
        return usage(store, row)  # type: ignore[arg-type]

    monkeypatch.setattr(usages, "usage", slow)
    assert latest_usage(store, row, live=True) is None
    found = latest_usage(store, row, live=True, wait_s=20)
    assert found is not None
    assert found.accepted == 3
    assert latest_usage(store, row, live=True) == found
    assert len(walks) == 1


def test_while_the_store_is_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    row = study(store, [Told((0.5,))])

    def away(store: Store, row: object) -> object:
        raise StoreError("away")

    monkeypatch.setattr(usages, "usage", away)
    assert latest_usage(store, row, live=False) is None
