"""Whether one score orders networks as another does: what a proxy, or a short training, is worth."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from nas.errors import NasError
from nas.search.analysis.effect import RESAMPLES
from nas.search.analysis.orders import Order, kendall, order, spearman, spearman_influence
from nas.search.analysis.samples import LEVEL, Floats, Numbers, alike, numbers

LEAST = 4
"""Pairs that a correlation with an interval takes."""
TOP = 0.1
"""The share of networks that are called the best."""
MANY = 1_000
"""Networks from which on no bootstrap is needed: its interval and the normal one are the same."""
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class Ranks:
    """How well a score orders networks."""

    spearman: float
    """Rank correlation; NaN where one of both says the same of all."""
    kendall: float
    """Kendall's tau-b, likewise."""
    ci_low: float
    """Of Spearman's, 95 %."""
    ci_high: float
    n: int
    top: int
    """How many are called the best: a tenth of them, at least one."""
    top_overlap: float
    """The share of the best by the truth that are among the best by the score; `top / n` by chance. Of equal
    ones at the edge any may be among them."""
    top_best: float
    """The truth of the best one among the `top` by the score: what training only those would find."""


@dataclass(frozen=True)
class Ahead:
    """How much better one score orders the same networks than another."""

    difference: float
    """Of Spearman's correlations."""
    ci_low: float
    """95 %; see `ahead`."""
    ci_high: float


def rank_correlation(score: Numbers, truth: Numbers, *, top: float = TOP) -> Ranks:
    """How far `score` orders networks as `truth` does; more of both is better.

    The interval is Bonett & Wright's (2000, Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations): Fisher's z with variance (1 + r²/2) / (n - 3). A perfect order counts there as
    one with two neighbours swapped: few networks prove no perfect score.

    Raises:
        NasError: fewer than `LEAST` pairs, or a number that is not finite.
    """
    one, other = numbers(score, "scores"), numbers(truth, "truths")
    alike(one, other, "scores and truths")
    n = len(one)
    if n < LEAST:
        raise NasError(f"{n} pairs: a rank correlation takes at least {LEAST}")
    count = max(1, round(top * n))
    overlap = float(_among_best(one, count) @ _among_best(other, count)) / count
    found = float(other[np.argsort(-one, kind="stable")[:count]].max())
    if not np.ptp(one) or not np.ptp(other):
        nan = math.nan
        return Ranks(nan, nan, nan, nan, n, count, overlap, found)
    first, second = order(one), order(other)
    rho = spearman(first, second)
    low, high = _interval(rho, n)
    return Ranks(rho, kendall(first, second), low, high, n, count, overlap, found)


def best_ordering(scores: Mapping[str, Numbers], truth: Numbers) -> str:
    """Which score has the highest Spearman's correlation with the truth; the first of equal ones."""
    true = order(numbers(truth, "truths"))
    return max(scores, key=lambda name: spearman(order(numbers(scores[name], name)), true))


def ahead(
    score: Numbers, other: Numbers, truth: Numbers, *, resamples: int = RESAMPLES, seed: int = 0
) -> Ahead:
    """Spearman's correlation of `score` with the truth, less that of `other`, on the same networks.

    The interval of fewer than `MANY` networks is where the difference lies in 95 % of resamples of them
    (percentile bootstrap). Of more it is the difference and 1.96 standard errors to both sides, from the
    difference of both correlations' influence values, network by network: what the bootstrap comes to
    with many networks, without its draws.

    Raises:
        NasError: fewer than `LEAST` networks, or a number that is not finite.
    """
    one, two, true = (order(numbers(row)) for row in (score, other, truth))
    n = len(true)
    if n < LEAST:
        raise NasError(f"{n} networks: a rank correlation takes at least {LEAST}")
    difference = spearman(one, true) - spearman(two, true)
    if n < MANY:
        return Ahead(difference, *_resampled(one, two, true, resamples, seed))
    moves = spearman_influence(one, true) - spearman_influence(two, true)
    reach = Z * float(np.sqrt((moves**2).mean() / n))
    return Ahead(difference, difference - reach, difference + reach)


def _resampled(one: Order, two: Order, true: Order, resamples: int, seed: int) -> tuple[float, float]:
    rng, n = np.random.default_rng(seed), len(true)
    found = []
    for _ in range(resamples):
        drawn = rng.integers(n, size=n)
        truth = true[drawn]
        found.append(spearman(one[drawn], truth) - spearman(two[drawn], truth))
    low, high = np.nanquantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _among_best(values: Floats, count: int) -> Floats:
    """How probable it is that each is among so many of the best, where equal ones are drawn by lot."""
    edge = np.partition(values, -count)[-count]
    above, there = values > edge, values == edge
    chances: Floats = above + there * ((count - above.sum()) / there.sum())
    return chances


def _interval(spearman: float, n: int) -> tuple[float, float]:
    """Of a correlation of n pairs."""
    most = 1 - 12 / (n * (n**2 - 1))
    r = min(max(spearman, -most), most)
    reach = Z * math.sqrt((1 + r * r / 2) / (n - 3))
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)
