"""The one loop, on slots with a virtual clock and a real store."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nas.records import Cause, Ending, EpochReport, Request, TrialState, Wanted
from nas.search.driver import Driver, drive
from nas.search.events import (
    DriverEvent,
    Ended,
    Joined,
    Leased,
    Note,
    Progress,
    TrialEnded,
    TrialRequeued,
    TrialStarted,
)
from nas.search.interrupts import Interrupts
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.scripted import Recorder, Script, ScriptedSlots, Step, VirtualClock
from tests.search.spaces import tiny


def bowl(request: Request) -> Iterator[Step]:
    """Three epochs of a second towards an error that is least at width 120."""
    error = abs(request.point["width"] - 120) / 200
    for epoch in (3, 2, 1):
        yield 1.0, {"error": error * epoch}


def run(study: Study, script: Script = bowl, slots: int = 2, **more: Any) -> tuple[Ended, ScriptedSlots]:
    clock = VirtualClock()
    scripted = ScriptedSlots(slots, script, clock)
    return drive(study, scripted, clock=clock, **more), scripted


@pytest.mark.parametrize("sampler", ["random", "tpe"])
@pytest.mark.parametrize("slots", [1, 3])
def test_spends_exactly_its_budget_on_new_networks(make_study: MakeStudy, sampler: str, slots: int) -> None:
    study = make_study(budget=20, sampler=sampler)
    ended, scripted = run(study, slots=slots)
    rows = study.store.trials(study.row.id)
    assert ended.ending is Ending.FINISHED
    assert [row.number for row in rows] == list(range(1, 21))
    assert {row.state for row in rows} == {TrialState.COMPLETE}
    assert len({row.key for row in rows}) == 20
    assert all(row.values == (row.metrics["error"],) for row in rows)
    assert len(scripted.submitted) == 20
    assert study.store.study("s").ending is Ending.FINISHED


def test_curves_and_times_are_kept(make_study: MakeStudy) -> None:
    study = make_study(budget=3)
    run(study)
    curve = study.store.curve(study.row.id, 2)
    assert [epoch for epoch, _ in curve] == [1, 2, 3]
    row = study.store.trial(study.row.id, 2)
    assert row.values == (curve[-1][1]["error"],)
    assert row.wall_s == pytest.approx(3.0)


def test_slots_stay_busy_with_ahead_of_need_proposals(make_study: MakeStudy) -> None:
    study = make_study(budget=100, sampler="tpe")
    _, slots = run(study, slots=8)
    assert slots.busy_s / (8 * slots.clock.now()) > 0.95


def test_one_slot_twice_from_one_seed_gives_the_same_trials(make_study: MakeStudy) -> None:
    first, second = (make_study(budget=25, sampler="tpe", name=name) for name in "ab")
    run(first, slots=1)
    run(second, slots=1)
    points = [[row.point for row in study.store.trials(study.row.id)] for study in (first, second)]
    assert points[0] == points[1]


@pytest.mark.parametrize("stop_after", [3, 11, 17])
def test_stopped_and_resumed_gives_the_same_trials(make_study: MakeStudy, stop_after: int) -> None:
    whole, broken = (make_study(budget=24, sampler="tpe", name=name) for name in "ab")
    run(whole, slots=1)
    interrupts = Interrupts()

    def press(event: DriverEvent) -> None:
        if isinstance(event, TrialStarted) and event.request.number == stop_after:
            interrupts.press()
            interrupts.press()

    ended, _ = run(broken, slots=1, interrupts=interrupts, listener=Recorder(press))
    assert ended.ending is Ending.PAUSED
    assert broken.store.trial(broken.row.id, stop_after).state is TrialState.QUEUED
    run(Study(broken.store, "b"), slots=1)
    points = [[row.point for row in s.store.trials(s.row.id)] for s in (whole, broken)]
    assert points[0] == points[1]


def test_first_interrupt_lets_running_trials_end(make_study: MakeStudy) -> None:
    study, interrupts = make_study(budget=12), Interrupts()

    def press(event: DriverEvent) -> None:
        if isinstance(event, TrialStarted) and event.request.number == 4:
            interrupts.press()

    recorder = Recorder(press)
    ended, slots = run(study, interrupts=interrupts, listener=recorder)
    assert ended.ending is Ending.DRAINED
    assert len(slots.submitted) == 4
    assert study.store.counts(study.row.id)[TrialState.COMPLETE] == 4
    assert any("Ctrl-C again" in event.message for event in recorder.of(Note))
    assert run(Study(study.store, "s"))[0].ending is Ending.FINISHED


@pytest.mark.parametrize(
    ("wanted", "ending", "left"),
    [
        (Wanted.DRAIN, Ending.DRAINED, {TrialState.COMPLETE}),
        (Wanted.PAUSE, Ending.PAUSED, {TrialState.COMPLETE, TrialState.QUEUED}),
        (Wanted.CANCEL, Ending.CANCELLED, {TrialState.COMPLETE, TrialState.CANCELLED}),
    ],
)
def test_what_is_wanted_is_done(
    make_study: MakeStudy, wanted: Wanted, ending: Ending, left: set[TrialState]
) -> None:
    study = make_study(budget=12)

    def ask(event: DriverEvent) -> None:
        if isinstance(event, TrialStarted) and event.request.number == 5:
            study.store.set_wanted(study.row.id, wanted)

    ended, _ = run(study, listener=Recorder(ask))
    assert ended.ending is ending
    rows = study.store.trials(study.row.id)
    assert {row.state for row in rows} == left
    assert len(rows) < 12


def test_a_dead_worker_costs_an_attempt_not_a_trial(make_study: MakeStudy) -> None:
    study = make_study(budget=6)

    def dying(request: Request) -> Iterator[Step]:
        if request.number == 3 and request.attempt < 3:
            yield 1.0, {"error": 0.9}
            yield 1.0, Cause.PREEMPTED
        else:
            yield from bowl(request)

    recorder = Recorder()
    ended, _ = run(study, dying, listener=recorder)
    row = study.store.trial(study.row.id, 3)
    assert ended.ending is Ending.FINISHED
    assert (row.state, row.attempt) == (TrialState.COMPLETE, 3)
    assert len(recorder.of(TrialRequeued)) == 2
    states = [attempt.state for attempt in study.store.attempts(study.row.id, 3)]
    assert states == [TrialState.QUEUED, TrialState.QUEUED, TrialState.COMPLETE]


def test_a_trial_that_kills_every_worker_fails_in_the_end(make_study: MakeStudy) -> None:
    study = make_study(budget=3)

    def killer(request: Request) -> Iterator[Step]:
        yield 1.0, (Cause.PREEMPTED if request.number == 2 else {"error": 0.1})

    assert run(study, killer)[0].ending is Ending.FINISHED
    row = study.store.trial(study.row.id, 2)
    assert (row.state, row.cause, row.attempt) == (TrialState.FAILED, Cause.PREEMPTED, 5)


def test_single_failures_do_not_stop_a_study(make_study: MakeStudy) -> None:
    study = make_study(budget=12)

    def flaky(request: Request) -> Iterator[Step]:
        yield 1.0, {"error": 0.5}
        if request.number % 2:
            yield 1.0, "ValueError: bad luck"

    assert run(study, flaky)[0].ending is Ending.FINISHED
    counts = study.store.counts(study.row.id)
    assert (counts[TrialState.COMPLETE], counts[TrialState.FAILED]) == (6, 6)


def test_equal_failures_in_a_row_stop_a_study_with_the_cause(make_study: MakeStudy) -> None:
    study = make_study(budget=50)

    def broken(request: Request) -> Iterator[Step]:
        yield 1.0, f"Traceback of {request.number}\nKeyError: 'lr'"

    ended, slots = run(study, broken)
    assert ended.ending is Ending.FAILING
    assert "KeyError: 'lr'" in ended.detail
    assert len(slots.submitted) <= 7
    assert study.store.counts(study.row.id)[TrialState.RUNNING] == 0


@pytest.mark.parametrize(
    ("metrics", "cause", "said"),
    [({"loss": 1.0}, Cause.ERROR, "its metrics are loss"), ({"error": float("nan")}, Cause.DIVERGED, "nan")],
)
def test_results_without_the_objective_fail(
    make_study: MakeStudy, metrics: dict[str, float], cause: Cause, said: str
) -> None:
    study = make_study(budget=1)
    run(study, lambda request: [(1.0, metrics)])
    row = study.store.trial(study.row.id, 1)
    assert (row.state, row.cause) == (TrialState.FAILED, cause)
    assert said in row.message


def test_median_stopper_prunes(make_study: MakeStudy) -> None:
    study = make_study(budget=20, stopper="median")

    def long(request: Request) -> Iterator[Step]:
        for _ in range(8):
            yield 1.0, {"error": request.number / 20}

    _, slots = run(study, long)
    rows = study.store.trials(study.row.id)
    pruned = [row for row in rows if row.state is TrialState.PRUNED]
    assert len(pruned) > 5
    assert {number for number, _ in slots.finally_stopped} == {row.number for row in pruned}
    assert all(row.number > 5 and row.epoch < 8 and row.values for row in pruned)
    assert study.store.study("s").used == 20


def test_a_small_space_is_exhausted_with_its_reasons(make_study: MakeStudy) -> None:
    rule = "layers > 0 and width != 5"
    space = tiny({"width": {"int": [1, 9]}}, [rule])
    study = make_study(space, budget=24, sampler="tpe")
    ended, slots = run(study)
    assert ended.ending is Ending.EXHAUSTED
    assert "duplicate" in ended.detail
    assert rule in ended.detail
    assert sorted(r.point["width"] for r in slots.submitted) == [1, 2, 3, 4, 6, 7, 8, 9]
    refused = study.store.refusals(study.row.id)
    assert ended.detail.startswith("all 8 points of the space that obey its rules have been tried (")
    assert refused["duplicate"] + refused[rule] < 100


def test_an_unsatisfiable_space_ends_before_anything_runs(make_study: MakeStudy) -> None:
    study = make_study(tiny(constraints=["params < 10"]), sampler="tpe")
    study.proposer.refusals.hope = 2000
    ended, slots = run(study)
    assert ended.ending is Ending.EXHAUSTED
    assert ended.detail == "the last 2,000 points drawn gave no new network (params < 10 2,000)"
    assert not slots.submitted


def test_two_drivers_share_one_study(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=30, sampler="tpe")
    clock = VirtualClock()
    drivers = [
        Driver(Study(store, "s"), ScriptedSlots(2, bowl, clock), clock=clock, poll_s=0.1) for _ in range(2)
    ]
    for driver in drivers:
        driver.study.join()
    endings: list[Ended | None] = [None, None]
    while None in endings:
        for i, driver in enumerate(drivers):
            endings[i] = endings[i] or driver._turn()
    rows = store.trials(study.row.id)
    assert [ended.ending for ended in endings if ended] == [Ending.FINISHED] * 2
    assert len(rows) == len({row.key for row in rows}) == 30
    assert len({row.driver_id for row in rows}) == 2


def test_a_lapsed_lease_goes_to_another_and_its_result_comes_too_late(
    make_study: MakeStudy, store: Store, tmp_path: Path
) -> None:
    study = make_study(budget=4)

    def lapse(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and event.number == 2 and event.epoch == 2 and event.attempt == 1:
            with sqlite3.connect(tmp_path / "nas.db") as connection:
                connection.execute("UPDATE nas_drivers SET lease_until_s = 0")
            store.reap(study.row.id)

    recorder = Recorder(lapse)
    ended, _ = run(study, listener=recorder)
    assert ended.ending is Ending.FINISHED
    rows = store.trials(study.row.id)
    assert [row.state for row in rows] == [TrialState.COMPLETE] * 4
    assert rows[1].attempt == 2
    assert [a.accepted for a in store.attempts(study.row.id, 2)] == [False, True]
    assert any("lease" in event.message for event in recorder.of(Note))


def test_a_killed_driver_leaves_its_trials_to_the_next(make_study: MakeStudy, store: Store) -> None:
    make_study(budget=8)
    study, dead = Study(store, "s", lease_s=0.2), Study(store, "s", lease_s=0.2)
    dead.join()
    assert dead.lease is not None
    dead.lease.close()  # what SIGKILL does to the thread
    taken = [request.number for request in dead.ask(3)]
    recorder = Recorder()
    clock = VirtualClock()
    slots = ScriptedSlots(2, bowl, clock)
    time.sleep(0.3)
    assert drive(study, slots, clock=clock, listener=recorder).ending is Ending.FINISHED
    assert taken == [1, 2, 3]
    rows = store.trials(study.row.id)
    assert [row.attempt for row in rows] == [2, 2, 2, 1, 1, 1, 1, 1]


def test_listeners_see_it_all_in_order(make_study: MakeStudy) -> None:
    recorder = Recorder()
    run(make_study(budget=3), listener=recorder)
    kinds = [type(event) for event in recorder.events]
    assert (*kinds[:2], kinds[-1]) == (Leased, Joined, Ended)
    assert len(recorder.of(TrialStarted)) == len(recorder.of(TrialEnded)) == 3
    last = recorder.of(Progress)[-1]
    assert last.counts[TrialState.COMPLETE] == 3
    assert last.best is not None
