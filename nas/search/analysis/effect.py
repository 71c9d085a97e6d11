"""How often a result of one sample is larger than one of another: an effect size that needs no unit.

A = P(a > b) + P(a = b) / 2, Vargha & Delaney 2000, A Critique and Improvement of the CL Common Language
Effect Size Statistics; the Mann-Whitney statistic over the number of pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.search.analysis.samples import LEVEL, Floats, Numbers, numbers

RESAMPLES, GROUPS, COARSE = 1_000, 512, 128
"""Of the bootstrap: how often it draws, and the groups of near values that it draws from; `COARSE` of samples
in several parts."""


@dataclass(frozen=True)
class Effect:
    """An effect size with its interval."""

    effect: float
    """P(a > b) + P(a = b) / 2: 0.5 where neither tends to be larger."""
    ci_low: float
    """95 % percentile bootstrap."""
    ci_high: float


@dataclass(frozen=True)
class Parts:
    """A sample in parts (strata), each of which counts for its share, however many values it has."""

    values: Sequence[Floats]
    """Of each part, at least one."""
    shares: Floats
    """(parts,), adding up to 1."""

    def weighted(self) -> tuple[Floats, Floats]:
        """All values, rising, and the share that each counts for."""
        all_values = np.concatenate(self.values)
        weights = [np.full(len(v), share / len(v)) for v, share in zip(self.values, self.shares, strict=True)]
        order = np.argsort(all_values, kind="stable")
        return all_values[order], np.concatenate(weights)[order]


def effect(a: Numbers, b: Numbers, *, resamples: int = RESAMPLES, seed: int = 0) -> Effect:
    """How probable it is that a value of `a` is larger than one of `b`, ties counting half.

    The interval is where that lies in 95 % of resamples of both (Efron & Tibshirani 1993, chapter 13), each
    of one value fewer than there are (Rao & Wu 1988), without which few values make it too narrow; of samples
    that do not overlap it is Newcombe's (2006).
    """
    one, other = (
        Parts([numbers(values, name)], np.ones(1)) for values, name in ((a, "first"), (b, "second"))
    )
    return effect_of(one, other, resamples=resamples, seed=seed)


def effect_of(a: Parts, b: Parts, *, resamples: int = RESAMPLES, seed: int = 0) -> Effect:
    """The effect between samples in parts; each part is resampled by itself.

    Of many different values the resamples take near ones together: a group is 1 / `GROUPS` of them all, or
    1 / `COARSE`, so that an end is off by no more than half of that.
    """
    everything = np.concatenate([*a.values, *b.values])
    edges = np.unique(everything)
    groups = GROUPS if len(a.values) == 1 else COARSE
    if len(edges) > groups:
        edges = np.unique(np.quantile(everything, np.linspace(0, 1, groups)))
    rng = np.random.default_rng(seed)
    one, other = (_drawn(parts, edges, resamples, rng) for parts in (a, b))
    found = ((np.cumsum(other, axis=1) - other / 2) * one).sum(axis=1)
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    exact = _exactly(a, b)
    if exact in (0.0, 1.0):  # resamples of samples without overlap have none either
        reach = _reach(*(float(1 / (each.weighted()[1] ** 2).sum()) for each in (a, b)))
        low, high = (1 - reach, 1.0) if exact else (0.0, reach)
    return Effect(exact, float(low), float(high))


def _drawn(parts: Parts, edges: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """(resamples, groups): the shares of resampled values."""
    found = np.zeros((resamples, len(edges)))
    for values, share in zip(parts.values, parts.shares, strict=True):
        counts: NDArray[np.int64] = np.bincount(np.searchsorted(edges, values), minlength=len(edges))
        size = max(1, len(values) - 1)
        found += share / size * rng.multinomial(size, counts / len(values), size=resamples)
    return found


def _reach(n_a: float, n_b: float) -> float:
    """The largest effect with which samples of such sizes may well have none: method 5 of Newcombe 2006,
    Confidence Intervals for an Effect Size Measure Based on the Mann-Whitney Statistic, part 2."""
    from scipy.optimize import brentq
    from scipy.special import ndtri

    others, factor = max((n_a + n_b) / 2 - 1, 0.0), float(ndtri((1 + LEVEL) / 2)) ** 2 / (n_a * n_b)

    def beyond(at: float) -> float:
        pairs = 1 + others * ((1 - at) / (2 - at) + at / (1 + at))
        return at - factor * (1 - at) * pairs

    return float(brentq(beyond, 0.0, 1.0))


def _exactly(a: Parts, b: Parts) -> float:
    (one, weights), (other, shares) = a.weighted(), b.weighted()
    below = np.concatenate(([0.0], np.cumsum(shares)))
    left, right = (np.searchsorted(other, one, side=side) for side in ("left", "right"))
    return float(np.clip(weights @ (below[left] + below[right]) / 2, 0.0, 1.0))
