"""What every kind of store promises, method by method."""

import math
import threading

import pytest

from nas.errors import StoreError, StudyExistsError, StudyNotFoundError
from nas.records import Cause, Ending, TrialState, Wanted
from nas.store import Store
from nas.store.rows import Claim, Refused, StudyRow
from tests.store.makers import (
    COSTS,
    assert_sound,
    candidate,
    candidates,
    expire,
    numbers,
    outcome,
    reasons,
    report,
    spec,
)
from tests.store.stores import postgres_url, sqlite_url, store, study, url

__all__ = ["postgres_url", "sqlite_url", "store", "study", "url"]  # fixtures

S = TrialState


@pytest.fixture
def driver(store: Store, study: StudyRow) -> int:
    return store.start_driver(study.id, "node-1", 4242, 3600)


# Studies


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
    assert (low.space, low.data, low.evaluator, low.sampler) == ("vgg", "digits", "train", "tpe")
    assert (low.counts[S.COMPLETE], low.counts[S.PRUNED], low.budget) == (2, 1, 10)
    assert low.revision == store.revision(study.id)


# Claims


def test_a_claim_becomes_a_running_trial_with_all_it_was_given(
    store: Store, study: StudyRow, driver: int
) -> None:
    given = candidate(7, attributes={"nsga2:generation": 2, "limit": math.nan})
    (claim,) = store.claim(study.id, driver, [given])
    assert claim == Claim(1, 1, given)
    trial = store.trial(study.id, 1)
    assert (trial.state, trial.attempt, trial.driver_id, trial.epoch) == (S.RUNNING, 1, driver, 0)
    assert (trial.point, trial.key, trial.arch_id) == (given.point, "key-7", "arch-7")
    assert (trial.draw, trial.seed) == (7, given.seed)
    assert trial.cost == COSTS
    assert (trial.params, trial.paths) == (COSTS["params"], 2**5000)
    assert trial.attributes["nsga2:generation"] == 2
    assert math.isnan(trial.attributes["limit"])
    assert (trial.values, trial.metrics, trial.cause, trial.ended_s) == ((), {}, None, None)
    assert trial.started_s == trial.created_s
    assert store.parameter(study.id, "norm") == {1: "batch"}
    assert store.parameter(study.id, "depth") == {1: 7}
    assert store.parameter(study.id, "bias") == {1: True}
    assert store.parameter(study.id, "no such") == {}


def test_duplicates_and_the_spent_budget_are_refused(store: Store, study: StudyRow, driver: int) -> None:
    assert numbers(store.claim(study.id, driver, candidates(*range(8)))) == list(range(1, 9))
    again = [candidate(3, draw=100), *candidates(8, 8, 9, 10)]
    answers = store.claim(study.id, driver, again)
    assert numbers(answers) == [9, 10]
    assert answers[0] == Refused("duplicate", 4, again[0])
    assert answers[2] == Refused("duplicate", 9, again[2])
    assert answers[4] == Refused("budget", None, again[4])
    assert store.claim(study.id, driver, []) == []
    assert store.study("vgg-1").used == 10
    assert_sound(store, study.id)


def test_a_repeated_claim_is_the_same_claim(store: Store, study: StudyRow, driver: int) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    first = store.claim(study.id, driver, candidates(1, 2))
    assert store.claim(study.id, driver, candidates(1, 2)) == first
    assert reasons(store.claim(study.id, other, candidates(1, 2))) == ["duplicate"] * 2
    store.tell(study.id, driver, [outcome(1)])
    assert reasons(store.claim(study.id, driver, candidates(1))) == ["duplicate"]


def test_failed_counts_against_the_budget_and_cancelled_does_not(
    store: Store, study: StudyRow, driver: int
) -> None:
    store.claim(study.id, driver, candidates(*range(10)))
    states = [S.FAILED, S.PRUNED, S.CANCELLED, S.COMPLETE]
    store.tell(study.id, driver, [outcome(i + 1, state=state) for i, state in enumerate(states)])
    assert store.study("vgg-1").used == 9
    assert numbers(store.claim(study.id, driver, candidates(20, 21))) == [11]
    store.extend(study.id, 1)
    assert numbers(store.claim(study.id, driver, candidates(21))) == [12]
    assert_sound(store, study.id)


def test_a_network_too_large_for_its_column_is_refused_whole(
    store: Store, study: StudyRow, driver: int
) -> None:
    huge = candidate(2, cost={**COSTS, "macs": 2**63})
    with pytest.raises(StoreError, match=r"macs of a network is 9223372036854775808.*macs <= 1e12"):
        store.claim(study.id, driver, [candidate(1), huge])
    assert store.trials(study.id) == []
    assert_sound(store, study.id)


def test_costs_may_be_unknown(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, [candidate(1, cost={"params": 3})])
    assert store.trial(study.id, 1).cost == {"params": 3}
    assert store.trial(study.id, 1).macs is None


