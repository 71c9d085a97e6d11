"""What decides is found in another process, while pages go on."""

import math
from dataclasses import replace

import numpy as np
import pytest

from nas.errors import NasError, UnknownNameError
from nas.service.views import importance as module
from nas.service.views.importance import importance
from nas.store import Store
from tests.service.views.making import Told, add, driver_of, point, spec, study


def losses(count: int) -> list[Told]:
    """The first vector's first element decides."""
    label = "filters[0]"
    return [Told((float(point(i).labels[label]),), metrics={"same": 1.0}) for i in range(count)]


def test_what_decides(store: Store) -> None:
    row = study(store, losses(60))
    first = importance(store, "one")
    assert (first.pending, first.shares, first.total) == (True, [], 60)
    found = importance(store, "one", wait_s=60)
    assert (found.pending, found.used, found.total, found.why_not) == (False, 60, 60, "")
    assert found.shares[0].parameter == "filters[0]"
    assert sum(each.share for each in found.shares) == pytest.approx(1)
    assert found.shares[0].coverage == 1.0
    labels = [set(point(i).labels) for i in range(60)]
    for each in found.shares:
        assert each.coverage == pytest.approx(np.mean([each.parameter in there for there in labels]))
    add(store, row, driver_of(store, row), losses(2))
    assert importance(store, "one") == replace(found, total=62)
    add(store, row, driver_of(store, row), losses(18))
    again = importance(store, "one")
    assert (again.pending, again.shares) == (True, found.shares)
    assert importance(store, "one", wait_s=60).used == 80


def test_what_tells_nothing(store: Store) -> None:
    study(store, losses(40))
    found = importance(store, "one", metric="same", wait_s=60)
    assert found.shares == []
    assert found.why_not == "no parameter tells trials of good and of bad same apart"
    with pytest.raises(UnknownNameError):
        importance(store, "one", metric="unheard")


def test_few_trials(store: Store) -> None:
    study(store, [*losses(29), Told((math.nan,))])
    found = importance(store, "one")
    assert (found.pending, found.total) == (False, 29)
    assert found.why_not == "29 complete trials have error: it takes 30 to tell parameters apart"


def test_a_space_that_is_not_read_any_more(store: Store) -> None:
    study(store, losses(40), spec(space={"space": {"space": "old"}}))
    found = importance(store, "one", wait_s=60)
    assert not found.pending
    assert found.why_not.startswith("not known: ")


def test_what_failed_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    study(store, losses(40))

    def fails(*_: object, **__: object) -> object:
        raise NasError("its process ended")

    with monkeypatch.context() as patched:
        patched.setattr(module, "ask", fails)
        assert importance(store, "one", wait_s=60).why_not == "not known: its process ended"
    assert importance(store, "one", wait_s=60).shares
