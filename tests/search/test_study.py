"""A study by itself: ask and tell, without the driver."""

import os

import pytest

from nas.records import AttemptEnd, TrialState
from nas.search.presence import here
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.spaces import conditional, tiny


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_ask_and_tell(make_study: MakeStudy, sampler: str) -> None:
    study = make_study(conditional(), budget=15, sampler=sampler)
    with study.joined():
        while requests := study.ask(4):
            ends = [AttemptEnd(r.number, r.attempt, {"error": 1 / r.number}) for r in requests]
            assert all(study.tell([study.outcome(end, wall_s=0.1) for end in ends]))
    rows = study.store.trials(study.row.id)
    assert [row.values for row in rows] == [(1 / n,) for n in range(1, 16)]
    assert all(study.space.labels(row.point) for row in rows)


def test_requests_carry_all_that_a_worker_needs(make_study: MakeStudy) -> None:
    study = make_study(budget=1)
    with study.joined():
        (request,) = study.ask()
    assert request.recipe == {"epochs": 3, "lr": request.point["lr"]}
    assert request.artifacts == study.row.artifacts
    assert request.seed == study.store.trial(study.row.id, 1).seed
    assert study.cost(request)["params"] > 0


def test_what_a_driver_leaves_waits_for_the_next(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=3)
    with study.joined():
        taken = study.ask(2)
    assert store.counts(study.row.id)[TrialState.QUEUED] == 2
    other = Study(store, "s")
    with other.joined():
        again = other.ask(3)
    assert [(r.number, r.attempt) for r in again] == [(1, 2), (2, 2), (3, 1)]
    assert again[0].point == {**taken[0].point}
    assert again[0].seed == taken[0].seed


def test_a_lost_lease_gives_nothing_more(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=3)
    with study.joined():
        (request,) = study.ask()
        store.end_driver(study.driver_id)
        assert study.ask(2) == []
        assert study.lease is not None
        assert study.lease.lost.is_set()
        end = AttemptEnd(request.number, request.attempt, {"error": 0.5})
        assert study.tell([study.outcome(end, wall_s=1)]) == [False]


def test_a_dead_process_of_this_machine_is_not_waited_for(make_study: MakeStudy, store: Store) -> None:
    study = make_study(budget=2)
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    gone = store.start_driver(study.row.id, here(), child, 600)
    alive = store.start_driver(study.row.id, here(), os.getpid(), 600)
    elsewhere = store.start_driver(study.row.id, "another", child, 600)
    with study.joined():
        live = {driver.id for driver in store.drivers(study.row.id) if driver.live}
    assert live == {alive, elsewhere, study.driver_id}
    assert gone not in live


def test_drivers_do_not_share_draws(make_study: MakeStudy, store: Store) -> None:
    one, two = make_study(tiny(), budget=20), Study(store, "s")
    with one.joined(), two.joined():
        for _ in range(10):
            one.ask()
            two.ask()
    draws = [row.draw for row in store.trials(one.row.id)]
    assert len(set(draws)) == 20
