"""Tests of two samples: scipy's statistic and probability, intervals that hold what they should."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import ks_2samp, mannwhitneyu

from nas.search.analysis import edf, effect, ks, matched
from nas.search.analysis.ks import distance, limit_probability

VALUES = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=30)


@settings(max_examples=30)
@given(VALUES, VALUES)
def test_the_effect_is_the_share_of_pairs(a: list[float], b: list[float]) -> None:
    found = effect(a, b, resamples=50)
    pairs = [1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b]
    assert found.effect == pytest.approx(np.mean(pairs))
    assert found.effect == pytest.approx(mannwhitneyu(a, b).statistic / len(pairs))
    assert 0 <= found.ci_low <= found.ci_high <= 1


@settings(max_examples=30)
@given(VALUES, VALUES)
def test_statistic_and_probability_are_scipys(a: list[float], b: list[float]) -> None:
    found, theirs = ks(a, b, resamples=50), ks_2samp(a, b)
    assert (found.statistic, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))
    assert distance(edf(a), edf(b)) == pytest.approx(theirs.statistic)


def test_by_hand() -> None:
    found = ks([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert (found.statistic, found.effect, found.larger) == (1.0, 0.0, "")  # 2 / (6 over 3) is no proof
    assert found.p_value == pytest.approx(2 / 20)
    assert ks(np.arange(5.0), np.arange(5.0) + 9).larger == "b"
    assert ks(np.arange(5.0) + 9, np.arange(5.0)).larger == "a"


def test_the_limit_is_scipys_too() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 1500))
    found = ks(a, b + 0.05, resamples=50)
    assert found.p_value == pytest.approx(limit_probability(found.statistic, 1500, 1500), rel=0.02)


@pytest.mark.parametrize(("n", "m"), [(20, 20), (80, 60)])
def test_the_interval_holds_the_truth_as_often_as_it_says(n: int, m: int) -> None:
    rng, held = np.random.default_rng(1), 0
    for _ in range(200):
        found = effect(rng.normal(0.5, 1, n), rng.normal(0, 1, m), resamples=300)
        held += found.ci_low <= 0.63816 <= found.ci_high  # of normal distributions half a deviation apart
    assert 0.90 <= held / 200 <= 0.99


def test_samples_without_overlap_prove_no_certainty() -> None:
    few, many = (
        effect([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]),
        effect(np.arange(40.0), np.arange(40.0) - 99),
    )
    assert (few.effect, few.ci_low) == (0, 0)
    assert 0.3 < few.ci_high < 0.5
    assert (many.effect, many.ci_high) == (1, 1)
    assert 0.93 < many.ci_low < 0.97


def test_few_values_hold_the_truth_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(4), 0
    for _ in range(300):
        found = effect(rng.normal(2.0, 1, 5), rng.normal(0, 1, 5), resamples=300)
        held += found.ci_low <= 0.92135 <= found.ci_high  # of normal distributions two deviations apart
    assert held / 300 >= 0.93


def test_many_values_in_groups() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(0.1, 1, 20_000), rng.normal(0, 1, 20_000)
    found = effect(a, b)
    assert found.ci_low < found.effect < found.ci_high
    assert found.ci_high - found.ci_low < 0.02


def test_matched_by_hand() -> None:
    """Two bins; in each, both samples have the same values, but `a` has more networks in the dear one."""
    cheap, dear = [4.0, 5.0] * 5, [1.0, 2.0] * 5
    a, b = cheap + 4 * dear, 4 * cheap + dear
    cost_a, cost_b = [1.0] * 10 + [2.0] * 40, [1.0] * 40 + [2.0] * 10
    found = matched(a, b, cost_a, cost_b, 2)
    assert ks(a, b).larger == "b"
    assert (found.bins, found.low, found.high) == (2, 1.0, 2.0)
    assert found.edf_a.x == found.edf_b.x
    assert found.edf_a.y == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert found.edf_b.y == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert (found.ks.statistic, found.ks.effect) == pytest.approx((0.0, 0.5))
    assert sum(found.weights_a) == pytest.approx(1)
    assert found.effective_a == pytest.approx(1 / (10 * (0.5 / 10) ** 2 + 40 * (0.5 / 40) ** 2))


def test_matched_takes_away_what_costs_explain_and_leaves_the_rest() -> None:
    rng, held, told_apart, seen = np.random.default_rng(3), 0, 0, 0
    for _ in range(100):
        cost_a, cost_b = rng.normal(0.7, 1, 150), rng.normal(0, 1, 150)
        a, b = cost_a + rng.normal(size=150), cost_b + rng.normal(size=150)
        found = matched(a, b, cost_a, cost_b, resamples=200).ks
        held += found.ci_low <= 0.5 <= found.ci_high
        told_apart += found.p_value < 0.05
        seen += matched(a + 1, b, cost_a, cost_b, resamples=200).ks.larger == "a"
    assert held >= 88
    assert told_apart <= 8
    assert seen >= 95
