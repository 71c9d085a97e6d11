"""Orders compared: scipy's correlations, intervals by simulation, what the best few would find."""

import math

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from nas.errors import NasError
from nas.search.analysis import ahead, best_ordering, rank_correlation, ranks
from nas.search.analysis.ranks import MANY

Pair = tuple[np.ndarray, np.ndarray]


def pair(rng: np.random.Generator, n: int, correlation: float) -> Pair:
    x = rng.normal(size=n)
    return x, correlation * x + math.sqrt(1 - correlation**2) * rng.normal(size=n)


def test_as_scipy_has_it() -> None:
    x, y = pair(np.random.default_rng(0), 50, 0.6)
    x = x.round(1)  # ties
    found = rank_correlation(x, y)
    assert found.spearman == pytest.approx(spearmanr(x, y).statistic)
    assert found.kendall == pytest.approx(kendalltau(x, y).statistic)
    assert found.ci_low < found.spearman < found.ci_high


def test_by_hand() -> None:
    truth = np.arange(20.0)
    score = truth.copy()
    score[[18, 0]] = score[[0, 18]]
    found = rank_correlation(score, truth)
    assert (found.n, found.top, found.top_overlap, found.top_best) == (20, 2, 0.5, 19.0)
    assert rank_correlation(-truth, truth).spearman == -1
    perfect = rank_correlation(truth[:4], truth[:4])
    assert [perfect.spearman, perfect.kendall] == pytest.approx([1, 1])
    assert perfect.ci_low < 0.5  # of four networks


def test_equal_ones_at_the_edge_are_drawn_by_lot() -> None:
    half = np.repeat([1.0, 0.0], 10)
    assert rank_correlation(half, half).top_overlap == pytest.approx(2 / 10)  # any two of the same ten
    assert rank_correlation(half, np.arange(20.0)).top_overlap == 0
    assert rank_correlation(half, -np.arange(20.0)).top_overlap == pytest.approx(2 / 10)


def test_scores_that_say_nothing() -> None:
    found = rank_correlation(np.ones(10), np.arange(10.0))
    assert math.isnan(found.spearman)
    assert math.isnan(found.ci_low)
    with pytest.raises(NasError, match="3 pairs"):
        rank_correlation([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(("n", "correlation"), [(12, 0.5), (40, 0.9), (40, 0.0)])
def test_the_interval_holds_the_truth_as_often_as_it_says(n: int, correlation: float) -> None:
    rng, truth = np.random.default_rng(1), 6 / math.pi * math.asin(correlation / 2)
    found = [rank_correlation(*pair(rng, n, correlation)) for _ in range(300)]
    held = np.mean([each.ci_low <= truth <= each.ci_high for each in found])
    assert 0.92 <= held <= 0.99


def test_a_better_score_is_ahead_of_a_worse_one() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=200)
    good, bad = truth + rng.normal(size=200), truth + 3 * rng.normal(size=200)
    found = ahead(good, bad, truth, resamples=300)
    expected = spearmanr(good, truth).statistic - spearmanr(bad, truth).statistic
    assert found.difference == pytest.approx(expected)
    assert 0 < found.ci_low < found.difference < found.ci_high
    assert best_ordering({"bad": bad, "good": good}, truth) == "good"
    alike = ahead(good, truth + rng.normal(size=200), truth, resamples=300)
    assert alike.ci_low < 0 < alike.ci_high


@pytest.mark.parametrize("noise", [0.3, 2.0])
def test_of_many_networks_the_interval_is_that_of_the_bootstrap(
    monkeypatch: pytest.MonkeyPatch, noise: float
) -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=MANY).round(1)  # ties
    rows = truth + noise * rng.normal(size=MANY), truth + rng.normal(size=MANY), truth
    at_once = ahead(*rows)
    monkeypatch.setattr(ranks, "MANY", MANY + 1)
    drawn = ahead(*rows)
    assert at_once.difference == drawn.difference
    width = drawn.ci_high - drawn.ci_low
    assert [at_once.ci_low, at_once.ci_high] == pytest.approx([drawn.ci_low, drawn.ci_high], abs=0.1 * width)


def test_the_interval_of_many_holds_the_difference_as_often_as_it_says() -> None:
    rng, held = np.random.default_rng(4), []
    meant = 6 / math.pi * (math.asin(0.8 / 2) - math.asin(0.5 / 2))
    for _ in range(300):
        truth, one, other = rng.normal(size=(3, MANY))
        found = ahead(0.8 * truth + 0.6 * one, 0.5 * truth + math.sqrt(0.75) * other, truth)
        held.append(found.ci_low <= meant <= found.ci_high)
    assert 0.92 <= np.mean(held) <= 0.98
