"""Samples compared at the same costs: weights that give both one distribution of cost.

As Radosavovic et al. 2019 normalize distributions by complexity (arXiv:1905.13214, section 3.2): costs fall
into bins, and every bin counts alike, w = 1 / (bins × networks of the bin). Their bins are equally wide;
these hold equal shares of all networks, because costs of random networks spread over powers of ten, and
only bins count in which every sample has networks enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.errors import NasError
from nas.search.analysis.edf import Edf, edf
from nas.search.analysis.effect import RESAMPLES, Parts, effect_of
from nas.search.analysis.ks import Ks, distance, limit_probability, tested
from nas.search.analysis.samples import Floats, Numbers, alike, numbers

BINS = 10
"""At most; of few networks fewer."""
LEAST = 5
"""Networks of each sample in a bin that counts."""


@dataclass(frozen=True)
class Matched:
    """Two samples, reweighted to one distribution of cost."""

    edf_a: Edf
    edf_b: Edf
    weights_a: list[float]
    """Of each value, adding up to 1; 0 where no bin that counts has its cost."""
    weights_b: list[float]
    ks: Ks
    """Of the weighted distributions; p by its limit, with the effective numbers."""
    effective_a: float
    """How many equally weighted values say as much: (Σw)² / Σw² (Kish 1965)."""
    effective_b: float
    bins: int
    """Bins that count."""
    low: float
    """The cost where the first of them begins, and where the last ends."""
    high: float


def matched(
    a: Numbers,
    b: Numbers,
    cost_a: Numbers,
    cost_b: Numbers,
    bins: int = BINS,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Matched:
    """Two samples of values as if the networks of both had the same costs.

    Raises:
        NasError: no costs that both have.
    """
    values = [numbers(a, "first"), numbers(b, "second")]
    costs = [numbers(cost_a, "costs of the first"), numbers(cost_b, "costs of the second")]
    for each, its_costs in zip(values, costs, strict=True):
        alike(each, its_costs, "values and costs")
    return between(values, cost_bins(costs, bins), (0, 1), resamples=resamples, seed=seed)


@dataclass(frozen=True)
class Bins:
    """Where the networks of several samples lie by cost."""

    places: list[NDArray[np.int64]]
    """Of each sample: the bin of each network, -1 for one that does not count."""
    count: int
    low: float
    high: float

    def parts(self, values: Sequence[Floats], which: int) -> Parts:
        """A sample by its bins."""
        found = [values[which][self.places[which] == each] for each in range(self.count)]
        return Parts(found, np.full(self.count, 1 / self.count))

    def weights(self, which: int) -> Floats:
        """Of each network of a sample."""
        places = self.places[which]
        sizes = np.bincount(places[places >= 0], minlength=self.count)
        return np.where(places >= 0, 1 / (self.count * np.maximum(sizes[places], 1)), 0.0)


def cost_bins(costs: Sequence[Numbers], bins: int = BINS) -> Bins:
    """The bins of cost in which every one of these samples has at least `LEAST` networks.

    There are at most `bins`, fewer where the smallest sample has less than twice `LEAST` networks for each.

    Raises:
        NasError: there is no such bin.
    """
    rows = [numbers(each, "costs") for each in costs]
    wanted = max(1, min(bins, min(map(len, rows)) // (2 * LEAST)))
    low, high = max(row.min() for row in rows), min(row.max() for row in rows)
    shared = np.concatenate([row[(row >= low) & (row <= high)] for row in rows])
    if low <= high and len(shared):
        edges = np.unique(np.quantile(shared, np.linspace(0, 1, wanted + 1)))
        found = [_binned(row, edges) for row in rows]
        most = len(edges)
        fewest = np.min([np.bincount(row[row >= 0], minlength=most) for row in found], axis=0)
        if fewest.max() >= LEAST:
            return _kept(found, fewest >= LEAST, edges)
    raise NasError(f"no range of costs in which each of them has at least {LEAST} networks: nothing to match")


def _binned(row: Floats, edges: Floats) -> NDArray[np.int64]:
    """The bin of each cost; -1 beyond the ends."""
    places = np.clip(np.searchsorted(edges, row, side="right") - 1, 0, max(len(edges) - 2, 0))
    return np.where((row >= edges[0]) & (row <= edges[-1]), places, -1)


def _kept(found: Sequence[NDArray[np.int64]], full: NDArray[np.bool_], edges: Floats) -> Bins:
    """The bins that count, numbered anew."""
    kept = np.flatnonzero(full)
    anew = np.full(len(full) + 1, -1)
    anew[kept] = np.arange(len(kept))
    top = min(int(kept[-1]) + 1, len(edges) - 1)
    return Bins([anew[row] for row in found], len(kept), float(edges[kept[0]]), float(edges[top]))


def between(
    values: Sequence[Floats],
    bins: Bins,
    pair: tuple[int, int],
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Matched:
    """Two of several samples, each weighted by the bins that all of them share."""
    weights = [bins.weights(each) for each in pair]
    one, other = (edf(values[each], w) for each, w in zip(pair, weights, strict=True))
    effective = [float(1 / (w @ w)) for w in weights]
    size = effect_of(*(bins.parts(values, each) for each in pair), resamples=resamples, seed=seed)
    statistic = distance(one, other)
    return Matched(
        edf_a=one,
        edf_b=other,
        weights_a=weights[0].tolist(),
        weights_b=weights[1].tolist(),
        ks=tested(statistic, limit_probability(statistic, *effective), size, min(effective)),
        effective_a=effective[0],
        effective_b=effective[1],
        bins=bins.count,
        low=bins.low,
        high=bins.high,
    )
