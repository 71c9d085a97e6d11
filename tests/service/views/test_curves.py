"""Curves: of the best and of those that run, each epoch from the latest attempt, thinned but for the end."""

import math

import pytest

from nas.errors import NasError
from nas.records import Cause, EpochReport, TrialState
from nas.service.views import curves as module
from nas.service.views.curves import curves
from nas.store import Store
from tests.service.views.making import Told, driver_of, study


def test_the_best_and_those_that_run(store: Store) -> None:
    told = [Told((0.5,), curve=(0.9, 0.5)), Told((0.3,), curve=(0.7, 0.3)), Told((0.4,), curve=(0.6, 0.4))]
    told += [Told(state=TrialState.RUNNING, curve=(0.8,)), Told(state=TrialState.FAILED, curve=(math.nan,))]
    study(store, told)
    found = curves(store, "one", top=2)
    assert [(c.number, c.state) for c in found.curves] == [(2, "complete"), (3, "complete"), (4, "running")]
    assert (found.curves[0].epochs, found.curves[0].values) == ([1, 2], [0.7, 0.3])
    assert (found.metric, found.metrics) == ("error", ["error"])
    assert curves(store, "one", top=0).curves == []


def test_those_that_are_asked_for(store: Store) -> None:
    told = [Told((0.5,), curve=(0.9, math.nan), metrics={"loss": 1.0}), Told((0.3,), curve=(0.7,))]
    study(store, told)
    found = curves(store, "one", metric="loss", numbers=[1, 99, 1])
    assert [(c.number, c.values) for c in found.curves] == [(1, [1.8, None])]
    assert found.metrics == ["error", "loss"]
    assert curves(store, "one", metric="unheard").curves[0].values == [None]
    with pytest.raises(NasError, match="201 curves: at most 200"):
        curves(store, "one", numbers=list(range(201)))


def test_each_epoch_is_of_the_latest_attempt(store: Store) -> None:
    row = study(store, [Told(state=TrialState.RUNNING, curve=(0.9, 0.8, 0.7))])
    driver = driver_of(store, row)
    store.requeue(row.id, driver, 1, 1, Cause.PREEMPTED, "gone")
    store.claim_queued(row.id, driver, 1)
    store.report(row.id, driver, [EpochReport(1, 2, 2, {"error": 0.5}, 1.0)])
    found = curves(store, "one", numbers=[1]).curves[0]
    assert (found.epochs, found.values) == ([1, 2, 3], [0.9, 0.5, 0.7])


def test_a_long_curve(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EPOCHS", 5)
    study(store, [Told((0.1,), curve=tuple(1 / n for n in range(1, 101)))])
    found = curves(store, "one").curves[0]
    assert (len(found.epochs), found.epochs[0], found.epochs[-1]) == (5, 1, 100)
    assert found.values == [1 / epoch for epoch in found.epochs]


def test_an_empty_study(store: Store) -> None:
    study(store, [])
    assert curves(store, "one").curves == []