def test_enqueued_points_wait_and_are_claimed_in_order(store: Store, study: StudyRow, driver: int) -> None:
    answers = store.enqueue(study.id, [*candidates(1, 2, 1), *candidates(*range(3, 12))])
    assert numbers(answers) == list(range(1, 11))
    assert reasons(answers) == ["duplicate", "budget"]
    assert [(t.state, t.attempt) for t in store.trials(study.id)] == [(S.QUEUED, 0)] * 10
    started = store.claim_queued(study.id, driver, 3)
    assert [(t.number, t.state, t.attempt, t.driver_id) for t in started] == [
        (n, S.RUNNING, 1, driver) for n in (1, 2, 3)
    ]
    assert started[0] == store.trial(study.id, 1)
    assert len(store.claim_queued(study.id, driver, 99)) == 7
    assert store.claim_queued(study.id, driver, 99) == []
    assert_sound(store, study.id)


def test_a_waiting_point_may_turn_out_infeasible(store: Store, study: StudyRow, driver: int) -> None:
    store.enqueue(study.id, candidates(1, 2))
    assert store.refuse_queued(study.id, 1, "params <= 10e6")
    assert not store.refuse_queued(study.id, 1, "again")
    assert (store.trial(study.id, 1).state, store.trial(study.id, 1).message) == (
        S.INFEASIBLE,
        "params <= 10e6",
    )
    assert [t.number for t in store.claim_queued(study.id, driver, 9)] == [2]
    assert not store.refuse_queued(study.id, 2, "running")
    assert store.study("vgg-1").used == 1


# Drivers


def test_drivers_renew_and_end(store: Store, study: StudyRow, driver: int) -> None:
    (row,) = store.drivers(study.id)
    assert (row.id, row.host, row.pid, row.live, row.lost) == (driver, "node-1", 4242, True, False)
    assert row.lease_until_s - row.started_s == pytest.approx(3600)
    assert store.renew(driver)
    store.claim(study.id, driver, candidates(1))
    store.end_driver(driver)
    assert not store.renew(driver)
    assert store.trial(study.id, 1).state is S.QUEUED
    (row,) = store.drivers(study.id)
    assert (row.live, row.lost) == (False, False)
    assert row.ended_s is not None
    with pytest.raises(StudyNotFoundError, match="no driver with id 99"):
        store.end_driver(99)
    assert not store.renew(99)


def test_reaping_takes_the_trials_of_an_expired_driver_only(
    store: Store, study: StudyRow, driver: int
) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.claim(study.id, other, candidates(4))
    store.tell(study.id, driver, [outcome(2)])
    before = store.revision(study.id)
    assert store.reap(study.id) == []
    assert store.revision(study.id) == before
    expire(store, driver)
    assert store.reap(study.id) == [1, 3]
    assert store.reap(study.id) == []
    assert [t.state for t in store.trials(study.id)] == [S.QUEUED, S.COMPLETE, S.QUEUED, S.RUNNING]
    (first,) = store.attempts(study.id, 1)
    assert (first.state, first.cause, first.accepted) == (S.QUEUED, Cause.RELEASED, False)
    assert first.ended_s is not None
    assert not store.renew(driver)
    assert store.drivers(study.id)[1].lost
    assert reasons(store.claim(study.id, driver, candidates(5))) == ["lease"]
    assert store.claim_queued(study.id, driver, 9) == []
    assert [(t.number, t.attempt) for t in store.claim_queued(study.id, other, 9)] == [(1, 2), (3, 2)]
    assert_sound(store, study.id)


def test_an_expired_lease_that_nobody_took_is_renewed(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1))
    expire(store, driver)
    assert store.renew(driver)
    assert store.reap(study.id) == []
    assert store.tell(study.id, driver, [outcome(1)]) == [True]


def test_a_driver_that_asks_is_not_reaped(store: Store, study: StudyRow, driver: int) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.claim(study.id, driver, candidates(1))
    store.claim(study.id, other, candidates(2))
    expire(store, driver)
    expire(store, other)
    assert store.reap(study.id, but=driver) == [2]
    assert store.renew(driver)
    assert store.trial(study.id, 1).state is S.RUNNING


def test_a_duty_is_one_drivers_until_its_lease_ends(store: Store, study: StudyRow, driver: int) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.set_study_attributes(study.id, {"generation": 3})
    assert store.take_duty(study.id, driver, "answer")
    assert store.take_duty(study.id, driver, "answer")
    assert not store.take_duty(study.id, other, "answer")
    assert store.take_duty(study.id, other, "another")
    expire(store, driver)
    assert store.take_duty(study.id, other, "answer")
    assert not store.take_duty(study.id, driver, "answer")
    store.end_driver(other)
    assert store.take_duty(study.id, driver, "answer")
    assert store.study_attributes(study.id)["generation"] == 3


