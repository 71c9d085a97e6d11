"""Regrets of searches on a table, over seeds: how far what a search would hand out lies from the best.

The regret after n trials is that of the trial with the best value of the first n that ended. Intervals are
95 % percentile bootstraps over the seeds (Efron & Tibshirani 1993, chapter 13), 10,000 resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

RESAMPLES = 10_000
STEPS = (1, 2, 5)
"""Regrets are told after 1, 2, 5, 10, 20, 50, … trials, and at the end."""


@dataclass(frozen=True)
class Regret:
    """After so many trials, over the seeds; None where a study had no complete trial yet."""

    trials: int
    mean: float | None
    mean_interval: tuple[float, float] | None
    median: float | None
    median_interval: tuple[float, float] | None


def of_incumbents(values: Array, shown: Array, best: float, *, minimize: tuple[bool, bool]) -> Array:
    """(trials,): the regret of a study in the metric that is `shown`, whose best in the table is `best`.

    `values` (trials,) are the objective's, in the order in which trials ended, by which the search itself
    chooses; `minimize` is of these two metrics. Infinite before the first complete trial.
    """
    losses = values if minimize[0] else -values
    leader = np.zeros(len(losses), dtype=int)
    for i in range(1, len(losses)):
        leader[i] = i if losses[i] < losses[leader[i - 1]] else leader[i - 1]
    found: Array = (shown[leader] - best) * (1 if minimize[1] else -1)
    return found


def regrets(table: Array, counts: Sequence[int] | None = None) -> list[Regret]:
    """Over the seeds (rows) at some numbers of trials (columns); by default 1, 2, 5, 10, … and the last."""
    seeds, trials = table.shape
    picks = np.random.default_rng(0).integers(seeds, size=(RESAMPLES, seeds))
    if counts is None:
        counts = sorted({n for p in range(7) for s in STEPS if (n := s * 10**p) < trials} | {trials})
    return [_regret(count, table[:, count - 1], picks) for count in counts]


def reaches(table: Array, regret: float) -> int | None:
    """After how many trials the median over the seeds is at most `regret`; None if it never is."""
    there = np.flatnonzero(np.median(table, axis=0) <= regret)
    return int(there[0]) + 1 if len(there) else None


def _regret(count: int, found: Array, picks: NDArray[np.int64]) -> Regret:
    if not np.isfinite(found).all():
        return Regret(count, None, None, None, None)
    drawn = found[picks]
    return Regret(
        count,
        float(found.mean()),
        _interval(drawn.mean(axis=1)),
        float(np.median(found)),
        _interval(np.median(drawn, axis=1)),
    )


def _interval(estimates: Array) -> tuple[float, float]:
    low, high = np.percentile(estimates, [2.5, 97.5])
    return float(low), float(high)
