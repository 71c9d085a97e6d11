"""What becomes of attempts: deaths and pauses told apart, epochs kept, pruning and unknown metrics."""

from collections.abc import Iterator

import pytest

from nas.records import Cause, Ending, EpochReport, Request, TrialState, Wanted
from nas.search.events import DriverEvent, TrialEnded
from nas.search.interrupts import Interrupts
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.scripted import Recorder, ScriptedSlots, Step, VirtualClock
from tests.search.test_driver import bowl, run


def test_pauses_are_no_deaths(make_study: MakeStudy, store: Store) -> None:
    """Four pauses, two deaths: the seventh attempt is still allowed, and complete."""
    study = make_study(budget=1)
    for _ in range(4):
        with study.joined():
            study.ask(1)

    def dying(request: Request) -> Iterator[Step]:
        yield 1.0, {"error": 0.5}
        if request.attempt < 7:
            yield 1.0, Cause.PREEMPTED

    assert run(Study(store, "s"), dying)[0].ending is Ending.FINISHED
    row = store.trial(study.row.id, 1)
    assert (row.state, row.attempt) == (TrialState.COMPLETE, 7)
    causes = [attempt.cause for attempt in store.attempts(study.row.id, 1)]
    assert causes == [Cause.RELEASED] * 4 + [Cause.PREEMPTED] * 2 + [None]


def test_a_stop_that_nobody_asked_for_goes_back_to_the_queue(make_study: MakeStudy, store: Store) -> None:
    study, clock = make_study(budget=2), VirtualClock()
    slots = ScriptedSlots(1, bowl, clock)

    def stop(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and event.attempt < 8:
            slots.stop((event.number, event.attempt))

    from nas.search.driver import drive

    assert drive(study, slots, clock=clock, listener=Recorder(stop)).ending is Ending.FINISHED
    assert [row.attempt for row in store.trials(study.row.id)] == [8, 8]


@pytest.mark.parametrize("wanted", [Wanted.PAUSE, Wanted.CANCEL, None])
def test_a_hard_stop_writes_the_epochs_it_was_told(
    make_study: MakeStudy, store: Store, wanted: Wanted | None
) -> None:
    study, interrupts = make_study(budget=3), Interrupts()

    def stop(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and (event.number, event.epoch) == (1, 2):
            if wanted is None:
                interrupts.press()
                interrupts.press()
            else:
                store.set_wanted(study.row.id, wanted)

    recorder = Recorder(stop)
    run(study, bowl, slots=1, listener=recorder, interrupts=interrupts, poll_s=2.5)
    told = [event.epoch for event in recorder.of(EpochReport) if event.number == 1]
    assert 2 in told
    assert [epoch for epoch, _ in store.curve(study.row.id, 1)] == told


def worse(request: Request) -> Iterator[Step]:
    """Eight epochs; the later the trial, the worse; each epoch a little better than the one before."""
    for epoch in range(8):
        yield 1.0, {"error": request.number + 0.5 - epoch / 100}


def test_a_pruned_trials_value_is_that_of_the_epoch_that_decided(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=12, stopper="median")
    run(study, worse)
    pruned = [row for row in store.trials(study.row.id) if row.state is TrialState.PRUNED]
    assert len(pruned) > 3
    for row in pruned:
        curve = store.curve(study.row.id, row.number)
        assert (
            (row.epoch, row.values) == (curve[-1][0], (curve[-1][1]["error"],)) == (2, (row.number + 0.49,))
        )


def test_a_trial_that_was_given_up_ends_pruned_even_if_its_worker_dies(
    make_study: MakeStudy, store: Store
) -> None:
    study = make_study(budget=8, stopper="median")

    def dying(request: Request) -> Iterator[Step]:
        steps = list(worse(request))
        yield from steps[:2]
        yield from steps[2:] if request.number <= 5 else [(0.0, Cause.PREEMPTED)]

    assert run(study, dying, slots=1)[0].ending is Ending.FINISHED
    assert [row.attempt for row in store.trials(study.row.id)] == [1] * 8
    assert store.counts(study.row.id)[TrialState.PRUNED] == 3


def test_the_stopper_is_not_asked_at_the_last_epoch(make_study: MakeStudy, store: Store) -> None:
    """The recipe has three epochs; only the third is worse than the others'."""
    study = make_study(budget=9, stopper="median")

    def late(request: Request) -> Iterator[Step]:
        late = 9.0 if request.number > 5 else 0.1
        yield from [(1.0, {"error": 1.0}), (1.0, {"error": 1.0}), (1.0, {"error": late})]

    run(study, late)
    assert store.counts(study.row.id)[TrialState.COMPLETE] == 9


def test_an_unknown_objective_ends_the_study_at_the_first_epoch(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=50)

    def other(request: Request) -> Iterator[Step]:
        for _ in range(100):
            yield 1.0, {"loss": 1.0, "accuracy": 0.5}

    recorder = Recorder()
    ended, slots = run(study, other, slots=2, listener=recorder)
    said = "the evaluator gave no metric 'error': its metrics are accuracy, loss"
    assert (ended.ending, ended.detail) == (Ending.FAILING, said)
    assert slots.clock.now() < 3
    failed = [event.outcome for event in recorder.of(TrialEnded)]
    assert {(o.state, o.cause, o.message) for o in failed} == {(TrialState.FAILED, Cause.ERROR, said)}
    assert store.counts(study.row.id)[TrialState.FAILED] == len(failed) >= 1
    assert store.counts(study.row.id)[TrialState.RUNNING] == 0


def test_a_driver_never_reaps_itself(make_study: MakeStudy, store: Store) -> None:
    """Its lease is over by the clock, since the store was away; nobody else has taken it."""
    study = make_study(budget=6)
    expired: list[int] = []

    def expire(event: DriverEvent) -> None:
        from tests.store.makers import expire as end

        if isinstance(event, EpochReport) and event.epoch == 1:
            end(store, study.driver_id)
            expired.append(event.number)

    assert run(study, listener=Recorder(expire))[0].ending is Ending.FINISHED
    assert len(expired) == 6
    assert [row.attempt for row in store.trials(study.row.id)] == [1] * 6


def test_requests_carry_the_time_limit(make_study: MakeStudy) -> None:
    study = make_study(budget=1, timeout_s=7.5)
    with study.joined():
        assert study.ask(1)[0].timeout_s == 7.5
