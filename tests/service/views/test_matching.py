"""Lists of numbers are kept for the next page, and never longer than their study stands still."""

from pathlib import Path

import pytest

from nas.service.listing import trials_asked
from nas.service.views import matching as room
from nas.service.views.matching import matching
from nas.service.views.trials import trials_page
from nas.store import Store
from tests.service.views.full import fill
from tests.service.views.making import Told, point, study
from tests.store.makers import outcome


@pytest.fixture
def full(store: Store, tmp_path: Path) -> Store:
    fill(store, tmp_path)
    return store


def ask(store: Store, *where: str, sort: str = "macs") -> list[int]:
    row = store.study("s")
    asked = trials_asked(store, row, state=None, where=where, sort=sort)
    found = matching(store, row, asked)
    assert matching(store, row, asked) is found, "it is kept"
    return list(found)


def test_what_changed_is_looked_for_anew(full: Store) -> None:
    assert 11 not in ask(full, "error<2")
    study = full.study("s").id
    (driver,) = [row.id for row in full.drivers(study)]
    full.tell(study, driver, [outcome(11, values=(0.1, 1.0))])
    assert 11 in ask(full, "error<2")


def test_only_so_many_are_kept(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KEPT", 3)
    found = [ask(full, f"number>{i}") for i in range(6)]
    assert [len(numbers) for numbers in found] == [13, 12, 11, 10, 9, 8]
    assert len(room._known[full]) == 3


def test_deep_pages_are_the_same_as_by_the_store(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [row.number for row in trials_page(full, "s", sort="loss:desc").rows]
    monkeypatch.setattr("nas.service.views.trials.DEEP", 4)
    for offset in range(14):
        page = trials_page(full, "s", sort="loss:desc", offset=offset, limit=3)
        assert [row.number for row in page.rows] == whole[offset : offset + 3]
        assert page.total == 13


def test_a_whole_vector_is_asked_for(store: Store) -> None:
    study(store, [Told((0.5,)), Told((0.4,))])
    filters = point(0).point["filters"]
    page = trials_page(store, "one", where=[f"filters={','.join(map(str, filters))}"])
    assert 1 in [row.number for row in page.rows]
    assert all(tuple(row.point["filters"]) == tuple(filters) for row in page.rows)
