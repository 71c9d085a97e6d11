"""Failures that look alike, as workers really word them."""

import pytest

from nas.records import Cause, TrialState
from nas.search.failures import Failures
from nas.store.rows import Outcome


def failed(number: int, cause: Cause, message: str) -> Outcome:
    return Outcome(number=number, attempt=1, state=TrialState.FAILED, cause=cause, message=message)


ALIKE = [
    (Cause.PREEMPTED, "worker node-1:{n}23 died: ActorDiedError: The actor died, exit code {n}"),
    (Cause.TIMEOUT, "took 1{n}.4 s, longer than its 10 s"),
    (Cause.DIVERGED, "training loss is nan in epoch {n}"),
    (Cause.OUT_OF_MEMORY, "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.{n}0 GiB"),
    (
        Cause.ERROR,
        "Traceback (most recent call last):\n  line {n}\nOSError: cannot write /a/{n}/1/last: [Errno 28]",
    ),
    (Cause.ERROR, "TypeError: <object at 0x7f3a{n}c> is not callable"),
]


@pytest.mark.parametrize(("cause", "message"), ALIKE)
def test_what_differs_by_numbers_alone_is_alike(cause: Cause, message: str) -> None:
    failures = Failures()
    for n in range(1, 5):
        failures.add(failed(n, cause, message.format(n=n)))
    assert failures.detail == ""
    failures.add(failed(5, cause, message.format(n=5)))
    assert failures.detail.startswith(f"5 trials in a row (1, 2, 3, 4, 5) failed alike: {cause}: ")
    assert failures.detail.endswith(message.format(n=5).splitlines()[-1])


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.ERROR])
def test_of_other_causes_than_errors_the_cause_alone_counts(cause: Cause) -> None:
    failures = Failures(limit=2)
    failures.add(failed(1, cause, "training loss is nan in epoch 3"))
    failures.add(failed(2, cause, "metric error is inf"))
    assert failures.detail == f"2 trials in a row (1, 2) failed alike: {cause}: metric error is inf"


def test_other_errors_begin_anew() -> None:
    failures = Failures(limit=3)
    for n, message in enumerate(["KeyError: 'lr'", "KeyError: 'lr'", "KeyError: 'width'", "KeyError: 'lr'"]):
        failures.add(failed(n, Cause.ERROR, message))
    failures.add(failed(5, Cause.TIMEOUT, "KeyError: 'lr'"))
    assert failures.detail == ""


def test_a_result_begins_anew() -> None:
    failures = Failures(limit=2)
    failures.add(failed(1, Cause.ERROR, "x"))
    failures.add(Outcome(number=2, attempt=1, state=TrialState.COMPLETE))
    failures.add(failed(3, Cause.ERROR, "x"))
    assert failures.detail == ""
    failures.add(failed(4, Cause.ERROR, "x"))
    assert "(3, 4)" in failures.detail


def test_one_failure_may_say_it_all() -> None:
    failures = Failures()
    failures.condemn("no metric 'eror'")
    assert failures.detail == "no metric 'eror'"
