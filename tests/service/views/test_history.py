"""History: no improvement is lost, whatever is thinned away, and the line is exact."""

import math

import numpy as np
from hypothesis import given, strategies as st

from nas.records import Limit, Objective, TrialState
from nas.service.views.history import best_so_far, history, thinned
from nas.store import Store
from tests.service.views.making import Told, spec, study

VALUES = st.lists(st.floats(-5, 5).map(lambda value: round(value, 1)), max_size=60)


def steps(values: list[float], *, minimize: bool) -> list[tuple[int, float]]:
    """The improvements, one look at a time."""
    found: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if not found or (value < found[-1][1] if minimize else value > found[-1][1]):
            found.append((place, value))
    return found


@given(VALUES, st.booleans())
def test_the_line_is_exact(values: list[float], minimize: bool) -> None:
    places, best = best_so_far(np.arange(len(values)), np.array(values), minimize=minimize)
    assert list(zip(places.tolist(), best.tolist(), strict=True)) == steps(values, minimize=minimize)


@given(VALUES, st.integers(1, 70))
def test_thinning_never_loses_an_improvement(values: list[float], most: int) -> None:
    places, _ = best_so_far(np.arange(len(values)), np.array(values), minimize=True)
    shown = thinned(np.arange(len(values)), places, most)
    assert len(shown) == min(most, len(values))
    assert shown.tolist() == sorted(set(shown.tolist()))
    if len(places) <= most:
        assert set(places.tolist()) <= set(shown.tolist())


def test_a_study_of_everything(store: Store) -> None:
    told = [
        Told((0.5,)),
        Told((0.1,), TrialState.PRUNED),
        Told(state=TrialState.FAILED),
        Told((math.nan,)),
        Told((math.inf,)),
        Told((0.4,)),
        Told((0.4,)),
        Told(state=TrialState.RUNNING),
        Told((0.3,)),
    ]
    study(store, told)
    found = history(store, "one")
    assert (found.metric, found.minimize, found.total, found.shown) == ("error", True, 5, 5)
    assert found.numbers == [1, 2, 6, 7, 9]
    assert found.values == [0.5, 0.1, 0.4, 0.4, 0.3]
    assert found.states == ["complete", "pruned", "complete", "complete", "complete"]
    assert (found.best_numbers, found.best_values) == ([1, 6, 9], [0.5, 0.4, 0.3])


def test_maximized_with_limits(store: Store) -> None:
    told = [
        Told((0.5,), metrics={"ms": 1.0}),
        Told((0.9,), metrics={"ms": 9.0}),
        Told((0.7,), metrics={"ms": 2.0}),
    ]
    study(store, told, spec(Objective("score", minimize=False), limits=(Limit("ms", 5.0),)))
    found = history(store, "one")
    assert (found.best_numbers, found.best_values, found.limits) == ([1, 3], [0.5, 0.7], ["ms <= 5"])
    assert found.numbers == [1, 2, 3]


def test_another_metric_and_a_cost(store: Store) -> None:
    told = [Told((0.5,), metrics={"accuracy": a}, macs=m) for a, m in ((0.1, 300), (0.3, 200), (0.2, 100))]
    study(store, told)
    assert history(store, "one", metric="accuracy").best_numbers == [1, 2]
    assert history(store, "one", metric="macs").best_values == [300.0, 200.0, 100.0]


def test_repeats_count_by_their_mean(store: Store) -> None:
    """Trials 1 and 41, 2 and 42, ... are of one network each."""
    told = [Told((0.5,))] * 40 + [Told((0.1,)), Told((0.5,)), Told((0.4,))]
    study(store, told, spec(repeat=2))
    found = history(store, "one")
    assert (found.best_numbers, found.best_values) == ([4, 41], [0.5, 0.3])
    assert found.total == 43


def test_few_points_of_many(store: Store) -> None:
    study(store, [Told((value,)) for value in np.linspace(1, 0.5, 30)])
    found = history(store, "one", points=7)
    assert (found.shown, found.total, len(found.best_numbers)) == (7, 30, 30)
    assert (found.numbers[0], found.numbers[-1]) == (1, 30)


def test_an_empty_study(store: Store) -> None:
    study(store, [])
    found = history(store, "one")
    assert (found.total, found.numbers, found.best_numbers) == (0, [], [])
