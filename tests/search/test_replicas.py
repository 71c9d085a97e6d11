"""Several trials of one network: what is lacking, and what samplers see."""

from dataclasses import replace

from nas.records import TrialState
from nas.search.history import Past
from nas.search.replicas import Replicas
from nas.search.study import Study
from nas.store import Store
from tests.search.conftest import MakeStudy
from tests.search.spaces import tiny
from tests.search.test_driver import run


def past(number: int, width: int, value: float | None, **changes: object) -> Past:
    state = TrialState.RUNNING if value is None else TrialState.COMPLETE
    values = () if value is None else (value,)
    return replace(Past(number, state, {"width": width}, values), **changes)  # type: ignore[arg-type]


def test_samplers_see_each_network_once_with_its_mean() -> None:
    rows = [past(1, 8, 1.0), past(2, 8, 3.0), past(3, 8, None), past(4, 9, None), past(5, 9, None)]
    found = Replicas(3).means(rows)
    assert [(p.number, p.state, p.values) for p in found] == [
        (1, TrialState.COMPLETE, (2.0,)),
        (4, TrialState.RUNNING, ()),
    ]
    assert Replicas(1).means(rows) == rows


def test_excess_is_averaged_and_pruned_ones_count_behind_complete_ones() -> None:
    pruned = past(2, 8, 9.0, state=TrialState.PRUNED, excess=(5.0,))
    (found,) = Replicas(2).means([pruned, past(3, 8, 1.0, excess=(-1.0,))])
    assert (found.number, found.values, found.excess) == (2, (1.0,), (-1.0,))


def test_a_network_that_lost_its_driver_gets_the_repeats_it_lacks(
    make_study: MakeStudy, store: Store
) -> None:
    study = make_study(tiny(), budget=7, sampler="random", repeat=3)
    with study.joined():
        first = study.ask(1)[0]
    _, slots = run(Study(store, "s"))
    points = [row.point for row in store.trials(study.row.id)]
    assert points[0] == points[1] == points[2] == first.point
    assert points[3] == points[4] == points[5] != points[0]
    assert len(points) == 7
    assert len({request.seed for request in slots.submitted}) == 7
