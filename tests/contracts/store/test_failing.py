"""What every kind of store promises: why attempts ended without a result."""

from nas.records import Cause, TrialState
from nas.store import Store
from nas.store.reading.failing import SHOWN
from nas.store.rows import Outcome, StudyRow
from tests.store.makers import candidates, outcome


def failed(number: int, cause: Cause, message: str) -> Outcome:
    state = TrialState.FAILED
    return outcome(number, state=state, values=(), metrics={}, cause=cause, message=message)


def test_failures_are_counted_by_cause_and_the_latest_come_first(
    store: Store, study: StudyRow, driver: int
) -> None:
    assert store.failure_counts(study.id) == {}
    store.claim(study.id, driver, candidates(1, 2, 3))
    store.tell(study.id, driver, [outcome(1), failed(2, Cause.ERROR, "first"), failed(3, Cause.DIVERGED, "")])
    store.claim(study.id, driver, candidates(4, 5))
    store.requeue(study.id, driver, 4, 1, Cause.PREEMPTED, "its worker died")
    store.tell(study.id, driver, [failed(5, Cause.ERROR, "a" + "b" * SHOWN)])
    counts = {Cause.ERROR: (2, 2), Cause.DIVERGED: (1, 1), Cause.PREEMPTED: (1, 0)}
    assert store.failure_counts(study.id) == counts
    errors = store.failed(study.id, Cause.ERROR, 9)
    assert [(row.number, row.message) for row in errors] == [(5, "b" * SHOWN), (2, "first")]
    assert [row.number for row in store.failed(study.id, Cause.ERROR, 1)] == [5]
    (gone,) = store.failed(study.id, Cause.PREEMPTED, 9)
    assert (gone.number, gone.attempt, gone.message, gone.lasting) == (4, 1, "its worker died", False)
    assert store.failed(study.id, Cause.TIMEOUT, 9) == []
