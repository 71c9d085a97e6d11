"""Whether one score orders networks as another does: what a proxy, or a short training, is worth."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.errors import NasError
from nas.search.analysis.effect import RESAMPLES
from nas.search.analysis.samples import LEVEL, Floats, Numbers, alike, numbers

LEAST = 4
"""Pairs that a correlation with an interval takes."""
TOP = 0.1
"""The share of networks that are called the best."""


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
    """95 % by a bootstrap of the networks."""
    ci_high: float


def rank_correlation(score: Numbers, truth: Numbers, *, top: float = TOP) -> Ranks:
    """How far `score` orders networks as `truth` does; more of both is better.

    The interval is Bonett & Wright's (2000, Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations): Fisher's z with variance (1 + r²/2) / (n - 3). A perfect order counts there as
    one with two neighbours swapped: few networks prove no perfect score.

    Raises:
        NasError: fewer than `LEAST` pairs, or a number that is not finite.
    """
    from scipy.stats import kendalltau, spearmanr

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
    spearman, kendall = float(spearmanr(one, other).statistic), float(kendalltau(one, other).statistic)
    low, high = _interval(spearman, n)
    return Ranks(spearman, kendall, low, high, n, count, overlap, found)


def ahead(
    score: Numbers, other: Numbers, truth: Numbers, *, resamples: int = RESAMPLES, seed: int = 0
) -> Ahead:
    """Spearman's correlation of `score` with the truth, less that of `other`, on the same networks.

    Raises:
        NasError: fewer than `LEAST` networks, or a number that is not finite.
    """
    rows = np.stack([np.unique(numbers(row), return_inverse=True)[1] for row in (score, other, truth)])
    n = rows.shape[1]
    if n < LEAST:
        raise NasError(f"{n} networks: a rank correlation takes at least {LEAST}")
    rng = np.random.default_rng(seed)
    drawn = [_difference(rows[:, rng.integers(n, size=n)]) for _ in range(resamples)]
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Ahead(_difference(rows), float(low), float(high))


def _difference(rows: NDArray[np.int64]) -> float:
    """Of (3, n) values as whole numbers from 0."""
    one, other, truth = (_centred(row) for row in rows)
    return float(one @ truth - other @ truth)


def _centred(row: NDArray[np.int64]) -> Floats:
    """Ranks of mean 0 and length 1, so that products are Spearman's correlations; NaN of equal values."""
    counts = np.bincount(row)
    ranks: Floats = (np.cumsum(counts) - counts / 2)[row] - len(row) / 2
    length = math.sqrt(float(ranks @ ranks))
    return ranks / length if length else np.full(len(row), math.nan)


def _among_best(values: Floats, count: int) -> Floats:
    """How probable it is that each is among so many of the best, where equal ones are drawn by lot."""
    edge = np.partition(values, -count)[-count]
    above, there = values > edge, values == edge
    chances: Floats = above + there * ((count - above.sum()) / there.sum())
    return chances


def _interval(spearman: float, n: int) -> tuple[float, float]:
    """Of a correlation of n pairs."""
    from scipy.special import ndtri

    most = 1 - 12 / (n * (n**2 - 1))
    r = min(max(spearman, -most), most)
    reach = float(ndtri((1 + LEVEL) / 2)) * math.sqrt((1 + r * r / 2) / (n - 3))
    return math.tanh(math.atanh(r) - reach), math.tanh(math.atanh(r) + reach)
