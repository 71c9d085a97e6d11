"""Regrets and their intervals."""

import math

import numpy as np
import pytest

from nas.service.regret import of_incumbents, reaches, regrets


def test_the_regret_is_that_of_what_the_search_would_hand_out() -> None:
    """The search sees the first row; trial 3 looks best to it, though it is not."""
    values, shown = np.array([0.5, 0.3, 0.2, 0.4]), np.array([0.6, 0.25, 0.35, 0.1])
    found = of_incumbents(values, shown, 0.1, minimize=(True, True))
    assert found == pytest.approx([0.5, 0.15, 0.25, 0.25])


def test_metrics_to_be_maximised() -> None:
    values, shown = np.array([0.5, 0.7]), np.array([0.6, 0.8])
    assert of_incumbents(values, shown, 0.9, minimize=(False, False)) == pytest.approx([0.3, 0.1])


def test_nothing_complete_yet_is_infinite() -> None:
    values = np.array([math.inf, 0.3])
    assert of_incumbents(values, values, 0.1, minimize=(True, True)).tolist() == [
        math.inf,
        pytest.approx(0.2),
    ]
    rows = regrets(np.array([[math.inf, 0.2], [0.4, 0.1]]))
    assert rows[0].mean is None
    assert rows[1].mean == pytest.approx(0.15)


def test_intervals_hold_what_they_should() -> None:
    """Of 200 samples of 50 values of mean 1, about 95 % of the intervals hold 1."""
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        (row,) = regrets(rng.exponential(size=(50, 1)))
        assert row.mean_interval is not None
        held += row.mean_interval[0] <= 1 <= row.mean_interval[1]
    assert 175 <= held <= 199


def test_when_the_median_is_there() -> None:
    table = np.array([[3.0, 2.0, 0.1], [3.0, 0.1, 0.1], [3.0, 2.0, 2.0]])
    assert reaches(table, 0.15) == 3
    assert reaches(table, 0.05) is None
