"""What every kind of store promises: claiming, enqueueing and what is refused."""

import math

import pytest

from nas.errors import StoreError
from nas.records import TrialState
from nas.store import Store
from nas.store.rows import Claim, Refused, StudyRow
from tests.store.makers import (
    COSTS,
    assert_sound,
    candidate,
    candidates,
    numbers,
    outcome,
    reasons,
)

S = TrialState


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
