"""The process against scikit-learn's, its gradient, and what it takes for done."""

import numpy as np
import pytest
from scipy.optimize import check_grad
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from nas.search.surrogate import Features, Process, Row
from nas.search.surrogate.gaussian import JITTER
from tests.search.spaces import tiny

NUMBERS = {name: {"float": [0.0, 1.0]} for name in ("a", "b", "width")}


def made(rows: int, seed: int = 0) -> tuple[Features, np.ndarray]:
    """Points of a cube with costs, and a smooth function of them."""
    rng = np.random.default_rng(seed)
    cube = rng.random((rows, 3))
    cost = rng.integers(1, 10**6, rows)
    known = [
        Row(dict(zip(NUMBERS, map(float, point), strict=True)), {"macs": int(macs)})
        for point, macs in zip(cube, cost, strict=True)
    ]
    return Features(tiny(NUMBERS), known), np.sin(3 * cube[:, 0]) + cube[:, 1] ** 2 + 0.1 * np.log(cost)


def test_the_gradient_is_that_of_the_loss() -> None:
    features, values = made(30)
    process = Process(features, 30)
    prior = process._prior()
    for shift in (0.0, 0.4, -0.7):
        error = check_grad(
            lambda theta: process._loss(theta, values, prior)[0],
            lambda theta: process._loss(theta, values, prior)[1],
            prior + shift,
        )
        assert error < 1e-3


def test_a_process_is_scikit_learns_with_the_same_covariance() -> None:
    """Without costs and scores there is no linear part: one plain squared exponential is left."""
    rng = np.random.default_rng(1)
    cube = rng.random((40, 3))
    rows = [Row(dict(zip(NUMBERS, map(float, point), strict=True))) for point in cube]
    process = Process(Features(tiny(NUMBERS), rows), 25)
    values = np.sin(4 * cube[:25, 0]) * cube[:25, 1]
    process.fit(values)
    belief = process.believe(values)
    shape = process._shape
    scales = 1 / np.sqrt(2 * shape.weights)  # distances count a number's square twice
    theirs = GaussianProcessRegressor(RBF(scales), alpha=shape.noise + JITTER, optimizer=None)
    mean, deviation = theirs.fit(cube[:25], values).predict(cube[25:], return_std=True)
    assert belief.mean == pytest.approx(mean, abs=1e-8)
    assert belief.deviation**2 / belief._scale == pytest.approx(deviation**2, abs=1e-8)


def test_a_fit_foretells_what_it_has_not_seen() -> None:
    features, values = made(140)
    process = Process(features, 60)
    process.fit(values[:60])
    belief = process.believe(values[:60])
    assert np.corrcoef(belief.mean, values[60:])[0, 1] > 0.98
    inside = np.abs(belief.mean - values[60:]) < 3 * np.sqrt(belief.deviation**2 + 1e-3)
    assert inside.mean() > 0.95


def test_what_is_taken_for_done_is_as_if_it_had_been_seen() -> None:
    """Deviations after `take` are those of a process that has seen the row, with any value."""
    features, values = made(50)
    process = Process(features, 30)
    process.fit(values[:30])
    belief = process.believe(values[:30])
    means = belief.mean.copy()
    belief.take(0)
    belief.take(1)
    more = Process(features, 32)
    more._shape = process._shape
    seen = more.believe(values[:32])
    assert belief.without(2).deviation / np.sqrt(belief._scale) == pytest.approx(
        seen.deviation / np.sqrt(seen._scale), abs=1e-6
    )
    assert belief.mean == pytest.approx(means[2:])


def test_improvement_is_what_drawing_from_the_belief_gives() -> None:
    features, values = made(40)
    process = Process(features, 20)
    process.fit(values[:20])
    belief = process.believe(values[:20])
    rng = np.random.default_rng(0)
    draws = belief.mean + belief.deviation * rng.standard_normal((200_000, 20))
    gain = np.maximum(values[:20].min() - draws, 0).mean(axis=0)
    assert belief.improvement() == pytest.approx(gain, abs=5e-3 * max(gain.max(), 1e-3))


def test_equal_rows_and_a_constant_function_are_no_trouble() -> None:
    rows = [Row({"a": 0.5, "b": 0.5, "width": 0.5}, {"macs": 10})] * 12
    process = Process(Features(tiny(NUMBERS), rows), 8)
    process.fit(np.zeros(8))
    belief = process.believe(np.zeros(8))
    assert np.isfinite(belief.mean).all()
    assert np.isfinite(belief.improvement()).all()