def test_a_sound_store_has_no_problems(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.requeue(study.id, driver, 2, 1, Cause.PREEMPTED, "")
    store.tell(study.id, driver, [outcome(1)])
    store.enqueue(study.id, candidates(4))
    assert store.problems() == []


def test_what_is_wrong_in_a_store_is_said(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    with store._writing() as connection:
        connection.exec_driver_sql("UPDATE nas_studies SET num_running = 2, next_number = 9")
        connection.exec_driver_sql("UPDATE nas_trials SET attempt = 4 WHERE number = 2")
        connection.exec_driver_sql("UPDATE nas_drivers SET ended_s = 0")
    said = "; ".join(store.problems())
    assert "study vgg-1: 2 trials running are counted, 3 are there" in said
    assert "its 3 trials are not numbered 1 to 8" in said
    assert "trial 3 runs without a driver" in said
    assert "trial 2 had 4 attempts, 1 are there" in said


def test_a_lease_ends_by_the_databases_clock(store: Store, study: StudyRow) -> None:
    driver = store.start_driver(study.id, "node-1", 1, -1.0)
    store.claim(study.id, driver, candidates(1))
    assert store.reap(study.id) == [1]


def test_requeue(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2, 3))
    assert store.requeue(study.id, driver, 2, 1, Cause.OUT_OF_MEMORY, "worker \0 died")
    assert not store.requeue(study.id, driver, 2, 1, Cause.OUT_OF_MEMORY, "again")
    (row,) = store.attempts(study.id, 2)
    assert (row.state, row.cause, row.message) == (S.QUEUED, Cause.OUT_OF_MEMORY, "worker \\x00 died")
    store.end_driver(driver)
    assert store.attempts(study.id, 1)[0].cause is Cause.RELEASED
    assert store.counts(study.id)[S.QUEUED] == 3
    assert_sound(store, study.id)


def test_cancelling(store: Store, study: StudyRow, driver: int) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.claim(study.id, driver, candidates(1))
    store.claim(study.id, other, candidates(2))
    store.enqueue(study.id, candidates(3))
    assert store.cancel_trials(study.id) == [3]
    assert store.cancel_trials(study.id, driver) == [1]
    assert [t.state for t in store.trials(study.id)] == [S.CANCELLED, S.RUNNING, S.CANCELLED]
    assert store.tell(study.id, driver, [outcome(1)]) == [False]
    assert_sound(store, study.id)


# Results


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


# Epochs


def test_reports_build_the_curve(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    assert store.report(study.id, driver, []) == 0
    assert store.report(study.id, driver, [report(1, 1, 0.9), report(2, 1, 0.8), report(1, 2, 0.7)]) == 3
    assert store.report(study.id, driver, [report(1, 3, 0.6)]) == 1
    assert store.curve(study.id, 1) == [
        (e, {"error": v, "loss": 1.0}) for e, v in [(1, 0.9), (2, 0.7), (3, 0.6)]
    ]
    assert store.curves(study.id) == {1: [(1, 0.9), (2, 0.7), (3, 0.6)], 2: [(1, 0.8)]}
    assert [t.epoch for t in store.trials(study.id)] == [3, 1]
    assert store.curve(study.id, 99) == []


def test_an_epoch_reported_twice_is_kept_once(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1))
    store.report(study.id, driver, [report(1, 1, 0.9), report(1, 1, 0.1)])
    store.report(study.id, driver, [report(1, 1, 0.2), report(1, 2, 0.8)])
    assert store.curves(study.id) == {1: [(1, 0.9), (2, 0.8)]}


def test_the_curve_takes_each_epoch_from_the_latest_attempt(
    store: Store, study: StudyRow, driver: int
) -> None:
    store.claim(study.id, driver, candidates(1))
    store.report(study.id, driver, [report(1, 1, 0.9), report(1, 2, 0.8), report(1, 3, 0.7)])
    store.requeue(study.id, driver, 1, 1, Cause.PREEMPTED, "")
    assert store.report(study.id, driver, [report(1, 4, 0.1)]) == 0
    store.claim_queued(study.id, driver, 1)
    assert store.report(study.id, driver, [report(1, 4, 0.1), report(1, 3, 0.75, attempt=2)]) == 1
    assert store.report(study.id, driver, [report(1, 4, 0.5, attempt=2)]) == 1
    assert store.curves(study.id) == {1: [(1, 0.9), (2, 0.8), (3, 0.75), (4, 0.5)]}
    assert [epoch for epoch, _ in store.curve(study.id, 1)] == [1, 2, 3, 4]
    assert store.trial(study.id, 1).epoch == 4


def test_reports_of_others_are_dropped(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1))
    before = store.revision(study.id)
    assert store.report(study.id, driver + 1, [report(1, 1)]) == 0
    assert store.report(study.id, driver, [report(1, 1, attempt=2), report(9, 1)]) == 0
    assert store.revision(study.id) == before
    assert store.curve(study.id, 1) == []


# Reading


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
