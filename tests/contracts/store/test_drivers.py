"""What every kind of store promises: drivers, leases and duties."""

import pytest

from nas.errors import StudyNotFoundError
from nas.records import Cause, TrialState
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import (
    assert_sound,
    candidates,
    expire,
    outcome,
    reasons,
)

S = TrialState


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


def test_who_is_not_sure_of_a_silence_leaves_it(store: Store, study: StudyRow, driver: int) -> None:
    other = store.start_driver(study.id, "node-2", 1, 3600)
    store.claim(study.id, driver, candidates(1))
    store.claim(study.id, other, candidates(2))

    def late() -> bool:
        expire(store, other)
        return True

    assert store.reap(study.id, sure=late) == [], "nobody was silent yet"
    assert store.renew(other)
    expire(store, driver)
    assert store.reap(study.id, sure=lambda: False) == []
    assert store.reap(study.id, sure=late) == [1], "only what was silent before it was asked"
    assert store.reap(study.id, sure=lambda: True) == [2]


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
