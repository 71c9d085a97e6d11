"""Counting, ranking, drawing and moving points."""

from collections import Counter as Tally
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import nas
from nas.space.counting import TooManyError
from nas.space.load import shipped_names
from nas.space.moves import cross, mutate, neighbours
from nas.space.space import Space
from tests.space.making import space

BRANCHED = {
    "n": {"int": [1, 3]},
    "widths": {"choice": [8, 16], "length": "n"},
    "act": {"choice": ["relu", "leaky"]},
    "slope": {"int": [1, 4], "when": "steep"},
}


def branched() -> Space:
    return space(parameters=BRANCHED, derived={"steep": "act == 'leaky'"})


def by_hand() -> list[dict[str, object]]:
    points: list[dict[str, object]] = []
    for n in (1, 2, 3):
        for widths in product([8, 16], repeat=n):
            points.append({"n": n, "widths": widths, "act": "relu"})
            points += [{"n": n, "widths": widths, "act": "leaky", "slope": slope} for slope in (1, 2, 3, 4)]
    return points


def test_every_point_is_counted_and_ranked_once() -> None:
    made = branched()
    ranked = [made.counter.point(rank) for rank in range(made.counter.total or 0)]
    assert len(ranked) == 70
    assert sorted(map(str, ranked)) == sorted(map(str, by_hand()))


def test_large_spaces_are_counted_at_once() -> None:
    made = space(parameters={"a": {"int": [0, 9], "length": 100}, "b": {"choice": ["x", "y"]}})
    assert made.counter.total == 2 * 10**100
    assert made.counter.point(10**100)["b"] in ("x", "y")
    assert space(parameters={"f": {"float": [0, 1]}}).counter.total is None


def test_what_cannot_be_counted_is_said() -> None:
    parameters = {"a": {"int": [0, 9], "length": 9}, "b": {"int": [0, 1], "when": "sum(a) > 3"}}
    made = space(parameters=parameters)
    with pytest.raises(TooManyError):
        _ = made.counter.total
    assert made.validate(made.draw(np.random.default_rng(0)))


def test_drawing_is_uniform_over_the_points_of_a_discrete_space() -> None:
    made, rng = branched(), np.random.default_rng(1)
    tally = Tally(str(made.draw(rng)) for _ in range(14_000))
    assert len(tally) == 70
    chi2 = sum((count - 200) ** 2 / 200 for count in tally.values())
    assert chi2 < 115  # 69 degrees of freedom: exceeded once in 2,000 seeds


@pytest.mark.parametrize("name", shipped_names())
@settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_moves_stay_in_the_space(name: str, seed: int) -> None:
    made, rng = _loaded(name), np.random.default_rng(seed)
    one, other = made.draw(rng), made.draw(rng)
    for moved in (mutate(made, one, rng), cross(made, one, other, rng), *neighbours(made, one, rng)):
        assert made.validate(moved) == moved


def test_moves_of_a_conditional_point() -> None:
    made, rng = branched(), np.random.default_rng(0)
    point = {"n": 2, "widths": (8, 16), "act": "leaky", "slope": 4}
    near = neighbours(made, point, rng)
    assert {(p["n"], p["widths"][:1], p["act"]) for p in near} >= {(1, (8,), "leaky"), (3, (8,), "leaky")}
    assert {"n": 2, "widths": (8, 16), "act": "relu"} in near
    assert {**point, "slope": 3} in near
    assert len(near) == 2 + 2 + 1 + 1
    child = cross(made, point, {"n": 2, "widths": (16, 16), "act": "relu"}, rng)
    assert child["widths"][1] == 16


def test_a_mutation_changes_something() -> None:
    made, rng = branched(), np.random.default_rng(0)
    point = made.draw(rng)
    assert all(mutate(made, point, rng) != point for _ in range(100))


def test_moves_keep_to_what_the_rules_leave() -> None:
    rules, rng = ["a % 2 == 0", "a + b == 9"], np.random.default_rng(0)
    made = space(parameters={name: {"int": [0, 9]} for name in "abc"}, constraints=rules)
    point = made.sample(rng)
    for moved in (mutate(made, point, rng), cross(made, point, made.sample(rng), rng)):
        assert made.architecture(moved)
    near = neighbours(made, {"a": 4, "b": 5, "c": 0}, rng)
    assert {tuple(p.values()) for p in near} == {(2, 7, 0), (6, 3, 0), (4, 5, 1)}


_SPACES: dict[str, Space] = {}


def _loaded(name: str) -> Space:
    if name not in _SPACES:
        _SPACES[name] = nas.load_space(name)
    return _SPACES[name]
