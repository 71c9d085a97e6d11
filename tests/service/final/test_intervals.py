"""Intervals hold what they promise: by scipy, by hand, and by the share of tests in which they are right."""

import numpy as np
import pytest
from scipy import stats

from nas.service.final.intervals import difference_interval, error_interval, mcnemar, paired

DRAWS = 20_000


@pytest.mark.parametrize(("wrong", "images"), [(0, 10), (1, 360), (7, 360), (359, 360), (360, 360)])
def test_error_intervals_are_those_of_scipy(wrong: int, images: int) -> None:
    found = error_interval(wrong, images)
    other = stats.binomtest(wrong, images).proportion_ci(method="exact")
    assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("images", [20, 360])
def test_error_intervals_hold_the_truth_in_95_of_100_tests_whatever_it_is(images: int) -> None:
    wrong = np.arange(images + 1)
    found = [error_interval(int(k), images) for k in wrong]
    low, high = np.array([(each.low, each.high) for each in found]).T
    truths = np.concatenate([np.geomspace(1e-5, 0.1, 150), np.linspace(0.1, 0.95, 50)])
    chances = stats.binom.pmf(wrong[:, None], images, truths)
    covered = (chances * ((low[:, None] <= truths) & (truths <= high[:, None]))).sum(0)
    assert covered.min() >= 0.95
    assert covered[-50:].mean() < 0.985, "wider than it need be"


def test_wilsons_interval_would_not() -> None:
    images, truth, wrong = 360, 0.00048, np.arange(361)
    bounds = [stats.binomtest(int(k), images).proportion_ci(method="wilson") for k in wrong]
    right = [bound.low <= truth <= bound.high for bound in bounds]
    assert stats.binom.pmf(wrong, images, truth)[right].sum() == pytest.approx(0.84, abs=0.005)


def covered(only_first: float, only_second: float, images: int) -> float:
    """The share of simulated tests whose interval holds the true difference."""
    rest = 1 - only_first - only_second
    drawn = np.random.default_rng(7).multinomial(images, [only_first, only_second, rest], size=DRAWS)
    counts, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    bounds = np.array([difference_interval(int(a), int(b), images) for a, b in counts])
    truth = only_first - only_second
    return float(times[(bounds[:, 0] <= truth) & (truth <= bounds[:, 1])].sum() / DRAWS)


@pytest.mark.parametrize("images", [100, 360, 10_000])
@pytest.mark.parametrize(
    ("only_first", "only_second"), [(0.002, 0.002), (0.01, 0.01), (0.02, 0.005), (0.1, 0.02), (0.3, 0.1)]
)
def test_difference_intervals_hold_the_truth_in_95_of_100_tests(
    only_first: float, only_second: float, images: int
) -> None:
    share = covered(only_first, only_second, images)
    assert share >= 0.945, "20,000 draws know it to 0.15 points"
    if images * min(only_first, only_second) > 10:
        assert share <= 0.97, "wider than it need be"


def test_a_paired_comparison_by_hand() -> None:
    first = np.array([True] * 8 + [False] * 92)
    second = np.array([True] * 2 + [False] * 97 + [True])
    found = paired(first, second)
    assert (found.only_first, found.only_second) == (6, 1)
    assert found.difference == pytest.approx(0.05)
    assert found.low < 0.05 < found.high
    assert found.p_value == mcnemar(6, 1) == pytest.approx(stats.binomtest(1, 7).pvalue)
    back = paired(second, first)
    assert (back.difference, back.p_value) == (-found.difference, found.p_value)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low))


def test_equal_classifiers_are_not_told_apart_and_unequal_ones_are() -> None:
    same = np.arange(1000) < 30
    found = paired(same, same)
    assert (found.difference, found.p_value, found.apart) == (0.0, 1.0, False)
    assert -0.004 < found.low < 0 < found.high < 0.004
    assert paired(np.arange(1000) < 80, same).apart
