"""The two-sample Kolmogorov-Smirnov test: whether there is a difference, and how large it is."""

import math
from dataclasses import dataclass

import numpy as np

from nas.search.analysis.edf import Edf
from nas.search.analysis.effect import RESAMPLES, Effect, effect
from nas.search.analysis.samples import Numbers, numbers

EXACT = 2_000
"""Up to so many results the test's probability is exact, beyond it by its limit."""


FEW = 5
"""Fewer results in a sample tell nothing apart, and no interval holds of them."""


@dataclass(frozen=True)
class Ks:
    """The two-sided test of two samples."""

    statistic: float
    """The largest distance between the two distributions."""
    p_value: float
    """How probable so large a distance is if both are samples of one distribution."""
    effect: float
    """P(a > b) + P(a = b) / 2."""
    ci_low: float
    """Of the effect, 95 % by bootstrap."""
    ci_high: float
    n: float
    """Results in the smaller sample; of weighted ones the effective number."""

    @property
    def few(self) -> bool:
        """Whether a sample has too few results to be told apart."""
        return self.n < FEW

    @property
    def larger(self) -> str:
        """`a` or `b`, whichever tends to larger values; empty where they are not told apart: they are `few`,
        0.5 is in the interval, or p is 0.05 or more."""
        if self.few or self.p_value >= 0.05:
            return ""
        return "a" if self.ci_low > 0.5 else "b" if self.ci_high < 0.5 else ""


def ks(a: Numbers, b: Numbers, *, resamples: int = RESAMPLES, seed: int = 0) -> Ks:
    """The test of two samples drawn independently; exact for up to `EXACT` values.

    Raises:
        NasError: one has no values, or one that is not finite.
    """
    from scipy.stats import ks_2samp

    one, other = numbers(a, "first"), numbers(b, "second")
    found = ks_2samp(one, other, method="auto" if len(one) + len(other) < EXACT else "asymp")
    size, fewest = effect(one, other, resamples=resamples, seed=seed), min(len(one), len(other))
    return tested(float(found.statistic), float(found.pvalue), size, fewest)


def tested(statistic: float, p_value: float, size: Effect, n: float) -> Ks:
    """A test with the effect that it is about; `n` results are in the smaller sample."""
    return Ks(statistic, p_value, size.effect, size.ci_low, size.ci_high, n)


def distance(a: Edf, b: Edf) -> float:
    """The largest distance between two distributions."""
    steps = np.union1d(a.x, b.x)
    one, other = (np.array([0.0, *each.y])[np.searchsorted(each.x, steps, side="right")] for each in (a, b))
    return float(np.abs(one - other).max())


def limit_probability(statistic: float, n_a: float, n_b: float) -> float:
    """How probable so large a distance is, in the limit of many values; of weights the effective numbers."""
    from scipy.special import kolmogorov

    return float(kolmogorov(statistic * math.sqrt(n_a * n_b / (n_a + n_b))))
