"""Curves of all trials, wherever they run: at this driver, at others, before a restart."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from nas.records import Ending, EpochReport, Objective, Request, TrialState
from nas.search.curves import Curves
from nas.search.stoppers import Curve, Growing
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.scripted import Step
from tests.search.spaces import tiny
from tests.search.test_driver import run
from tests.store.makers import expire


class Looking:
    """A stopper that never stops, and keeps what it was asked."""

    watches = True

    def __init__(self) -> None:
        self.asked: list[tuple[Growing, list[Curve]]] = []

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        self.asked.append((Growing(trial.number, dict(trial.curve), trial.epochs), [dict(o) for o in others]))
        return False


def looking(study: Study) -> Looking:
    study.stopper = stopper = Looking()
    return stopper


def told(request: Request, *errors: float, first: int = 1) -> list[EpochReport]:
    return [EpochReport(*request.key, e, {"error": v}, 1.0) for e, v in enumerate(errors, start=first)]


@contextmanager
def queries(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        sent.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    yield sent
    event.remove(store._engine, "before_cursor_execute", note)


def test_curves_of_trials_that_run_elsewhere_are_seen_in_one_query(
    make_study: MakeStudy, store: Store
) -> None:
    here = make_study(budget=20, stopper="asha")
    there = Study(store, "s")
    stopper, curves = looking(here), Curves(here)
    with here.joined(), there.joined():
        for request in there.ask(8):
            there.report(told(request, 0.5, 0.4))
        (mine,) = here.ask(1)
        here.report(told(mine, 0.7))
        with queries(store) as sent:
            curves.catch_up(store.study("s").revision)
        assert len([s for s in sent if "nas_epochs" in s]) == 1
        with queries(store) as sent:
            curves.hopeless(told(mine, 0.6)[0], 27)
            curves.catch_up(curves._revision)
        assert not sent
        assert stopper.asked == [(Growing(mine.number, {1: 0.6}, 27), [{1: 0.5, 2: 0.4}] * 8)]


def test_only_what_has_changed_is_read_again(make_study: MakeStudy, store: Store) -> None:
    here, there = make_study(budget=20, stopper="asha"), Study(store, "s")
    curves = Curves(here)
    with here.joined(), there.joined():
        first, second = there.ask(2)
        there.report([*told(first, 0.5), *told(second, 0.6)])
        curves.catch_up(revision := store.study("s").revision)
        there.report(told(second, 0.55, first=2))
        assert list(store.curves(here.row.id, after=revision)) == [second.number]
        curves.catch_up(store.study("s").revision)
        assert curves._known == {first.number: {1: 0.5}, second.number: {1: 0.6, 2: 0.55}}


def test_a_driver_that_begins_later_knows_all_that_was_told(make_study: MakeStudy, store: Store) -> None:
    before = make_study(budget=20, stopper="asha")
    with before.joined():
        ended, running = before.ask(2)
        before.report([*told(ended, 0.5, 0.4, 0.3), *told(running, 0.6, 0.5)])
    after = Study(store, "s")
    curves = Curves(after)
    with after.joined():
        curves.catch_up(store.study("s").revision)
        assert curves._known == {ended.number: {1: 0.5, 2: 0.4, 3: 0.3}, running.number: {1: 0.6, 2: 0.5}}


def test_an_attempt_begun_again_is_not_judged_twice(make_study: MakeStudy, store: Store) -> None:
    """It was at epoch 3 when its worker died, and begins again from a checkpoint at 1."""
    study = make_study(budget=1, stopper="asha")
    with study.joined():
        (request,) = study.ask(1)
        study.report(told(request, 0.9, 0.8, 0.7))
    again = Study(store, "s")
    stopper, curves = looking(again), Curves(again)
    with again.joined():
        (request,) = again.ask(1)
        assert request.attempt == 2
        curves.begin(request)
        for report in told(request, 0.85, 0.75, 0.65, first=2):
            curves.hopeless(report, 9)
    assert stopper.asked == [(Growing(1, {1: 0.9, 2: 0.85, 3: 0.75, 4: 0.65}, 9), [])]


def test_of_a_lease_that_was_lost_the_store_knows_best(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=2, stopper="asha")
    study.join()
    (request,) = study.ask(1)
    study.report(told(request, 0.9))
    expire(store, study.driver_id)
    study.leave()
    with study.joined():
        store.reap(study.row.id, but=study.driver_id)
        curves = Curves(study)
        curves.catch_up(store.study("s").revision)
        assert curves._known == {request.number: {1: 0.9}}


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_left_out(make_study: MakeStudy, store: Store, bad: float) -> None:
    study = make_study(budget=2, stopper="asha")
    stopper, curves = looking(study), Curves(study)
    with study.joined():
        first, second = study.ask(2)
        assert not curves.hopeless(told(first, bad)[0], 9)
        for report in told(second, 0.5, bad, 0.4):
            curves.hopeless(report, 9)
        study.report([*told(first, bad), *told(second, 0.5, bad, 0.4)])
    assert [trial.curve for trial, _ in stopper.asked] == [{1: 0.5}, {1: 0.5, 3: 0.4}]
    assert all(others == [] for _, others in stopper.asked)
    curves = Curves(Study(store, "s"))
    curves.catch_up(store.study("s").revision)
    assert curves._known == {1: {}, 2: {1: 0.5, 3: 0.4}}


def test_more_is_better_where_the_objective_says_so(make_study: MakeStudy) -> None:
    study = make_study(budget=2, stopper="asha", objectives=(Objective("score", False), Objective("error")))
    stopper, curves = looking(study), Curves(study)
    with study.joined():
        (request,) = study.ask(1)
        curves.hopeless(EpochReport(*request.key, 1, {"score": 0.8, "error": 0.1}, 1.0), 9)
    assert stopper.asked[0][0].curve == {1: -0.8}


def test_one_that_never_stops_reads_nothing(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=1)
    curves = Curves(study)
    with study.joined():
        (request,) = study.ask(1)
        with queries(store) as sent:
            curves.catch_up(5)
            assert not curves.hopeless(told(request, 0.9)[0], 9)
        assert not sent


def test_a_single_epoch_harms_nobody(make_study: MakeStudy, store: Store) -> None:
    """A function of a user's may give one value, whatever the recipe says."""
    study = make_study(
        tiny({"width": {"int": [1, 200]}}, training={"epochs": 27}), budget=9, stopper="median"
    )

    def once(request: Request) -> Iterator[Step]:
        yield 1.0, {"error": request.number / 10}

    assert run(study, once)[0].ending is Ending.FINISHED
    assert store.counts(study.row.id)[TrialState.COMPLETE] == 9
