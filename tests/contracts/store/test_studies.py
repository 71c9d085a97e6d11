"""What every kind of store promises: studies as a whole."""

import math

import pytest

from nas.errors import StoreError, StudyExistsError, StudyNotFoundError
from nas.records import Ending, TrialState, Wanted
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import (
    candidate,
    candidates,
    expire,
    outcome,
    spec,
)

S = TrialState


def test_a_study_comes_back_as_created(store: Store) -> None:
    made = store.create_study("vgg-1", spec(objectives=2), 24, "s3://bucket/vgg-1")
    assert made == store.study("vgg-1") == store.study_by_id(made.id)
    assert made.spec == spec(objectives=2)
    assert (made.budget, made.wanted, made.ending) == (24, Wanted.RUN, None)
    assert made.artifacts == "s3://bucket/vgg-1"
    assert made.counts == dict.fromkeys(TrialState, 0)
    assert made.used == 0
    assert abs(made.created_s - store.now_s()) < 60


def test_a_second_study_of_one_name_is_refused(store: Store, study: StudyRow) -> None:
    with pytest.raises(StudyExistsError, match=r"'vgg-1' is in the store .*nas resume vgg-1"):
        store.create_study("vgg-1", spec(), 5, "")
    assert store.study_names() == ["vgg-1"]


@pytest.mark.parametrize(("name", "budget"), [("x", 0), ("x", -1), ("", 5), ("a\0b", 5)])
def test_a_senseless_study_is_refused(store: Store, name: str, budget: int) -> None:
    with pytest.raises(StoreError, match="write --"):
        store.create_study(name, spec(), budget, "")


def test_unknown_studies_are_named_with_what_is_known(store: Store, study: StudyRow) -> None:
    with pytest.raises(StudyNotFoundError, match=r"'vgg-2'.*known are vgg-1; did you mean 'vgg-1'"):
        store.study("vgg-2")
    for call in (store.study_by_id, store.revision, store.counts, store.study_attributes):
        with pytest.raises(StudyNotFoundError, match="no study with id 99"):
            call(99)
    with pytest.raises(StudyNotFoundError, match="no study with id 99"):
        store.reserve_draws(99, 1)
    with pytest.raises(StudyNotFoundError, match="no study with id 99"):
        store.extend(99, 1)


def test_the_message_for_an_empty_store_says_how_to_start(store: Store) -> None:
    with pytest.raises(StudyNotFoundError, match="nas search"):
        store.study("x")


def test_budget_wish_and_ending_are_set(store: Store, study: StudyRow) -> None:
    assert store.extend(study.id, 5) == 15
    store.set_wanted(study.id, Wanted.DRAIN)
    store.set_ending(study.id, Ending.DRAINED)
    now = store.study("vgg-1")
    assert (now.budget, now.wanted, now.ending) == (15, Wanted.DRAIN, Ending.DRAINED)
    store.set_ending(study.id, None)
    assert store.study("vgg-1").ending is None
    with pytest.raises(StoreError, match="cannot grow by -1"):
        store.extend(study.id, -1)


def test_study_attributes_merge_and_come_back_unread(store: Store, study: StudyRow) -> None:
    assert store.study_attributes(study.id) == {}
    given = {"generation": 3, "limit": math.inf, "of": [1, {"$float": "nan"}], "text": "NaN \0 \ud800 ü"}
    store.set_study_attributes(study.id, given)
    store.set_study_attributes(study.id, {"generation": 4})
    assert store.study_attributes(study.id) == {**given, "generation": 4}


def test_draws_are_reserved_without_gap_or_overlap(store: Store, study: StudyRow) -> None:
    assert [store.reserve_draws(study.id, n) for n in (4, 1, 2)] == [0, 4, 5]


def test_refusals_are_counted_by_reason(store: Store, study: StudyRow) -> None:
    store.count_refusals(study.id, {"duplicate": 2, "params <= 10e6": 5})
    store.count_refusals(study.id, {"duplicate": 9})
    assert store.refusals(study.id) == {"duplicate": 11, "params <= 10e6": 5}
    assert list(store.refusals(study.id)) == ["duplicate", "params <= 10e6"]


def test_the_list_of_studies(store: Store, study: StudyRow, driver: int) -> None:
    other = store.create_study("high", spec(minimize=False), 3, "")
    second = store.start_driver(other.id, "node-2", 1, 3600)
    expire(store, store.start_driver(other.id, "node-3", 1, 3600))
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.tell(study.id, driver, [outcome(1, 0.3), outcome(2, 0.2), outcome(3, 0.1, state=S.PRUNED)])
    store.claim(other.id, second, candidates(1, 2))
    store.tell(other.id, second, [outcome(1, 0.3), outcome(2, 0.2)])
    high, low = store.studies()
    assert (low.name, low.best, low.minimize, low.metric) == ("vgg-1", 0.2, True, "error")
    assert (high.name, high.best, high.minimize, high.drivers) == ("high", 0.3, False, 1)
    assert (low.space, low.data, low.evaluator, low.sampler) == ("vgg", "digits", "train", "auto")
    assert (low.counts[S.COMPLETE], low.counts[S.PRUNED], low.budget) == (2, 1, 10)
    assert low.revision == store.revision(study.id)


def test_draws_that_came_to_nothing_go_back_where_nobody_else_draws(
    store: Store, study: StudyRow, driver: int
) -> None:
    assert store.return_draws(study.id, driver) == 0
    store.reserve_draws(study.id, 9)
    store.claim(study.id, driver, [candidate(1, draw=0), candidate(2, draw=3)])
    store.enqueue(study.id, [candidate(3, draw=-1)])
    store.count_refusals(study.id, {"duplicate": 4})
    assert store.drawn(study.id) == (2, 4)
    assert store.return_draws(study.id, driver) == 2  # draws 4 and 5 were refused, 6 to 8 lost
    assert store.reserve_draws(study.id, 1) == 6
    other = store.start_driver(study.id, "node-2", 1, 3600)
    assert store.return_draws(study.id, driver) == 0
    assert store.reserve_draws(study.id, 1) == 7
    store.end_driver(other)
    assert store.return_draws(study.id, driver) == 2
    assert store.reserve_draws(study.id, 1) == 6


def test_busy_seconds_are_those_of_attempts(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.tell(study.id, driver, [outcome(1, wall_s=2.5), outcome(2, wall_s=4.0)])
    begun = store.trial(study.id, 3).started_s
    assert begun is not None
    assert store.busy_s(study.id, {driver: begun + 10}) == pytest.approx(16.5)
    assert store.busy_s(study.id, {}) == 0
