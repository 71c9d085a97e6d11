"""The contract of stoppers, over all of them: what leads goes on, order and units do not matter."""

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from nas.errors import StopperError
from nas.records import Ending, Objective, Request, TrialState
from nas.search.stoppers import STOPPERS, Curve, Growing, check_stopper
from nas.search.study import Study
from nas.space.space import Space
from nas.store import Store
from tests.search.conftest import MakeStudy, make_study, store
from tests.search.scripted import Step
from tests.search.spaces import tiny
from tests.search.test_driver import run

__all__ = ["make_study", "store"]  # fixtures

NAMES = STOPPERS.names()
WATCHERS = [name for name in NAMES if STOPPERS[name]().watches]
EPOCHS = 27
GRIDS = (range(1, EPOCHS + 1), (12, 27), (2, 4, 8, 16, 27), (27,))

values = st.floats(-1e150, 1e150) | st.integers(0, 3).map(float)


@st.composite
def curves(draw: st.DrawFn) -> list[Curve]:
    """Some curves on one grid of epochs, several of them whole."""
    grid = draw(st.sampled_from(GRIDS))
    lengths = draw(st.lists(st.integers(1, len(grid)) | st.just(len(grid)), max_size=14))
    return [{epoch: draw(values) for epoch in grid[:length]} for length in lengths]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Growing, list[Curve]]:
    """A trial on the grid of the others, somewhere before its end."""
    others = draw(curves())
    grid = sorted({epoch for curve in others for epoch in curve}) or [1]
    seen = grid[: draw(st.integers(1, len(grid)))]
    return Growing(draw(st.integers(1, 50)), {epoch: draw(values) for epoch in seen}, EPOCHS), others


