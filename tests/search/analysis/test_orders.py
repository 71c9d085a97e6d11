"""Rank correlations as scipy has them, ties and all; how each moves with the weight of a pair."""

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from nas.search.analysis.orders import kendall, order, spearman, spearman_influence


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("n", [2, 5, 64, 1_000])
def test_as_scipy_has_it(n: int, decimals: int) -> None:
    rng = np.random.default_rng(n)
    for sign in (-1, 0, 1):
        x = rng.normal(size=n).round(decimals)
        y = (sign * x + rng.normal(size=n)).round(decimals)
        x[0] += 10**-decimals * (np.ptp(x) == 0)
        y[0] += 10**-decimals * (np.ptp(y) == 0)
        assert spearman(order(x), order(y)) == pytest.approx(spearmanr(x, y).statistic, abs=1e-12)
        assert kendall(order(x), order(y)) == pytest.approx(kendalltau(x, y).statistic, abs=1e-12)


def test_equal_values_have_no_order() -> None:
    same, row = np.zeros(5, dtype=np.int64), np.arange(5)
    assert math.isnan(spearman(same, row))
    assert math.isnan(kendall(row, same))
    assert np.isnan(spearman_influence(same, row)).all()


def test_influence_is_what_one_more_of_a_pair_changes() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=400).round(1)  # ties
    y = x + rng.normal(size=400)
    known, moves = spearman(order(x), order(y)), spearman_influence(order(x), order(y))
    assert moves.mean() == pytest.approx(0, abs=1e-12)
    for place in (0, 7, 399):
        twice = [np.append(row, row[place]) for row in (x, y)]
        moved = spearman(*map(order, twice)) - known
        assert moved == pytest.approx(moves[place] / 401, rel=0.05, abs=2e-5)
