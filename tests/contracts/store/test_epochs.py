"""What every kind of store promises: epochs and curves."""

from nas.records import Cause
from nas.store import Store
from nas.store.rows import StudyRow
from tests.store.makers import (
    candidates,
    report,
)


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


def test_curves_of_other_drivers_are_read_by_revision(store: Store, study: StudyRow, driver: int) -> None:
    """Trials that wait since their driver gave them back are its own until another one takes them."""
    other = store.start_driver(study.id, "host", 7, 30.0)
    store.claim(study.id, driver, candidates(1, 2))
    store.claim(study.id, other, candidates(3))
    store.report(study.id, driver, [report(1, 1, 0.9), report(2, 1, 0.8)])
    store.report(study.id, other, [report(3, 1, 0.7)])
    assert list(store.curves(study.id, but=driver)) == [3]
    assert list(store.curves(study.id, but=other)) == [1, 2]
    revision = store.study_by_id(study.id).revision
    assert store.curves(study.id, revision, but=driver) == {}
    store.requeue(study.id, driver, 1, 1, Cause.PREEMPTED, "")
    assert store.curves(study.id, revision, but=driver) == {}
    store.claim_queued(study.id, other, 1)
    assert store.curves(study.id, revision, but=driver) == {1: [(1, 0.9)]}
