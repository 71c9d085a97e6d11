"""Columns of trials: in every store what the rows say, and by revision only what has changed."""

import math

from nas.records import Cause, TrialState
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import candidate, candidates, outcome, report


def test_columns_and_what_has_changed(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    before = store.revision(study.id)
    store.tell(study.id, driver, [outcome(2, math.nan)])
    numbers, states, values, paths = store.trial_columns(study.id, ["state", "value_0", "paths"])
    assert (numbers, states) == ([1, 2, 3], ["running", "complete", "running"])
    assert values == [None] * 3
    assert paths == [store.trial_columns(study.id, ["paths"])[1][0]] * 3
    assert store.trial_columns(study.id, ["state"], after=before) == [[2], ["complete"]]
    assert store.trial_columns(study.id, ["state"], after=store.revision(study.id)) == [[], []]


def test_metric_columns(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.tell(study.id, driver, [outcome(1, 0.25), outcome(3, math.inf)])
    numbers, values = store.metric_column(study.id, "loss")
    assert dict(zip(numbers, values, strict=True)) == {1: 0.5, 3: math.inf}
    assert store.metric_column(study.id, "loss", [1, 2]) == [[1], [0.5]]
    assert store.metric_column(study.id, "loss", []) == [[], []]


def test_points_of_many(store: Store, study: StudyRow) -> None:
    store.extend(study.id, 1_200)
    store.enqueue(study.id, candidates(*range(1_100)))
    points = store.points(study.id, range(1, 1_101))
    assert {number: point["depth"] for number, point in points.items()} == {n: n - 1 for n in range(1, 1_101)}


def test_epochs_are_of_the_latest_attempt(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    store.report(study.id, driver, [report(1, e, 1 / e) for e in (1, 2, 3)])
    store.requeue(study.id, driver, 1, 1, Cause.PREEMPTED, "gone")
    store.claim_queued(study.id, driver, 1)
    store.report(study.id, driver, [report(1, 2, 0.125, attempt=2), report(2, 1, math.nan)])
    assert store.epoch_values(study.id, [1, 2]) == {1: {1: 1.0, 2: 0.125, 3: 1 / 3}, 2: {1: None}}
    assert store.epoch_values(study.id, [2], "loss") == {2: {1: 1.0}}
    assert store.epoch_values(study.id, [2], "unheard") == {2: {1: None}}
    assert store.epoch_columns(study.id) == [[1, 1, 1, 1, 2], [1, 2, 3, 2, 1], [1.0, 0.5, 1 / 3, 0.125, None]]
    assert store.epoch_columns(study.id, "loss")[2] == [1.0] * 5
    assert [(a.number, a.attempt) for a in store.attempts_of(study.id, [2, 1])] == [(1, 1), (1, 2), (2, 1)]


def test_windows_and_latest_ends(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    store.tell(study.id, driver, [outcome(1)])
    ended_s = store.trial(study.id, 1).ended_s
    assert ended_s is not None
    assert store.latest_ends(study.id, 5) == [ended_s]
    assert store.attempts_within(study.id, 0.0, ended_s) == 2
    assert store.attempts_within(study.id, ended_s + 1, ended_s + 2) == 1
    assert store.attempts_within(study.id, 0.0, 1.0) == 0


def test_summaries_and_attributes(store: Store, study: StudyRow) -> None:
    store.enqueue(study.id, [candidate(1)])
    store.set_study_attributes(study.id, {"answer": {"best": 1}})
    (line,) = store.studies()
    assert store.study_summary(study.id) == line
    assert line.counts[TrialState.QUEUED] == 1
    assert store.attributes_of([study.id]) == {study.id: {"answer": {"best": 1}}}
    assert store.attributes_of([]) == {}
