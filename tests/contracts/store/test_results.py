"""What every kind of store promises: results, late ones and causes."""

import math

import pytest

from nas.records import Cause, TrialState
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import (
    assert_sound,
    candidates,
    expire,
    outcome,
    report,
)

S = TrialState


def test_a_result_is_accepted_once_and_comes_back_whole(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1))
    result = outcome(1, 0.25, values=(0.25, 7.0), message="ok")
    assert store.tell(study.id, driver, [result, result]) == [True, False]
    assert store.tell(study.id, driver, [outcome(1, 0.1)]) == [False]
    trial = store.trial(study.id, 1)
    assert (trial.state, trial.values, trial.metrics) == (
        S.COMPLETE,
        (0.25, 7.0),
        {"error": 0.25, "loss": 0.5},
    )
    assert (trial.wall_s, trial.worker, trial.message) == (1.5, "node-1", "ok")
    assert trial.ended_s is not None
    (attempt,) = store.attempts(study.id, 1)
    assert (attempt.accepted, attempt.state, attempt.late_s) == (True, S.COMPLETE, None)
    assert (attempt.values, attempt.metrics) == (trial.values, trial.metrics)
    assert store.metric(study.id, "loss") == {1: 0.5}
    assert store.tell(study.id, driver, []) == []


def test_a_late_result_is_noted_on_its_attempt_and_ignored(
    store: Store, study: StudyRow, driver: int
) -> None:
    store.claim(study.id, driver, candidates(1))
    expire(store, driver)
    store.reap(study.id)
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.claim_queued(study.id, other, 1)
    assert store.tell(study.id, driver, [outcome(1, 0.1)]) == [False]
    assert store.tell(study.id, driver, [outcome(1, 0.2)]) == [False]
    assert store.trial(study.id, 1).state is S.RUNNING
    assert store.tell(study.id, other, [outcome(1, 0.3, attempt=2)]) == [True]
    late, good = store.attempts(study.id, 1)
    assert (late.accepted, late.state, late.cause) == (False, S.QUEUED, Cause.RELEASED)
    assert (late.late_state, late.values) == (S.COMPLETE, (0.1,))
    assert late.late_s is not None
    assert (good.accepted, good.values) == (True, (0.3,))
    assert store.trial(study.id, 1).values == (0.3,)
    assert_sound(store, study.id)


@pytest.mark.parametrize(("number", "attempt"), [(1, 2), (1, 0), (9, 1)])
def test_a_result_of_nothing_known_is_ignored(
    store: Store, study: StudyRow, driver: int, number: int, attempt: int
) -> None:
    store.claim(study.id, driver, candidates(1))
    before = store.revision(study.id)
    assert store.tell(study.id, driver, [outcome(number, attempt=attempt)]) == [False]
    assert store.tell(study.id, driver + 1, [outcome(1)]) == [False]
    assert store.revision(study.id) == before


def test_failures_keep_their_cause(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    trace = "Traceback\n" + "x" * 50_000 + "\nValueError: \0 \ud800"
    failed = outcome(1, state=S.FAILED, values=(), metrics={}, cause=Cause.ERROR, message=trace)
    store.tell(study.id, driver, [failed])
    trial = store.trial(study.id, 1)
    assert (trial.state, trial.cause, trial.values) == (S.FAILED, Cause.ERROR, ())
    assert trial.message.startswith("Traceback\n")
    assert trial.message.endswith("ValueError: \\x00 \\ud800")
    assert len(trial.message) <= 20_000


def test_numbers_that_are_not_finite_survive(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3, 4))
    odd = {"nan": math.nan, "inf": math.inf, "ninf": -math.inf, "fine": 1.0}
    values = [(math.nan,), (math.inf, math.nan, 3.0), (-math.inf,), (0.5, math.nan)]
    store.report(study.id, driver, [report(1, 1, math.nan), report(1, 2, -math.inf)])
    store.tell(study.id, driver, [outcome(i + 1, values=v, metrics=odd) for i, v in enumerate(values)])
    for trial, expected in zip(store.trials(study.id), values, strict=True):
        assert str(trial.values) == str(expected)
        assert str(trial.metrics) == str(odd)
        assert str(store.attempts(study.id, trial.number)[0].metrics) == str(odd)
    assert math.isnan(store.metric(study.id, "nan")[2])
    assert store.metric(study.id, "ninf")[2] == -math.inf
    assert [str(metrics["error"]) for _, metrics in store.curve(study.id, 1)] == ["nan", "-inf"]
    assert [str(value) for _, value in store.curves(study.id)[1]] == ["nan", "-inf"]
    assert [t.number for t in store.best(study.id, 9)] == [3, 4, 2]
