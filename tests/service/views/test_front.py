"""Fronts equal those found by comparing every pair; published networks stand beside them."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nas.errors import NasError
from nas.records import Limit, Objective, TrialState
from nas.search.fronts import dominates, front as ahead_of
from nas.service.views.front import front
from nas.store import Store, open_store
from tests.service.views.making import Told, spec, study

SMALL = st.integers(0, 6).map(float) | st.just(math.inf)
PAIRS = st.lists(st.tuples(SMALL, SMALL), max_size=40)


@given(PAIRS)
def test_in_two_columns_as_in_more(pairs: list[tuple[float, float]]) -> None:
    rows = np.array(pairs, dtype=float).reshape(-1, 2)
    brute = [not any(dominates(other, row) for other in pairs) for row in pairs]
    assert ahead_of(rows).tolist() == brute


@pytest.mark.parametrize("minimize", [True, False])
def test_front_is_what_nothing_beats(minimize: bool) -> None:
    rng = np.random.default_rng(3)
    told = [Told((float(rng.integers(12)),), macs=int(rng.integers(1, 12))) for _ in range(60)]
    told[7] = Told((math.nan,), macs=1)
    told[8] = Told((-1.0,), TrialState.PRUNED, macs=1)
    with open_store("sqlite://") as store:
        study(store, told, spec(Objective("score", minimize)))
        found = front(store, "one", "macs", "score")
    pairs = {n: (float(t.macs), t.values[0]) for n, t in enumerate(told, 1) if n not in (8, 9)}
    losses = {n: (x, y if minimize else -y) for n, (x, y) in pairs.items()}
    best = {n for n, loss in losses.items() if not any(dominates(other, loss) for other in losses.values())}
    once = {losses[n]: n for n in sorted(best, reverse=True)}
    assert set(found.front_numbers) == set(once.values())
    assert found.front_xs == sorted(found.front_xs)
    assert [(x, y) for x, y in zip(found.front_xs, found.front_ys, strict=True)] == [
        pairs[n] for n in found.front_numbers
    ]
    assert [found.numbers[place] for place in found.front] == found.front_numbers
    assert (found.total, found.y.minimize) == (58, minimize)


def test_limits_and_few_points(store: Store) -> None:
    told = [Told((0.1,), macs=1, metrics={"ms": 9.0})]
    told += [Told((0.5 - i / 100,), macs=10 + i, metrics={"ms": 1.0}) for i in range(8)]
    told += [Told((0.9,), macs=50, metrics={"ms": 1.0})] * 20
    study(store, told, spec(limits=(Limit("ms", 5.0),)))
    found = front(store, "one", "macs", "error", points=12)
    assert found.front_numbers == [2, 3, 4, 5, 6, 7, 8, 9]
    assert (len(found.numbers), found.total) == (12, 29)
    assert set(found.front_numbers) <= set(found.numbers)
    assert len(front(store, "one", "macs", "error", points=4).front) == 4


def test_default_axes_and_references(store: Store) -> None:
    study(store, [Told((0.5,))])
    found = front(store, "one")
    assert (found.x.metric, found.y.metric) == ("params", "error")
    assert found.references == []
    sizes = front(store, "one", "macs", "params").references
    alexnet = next(each for each in sizes if each.x == 714188480)
    assert (alexnet.y, alexnet.published) == (61100840, False)


def test_published_accuracies_where_the_data_is_theirs(store: Store) -> None:
    study(store, [Told((0.5,))], spec(data="imagenet-1k"))
    found = front(store, "one", "macs", "error").references
    assert any(abs(each.y - (1 - 0.56522)) < 1e-9 and each.published for each in found)


def test_the_same_axis_twice(store: Store) -> None:
    study(store, [])
    with pytest.raises(NasError, match="x and y are both macs: choose two, of error, params"):
        front(store, "one", "macs", "macs")


def test_an_empty_study(store: Store) -> None:
    study(store, [])
    found = front(store, "one", "macs", "error")
    assert (found.total, found.front, found.numbers) == (0, [], [])
