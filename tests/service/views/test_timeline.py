"""Every attempt has its bar, those before the last too, and those without a worker rows of their own."""

import math

import pytest

from nas.errors import NasError
from nas.records import Cause, TrialState
from nas.service.views.timeline import Bar, timeline
from nas.store import Store
from nas.store.rows import StudyRow
from tests.service.views.making import Told, driver_of, study


@pytest.fixture
def eventful(store: Store) -> StudyRow:
    """Complete, failed, running; one lost and begun again, one lost and waiting, one lost and cancelled."""
    row = study(store, [Told((0.5,)), Told(state=TrialState.FAILED), *[Told(state=TrialState.RUNNING)] * 4])
    driver = driver_of(store, row)
    store.requeue(row.id, driver, 3, 1, Cause.PREEMPTED, "gone")
    store.claim_queued(row.id, driver, 1)
    for number in (4, 5):
        store.requeue(row.id, driver, number, 1, Cause.RELEASED, "paused")
    return store.study("one")


def told(store: Store, row: StudyRow) -> set[tuple[int, int, str, float, float | None]]:
    """All attempts of the store."""
    return {
        (a.number, a.attempt, a.state.value, a.started_s, a.ended_s)
        for number in range(1, 7)
        for a in store.attempts(row.id, number)
    }


def shown(bars: list[Bar]) -> set[tuple[int, int, str, float, float | None]]:
    """The same of bars."""
    return {(bar.number, bar.attempt, bar.state, bar.start_s, bar.end_s) for bar in bars}


def test_every_attempt(store: Store, eventful: StudyRow) -> None:
    found = timeline(store, "one")
    assert shown(found.bars) == told(store, eventful)
    assert (found.shown, found.total) == (7, 7)
    assert found.start_s == eventful.created_s
    assert [bar.start_s for bar in found.bars] == sorted(bar.start_s for bar in found.bars)
    causes = {(bar.number, bar.attempt): bar.cause for bar in found.bars}
    assert (causes[2, 1], causes[3, 1], causes[3, 2]) == ("error", "preempted", None)
    store.cancel_trials(eventful.id)
    assert shown(timeline(store, "one").bars) == told(store, eventful)


def test_workers(store: Store, eventful: StudyRow) -> None:
    found = timeline(store, "one")
    assert found.workers[:2] == ["node-1", "node-2"]
    assert all(worker.startswith("not told ") for worker in found.workers[2:])
    for worker in found.workers:
        ends = 0.0
        for bar in found.bars:
            if bar.worker == worker:
                assert bar.start_s >= ends
                ends = math.inf if bar.end_s is None else bar.end_s


def test_a_window(store: Store, eventful: StudyRow) -> None:
    last = max(bar.start_s for bar in timeline(store, "one").bars)
    found = timeline(store, "one", since_s=last, until_s=last + 5)
    there = {a for a in told(store, eventful) if a[3] <= last + 5 and (a[4] is None or a[4] >= last)}
    assert shown(found.bars) == there
    assert (found.total, found.end_s) == (len(there), last + 5)
    assert timeline(store, "one", since_s=1.0, until_s=2.0).bars == []
    with pytest.raises(NasError, match="the window ends before it begins"):
        timeline(store, "one", since_s=2.0, until_s=1.0)


def test_the_latest_of_many(store: Store, eventful: StudyRow) -> None:
    found = timeline(store, "one", limit=3)
    starts = sorted(a[3] for a in told(store, eventful))
    assert [bar.start_s for bar in found.bars] == starts[-3:]
    assert (found.shown, found.total) == (3, 7)


def test_an_empty_study(store: Store) -> None:
    study(store, [])
    found = timeline(store, "one")
    assert (found.bars, found.workers, found.total) == ([], [], 0)


def test_a_window_without_end_is_none(store: Store) -> None:
    study(store, [Told((0.5,))])
    for since, until in ((-math.inf, None), (None, math.inf), (math.nan, None)):
        with pytest.raises(NasError, match="window"):
            timeline(store, "one", since_s=since, until_s=until)
