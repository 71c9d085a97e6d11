"""Profiles: exact for small spaces, an interval for large ones."""

import numpy as np
import pytest

import nas
from nas.space.profile import profile, wilson
from tests.space.making import space

CONV = {"conv": {"out": "=w", "kernel": 1}}


def test_a_small_space_is_looked_at_whole(rng: np.random.Generator) -> None:
    made = space(CONV, parameters={"w": {"int": [1, 20]}}, constraints=["w % 2 == 0", "w > 4"])
    found = profile(made, rng, limits={"params": 150})
    assert (found.points, found.looked_at, found.exact, found.feasible, found.networks) == (
        20,
        20,
        True,
        8,
        8,
    )
    assert found.refused == {"w % 2 == 0": 10, "w > 4": 2}
    assert found.feasible_points == (8, 8)
    params = [4 * w + 10 * w + 10 for w in range(6, 21, 2)]
    assert (found.costs["params"].low, found.costs["params"].high) == (params[0], params[-1])
    assert found.within == {"params <= 150": sum(p <= 150 for p in params)}


def test_points_that_mean_one_network_are_one(rng: np.random.Generator) -> None:
    made = space(CONV, {"repeat": "n", "body": []}, parameters={"w": {"int": [1, 4]}, "n": {"int": [1, 9]}})
    found = profile(made, rng)
    assert (found.feasible, found.networks) == (36, 4)


def test_a_large_space_is_sampled(rng: np.random.Generator) -> None:
    made = space("relu", parameters={"w": {"int": [1, 100_000]}}, constraints=["w % 4 == 0"])
    found = profile(made, rng, samples=500)
    assert (found.points, found.exact, found.looked_at) == (100_000, False, 500)
    low, high = found.feasible_points or (0, 0)
    assert low < 25_000 == pytest.approx(high)
    assert profile(space("relu", parameters={"w": {"float": [1, 2]}}), rng, samples=5).points is None


def test_the_shipped_default_has_more_networks_than_its_search_trains(rng: np.random.Generator) -> None:
    from nas.records import DataInfo

    made = nas.load_space("efficientnet-scaling", data=DataInfo("digits", 1, 8, 10))
    found = profile(made, rng)
    assert found.exact
    assert found.points == 1071
    assert found.networks >= 40


def test_wilson_against_known_values() -> None:
    assert np.allclose(wilson(0, 10), (0.0, 0.2775), atol=1e-3)
    assert np.allclose(wilson(5, 10), (0.2366, 0.7634), atol=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_acceptance_before_and_after_narrowing(rng: np.random.Generator) -> None:
    parameters = {"w": {"int": [1, 100]}, "a": {"int": [0, 99]}, "b": {"int": [0, 99]}}
    made = space(CONV, parameters=parameters, constraints=["a == b", "w <= 20", "params <= 154"])
    found = profile(made, rng, samples=900)
    assert (found.exact, found.counted, found.priced, found.looked_at) == (False, True, 900, 900)
    assert found.kept == 0.01 * 0.2
    assert 0.4 < found.drawn_acceptance < 0.6
    assert found.acceptance == found.kept * found.drawn_acceptance
    low, high = found.feasible_points or (0, 0)
    assert 800 < low < 1000 < high < 1200
    assert found.refused["a == b"] > 870
    assert found.refused["params <= 154"] == 900 - found.feasible


def test_what_cannot_be_counted_is_measured(rng: np.random.Generator) -> None:
    parameters = {"w": {"int": [1, 9], "length": 8}, "x": {"float": [0.0, 1.0]}, "y": {"float": [0.0, 1.0]}}
    found = profile(space(parameters=parameters, constraints=["x < 0.25"]), rng, samples=500)
    assert not found.counted
    assert 0.2 < found.kept < 0.3
    assert (found.feasible, found.drawn_acceptance) == (500, 1.0)
    made = space(parameters={"w": parameters["w"]}, constraints=["sum(w) > 40"])
    found = profile(made, rng, samples=500)
    low, high = found.feasible_points or (0, 0)
    assert not found.counted
    assert low < 0.4588 * 9**8 < high


def test_a_small_space_tells_both_acceptances(rng: np.random.Generator) -> None:
    made = space(CONV, parameters={"w": {"int": [1, 20]}}, constraints=["w % 2 == 0", "params <= 150"])
    found = profile(made, rng)
    assert (found.kept, found.priced, found.feasible) == (0.5, 10, 5)
    assert (found.acceptance, found.drawn_acceptance) == (0.25, 0.5)