@pytest.fixture(params=NAMES, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    """Each stopper."""
    return str(request.param)


def hopeless(name: str, trial: Growing, others: list[Curve]) -> bool:
    """What a stopper says, with every warning of numpy's an error."""
    with np.errstate(all="raise", under="ignore"):
        found = STOPPERS[name]().hopeless(trial, others)
    assert isinstance(found, bool)
    return found


@settings(max_examples=50)
@given(case=cases(), rng=st.randoms(use_true_random=False), power=st.integers(-20, 20))
def test_what_is_true_of_any_curves(
    name: str, case: tuple[Growing, list[Curve]], rng: Any, power: int
) -> None:
    what_leads_at_every_epoch_goes_on(name, *case)
    the_order_of_trials_and_epochs_does_not_matter(name, *case, rng)
    it_is_a_pure_function(name, case)
    units_do_not_matter(name, *case, power)


def what_leads_at_every_epoch_goes_on(name: str, trial: Growing, others: list[Curve]) -> None:
    best = {epoch: min([o[epoch] for o in others if epoch in o], default=0.0) for epoch in trial.curve}
    assert not hopeless(name, Growing(trial.number, best, EPOCHS), others)


def the_order_of_trials_and_epochs_does_not_matter(
    name: str, trial: Growing, others: list[Curve], rng: Any
) -> None:
    mixed = [shuffled(curve, rng) for curve in rng.sample(others, len(others))]
    other = Growing(trial.number, shuffled(trial.curve, rng), EPOCHS)
    assert hopeless(name, trial, others) == hopeless(name, other, mixed)


def shuffled(curve: Curve, rng: Any) -> Curve:
    return dict(rng.sample(list(curve.items()), len(curve)))


def it_is_a_pure_function(name: str, case: tuple[Growing, list[Curve]]) -> None:
    kept = copy.deepcopy(case)
    stopper = STOPPERS[name]()
    assert stopper.hopeless(*case) == stopper.hopeless(*case) == STOPPERS[name]().hopeless(*case)
    assert case == kept


def units_do_not_matter(name: str, trial: Growing, others: list[Curve], power: int) -> None:
    def scaled(curve: Curve) -> Curve:
        return {epoch: math.ldexp(value, power) for epoch, value in curve.items()}

    other = Growing(trial.number, scaled(trial.curve), EPOCHS)
    tiny_ones = [v for c in (trial.curve, *others) for v in c.values() if 0 < abs(v) < 1e-200]
    if not tiny_ones:  # powers of two are exact but for those
        assert hopeless(name, trial, others) == hopeless(name, other, [scaled(curve) for curve in others])


def test_the_first_trials_go_on(name: str) -> None:
    for number in range(1, 20):
        curve: dict[int, float] = {}
        for epoch in range(1, EPOCHS):
            curve[epoch] = 0.9
            assert not hopeless(name, Growing(number, curve, EPOCHS), [])
            assert not hopeless(name, Growing(number, curve, None), [{epoch: 0.1}])


def test_those_that_watch_end_the_worst_of_many(name: str) -> None:
    others = [{e: 0.1 + i / 100 + 1 / (e + 1) for e in range(1, EPOCHS + 1)} for i in range(20)]
    curve = {e: 0.5 + 1 / (e + 1) for e in range(1, EPOCHS)}
    said = [
        hopeless(name, Growing(n, {e: curve[e] for e in range(1, last + 1)}, EPOCHS), others)
        for n in range(1, 6)
        for last in curve
    ]
    assert any(said) is STOPPERS[name]().watches


@pytest.mark.parametrize("grid", [(12, 200), (5, 100, 200), (1, 50, 200)])
def test_sparse_epochs_are_judged_where_they_are(name: str, grid: tuple[int, ...]) -> None:
    others: list[Curve] = [dict.fromkeys(grid, 0.1 + i / 100) for i in range(30)]
    bad = [
        hopeless(name, Growing(number, dict.fromkeys(grid[:told], 0.9), 200), others)
        for told in range(1, len(grid))
        for number in range(1, 20)
    ]
    # The first epoch that there is says nothing to the median rule, unless it is none of the first.
    assert any(bad) is STOPPERS[name]().watches


# In a study


EPOCH_S = 0.2
"""Several epochs pass between two looks of the driver at its store."""


def nine(request: Request) -> Iterator[Step]:
    """Nine epochs; the better the wider, each epoch better than the last."""
    for epoch in range(1, 10):
        yield EPOCH_S, said(request.point, epoch)


def said(point: Mapping[str, Any], epoch: int) -> dict[str, float]:
    error = 0.1 + abs(point["width"] - 100) / 200 + 0.5 / epoch
    return {"error": error, "score": -error, "noise": epoch % 2 + 1.0}


@pytest.mark.parametrize("objective", [Objective("error"), Objective("score", minimize=False)])
@pytest.mark.parametrize("slots", [1, 4])
def test_a_study_finds_what_it_finds_without(
    name: str, make_study: MakeStudy, store: Store, objective: Objective, slots: int
) -> None:
    """Curves that do not cross: the best is never stopped, by less or by more, and by the first objective."""
    study = make_study(wide(), budget=24, stopper=name, objectives=(objective, Objective("noise")))
    ended, ran = run(study, nine, slots=slots)
    assert ended.ending is Ending.FINISHED
    rows = store.trials(study.row.id)
    best = min(said(row.point, 9)["error"] for row in rows)
    complete = [row for row in rows if row.state is TrialState.COMPLETE]
    assert min(said(row.point, 9)["error"] for row in complete) == best
    pruned = [row for row in rows if row.state is TrialState.PRUNED]
    assert bool(pruned) is STOPPERS[name]().watches
    assert all(row.epoch < 9 for row in pruned)
    assert (ran.clock.now() < 0.99 * 24 * 9 * EPOCH_S / slots) is bool(pruned)


def wide() -> Space:
    """Two hundred points, trained for nine epochs."""
    return tiny({"width": {"int": [1, 200]}}, training={"epochs": 9})


def test_interrupted_it_goes_on_with_what_it_knew(name: str, make_study: MakeStudy, store: Store) -> None:
    """One slot: a study that is taken up again after every fourth trial is the undisturbed one."""
    states = []
    for label, every in (("whole", 24), ("broken", 4)):
        study = make_study(wide(), budget=every, name=label, stopper=name)
        run(study, nine, slots=1)
        for _ in range(every, 24, every):
            store.extend(study.row.id, every)
            run(Study(store, label), nine, slots=1)
        states.append([(row.point, row.state, row.epoch) for row in store.trials(study.row.id)])
    assert states[0] == states[1]


# Before anything runs


@pytest.mark.parametrize("name", WATCHERS)
def test_searched_epochs_are_refused(name: str) -> None:
    with pytest.raises(StopperError, match=r"'=2\*n', which is searched: set --recipe epochs=N"):
        check_stopper(name, "=2*n")


@pytest.mark.parametrize("name", WATCHERS)
@pytest.mark.parametrize(("epochs", "told"), [(1, None), (200, (200,)), (10, (1,)), (12, (12, 200))])
def test_trials_without_a_curve_are_refused(name: str, epochs: int, told: tuple[int, ...] | None) -> None:
    with pytest.raises(StopperError, match="at least two epochs.*leave out --stopper"):
        check_stopper(name, epochs, told)


@pytest.mark.parametrize("name", WATCHERS)
def test_two_epochs_are_a_curve(name: str) -> None:
    check_stopper(name, 2)
    check_stopper(name, 200, (12, 200))


def test_who_never_stops_takes_everything() -> None:
    check_stopper("none", "=epochs", (1,))
