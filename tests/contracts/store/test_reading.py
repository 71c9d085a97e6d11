"""What every kind of store promises: reading: pages, the best, history, revisions."""

import math
import threading
from dataclasses import replace

import pytest

from nas.errors import StoreError
from nas.records import Cause, Limit, TrialState, Wanted
from nas.store import Store
from nas.store.rows import Claim, StudyRow
from tests.store.makers import (
    assert_sound,
    candidate,
    candidates,
    outcome,
    report,
    spec,
)

S = TrialState


def test_the_best_keep_the_limits_of_their_study(store: Store) -> None:
    limits = (Limit("loss", 0.6), Limit("loss", 0.1, upper=False), Limit("heat", 3.0))
    study = store.create_study("limited", replace(spec(), limits=limits), 9, "memory://limited")
    driver = store.start_driver(study.id, "node-1", 1, 3600)
    store.claim(study.id, driver, candidates(*range(1, 8)))
    rows = [(1, 0.01, 1.0), (2, 0.4, 1.0), (3, 0.2, 3.0), (4, 0.05, 9.0), (5, 0.1, math.nan), (6, 0.3, 0.0)]
    ends = [
        outcome(number, error, metrics={"error": error, "loss": 2 * error, "heat": heat})
        for number, error, heat in rows
    ]
    store.tell(study.id, driver, [*ends, outcome(7, 0.15)])
    assert [trial.number for trial in store.best(study.id, 9)] == [3, 6]
    assert [(row.limited, row.best) for row in store.studies() if row.name == "limited"] == [(True, 0.01)]
    free = store.create_study("free", spec(), 9, "memory://free")
    assert [row.limited for row in store.studies() if row.id == free.id] == [False]


@pytest.fixture
def twelve(store: Store, study: StudyRow, driver: int) -> int:
    """Twelve trials: 1-4 complete, 5 pruned, 6 failed, 7 NaN, 8-10 running, 11 and 12 queued."""
    store.extend(study.id, 2)
    store.claim(study.id, driver, candidates(*range(1, 11)))
    store.enqueue(study.id, candidates(11, 12))
    ends = [
        outcome(1, 0.4),
        outcome(2, 0.1),
        outcome(3, 0.3),
        outcome(4, 0.1),
        outcome(5, 0.05, state=S.PRUNED),
    ]
    ends += [outcome(6, state=S.FAILED, values=(), cause=Cause.ERROR), outcome(7, math.nan)]
    store.tell(study.id, driver, ends)
    return study.id


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, list(range(1, 13))),
        ({"limit": 3}, [1, 2, 3]),
        ({"limit": 3, "offset": 10}, [11, 12]),
        ({"offset": 12}, []),
        ({"limit": 3, "offset": 1, "descending": True}, [11, 10, 9]),
        ({"states": [S.RUNNING, S.QUEUED]}, [8, 9, 10, 11, 12]),
        ({"states": [S.RUNNING], "descending": True, "limit": 1, "offset": 1}, [9]),
        ({"states": []}, []),
        ({"order": "value"}, [5, 2, 4, 3, 1, 6, 7, 8, 9, 10, 11, 12]),
        ({"order": "value", "descending": True}, [1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ({"order": "value", "limit": 4, "offset": 3}, [3, 1, 6, 7]),
        ({"order": "value", "limit": 2, "offset": 5}, [6, 7]),
        ({"order": "value", "limit": 2, "offset": 7}, [8, 9]),
        ({"order": "value", "states": [S.COMPLETE], "limit": 9}, [2, 4, 3, 1, 7]),
    ],
)
def test_pages(store: Store, twelve: int, asked: dict[str, object], expected: list[int]) -> None:
    assert [t.number for t in store.trials(twelve, **asked)] == expected  # type: ignore[arg-type]


def test_the_best(store: Store, twelve: int) -> None:
    assert [t.number for t in store.best(twelve)] == [2]
    assert [t.number for t in store.best(twelve, 9)] == [2, 4, 3, 1]


def test_the_best_of_more_is_better(store: Store) -> None:
    study = store.create_study("high", spec(minimize=False), 3, "")
    driver = store.start_driver(study.id, "n", 1, 60)
    assert store.best(study.id) == []
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.tell(study.id, driver, [outcome(1, 0.4), outcome(2, 0.9), outcome(3, 0.9)])
    assert [t.number for t in store.best(study.id, 2)] == [2, 3]


def test_a_trial_that_is_not_there(store: Store, study: StudyRow, twelve: int) -> None:
    with pytest.raises(StoreError, match="no trial 13 in this study: it has trials 1 to 12"):
        store.trial(twelve, 13)
    empty = store.create_study("empty", spec(), 1, "")
    with pytest.raises(StoreError, match="none yet"):
        store.trial(empty.id, 1)


def test_history_follows_the_study(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    first = store.history(study.id)
    assert [t.number for t in first] == [1, 2]
    seen = first[-1].revision
    assert store.history(study.id, seen) == []
    store.tell(study.id, driver, [outcome(2)])
    store.claim(study.id, driver, candidates(3))
    assert [(t.number, t.state) for t in store.history(study.id, seen)] == [(2, S.COMPLETE), (3, S.RUNNING)]
    assert [t.number for t in store.history(study.id, 0, limit=1)] == [1]


def test_every_change_raises_the_revision_and_nothing_else_does(
    store: Store, study: StudyRow, driver: int
) -> None:
    seen = store.revision(study.id)

    def rises(*results: object) -> bool:
        nonlocal seen
        before, seen = seen, store.revision(study.id)
        assert seen - before in (0, 1)
        return seen > before

    assert rises(store.claim(study.id, driver, candidates(1, 2)))
    assert rises(store.report(study.id, driver, [report(1, 1)]))
    assert rises(store.tell(study.id, driver, [outcome(1)]))
    assert rises(store.tell(study.id, driver, [outcome(1, attempt=1)])) is False
    assert rises(store.requeue(study.id, driver, 2, 1, Cause.PREEMPTED, ""))
    assert rises(store.tell(study.id, driver, [outcome(2)]))  # late: noted on its attempt
    assert rises(store.claim_queued(study.id, driver, 1))
    assert rises(store.set_wanted(study.id, Wanted.PAUSE))  # type: ignore[func-returns-value]
    assert rises(store.extend(study.id, 1))
    assert not rises(store.claim(study.id, driver, candidates(1)))
    assert not rises(store.reserve_draws(study.id, 3), store.renew(driver), store.reap(study.id))
    assert not rises(store.claim_queued(study.id, driver, 0))
    assert store.study("vgg-1").changed_s <= store.now_s()


def test_threads_share_a_store(store: Store, study: StudyRow, driver: int) -> None:
    store.extend(study.id, 30)
    errors: list[BaseException] = []

    def work(first: int) -> None:
        try:
            for i in range(first, first + 10):
                (claim,) = store.claim(study.id, driver, [candidate(i)])
                assert isinstance(claim, Claim)
                store.report(study.id, driver, [report(claim.number, 1)])
                assert store.renew(driver)
                assert store.tell(study.id, driver, [outcome(claim.number)]) == [True]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.counts(study.id)[S.COMPLETE] == 40
    assert_sound(store, study.id)
