"""Empirical distribution functions: F(e), the share of networks whose error is at most e.

They tell design spaces apart where their best members do not: Radosavovic et al. 2019, On Network Design
Spaces for Visual Recognition, arXiv:1905.13214.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np

from nas.search.analysis.samples import Floats, Numbers, numbers, shares


@dataclass(frozen=True)
class Edf:
    """A right-continuous step function that rises from 0 to 1."""

    x: list[float]
    """The different values, rising."""
    y: list[float]
    """The share of results that are at most each; the last is 1."""
    n: int
    """Results that it is of."""

    def at(self, value: float) -> float:
        """The share of results that are at most this."""
        place = bisect_right(self.x, value)
        return self.y[place - 1] if place else 0.0

    def quantile(self, share: float) -> float:
        """The smallest value that at least this share of results, 0 < share <= 1, is at most.

        Where exactly so many are, the middle between it and the next: of a half the usual median.
        """
        place = min(int(np.searchsorted(np.array(self.y) + 1e-12, share)), len(self.x) - 1)
        exact = abs(self.y[place] - share) < 1e-12 and place + 1 < len(self.x)
        return (self.x[place] + self.x[place + 1]) / 2 if exact else self.x[place]

    def mean(self) -> float:
        """Of the results, with their weights."""
        return float(self._steps() @ np.array(self.x))

    def area(self, upto: float) -> float:
        """The integral of F up to a value, in the unit of the values: how much room results leave below it.

        Of two spaces the one with the larger area has the lower errors on average below that value.
        """
        below = np.maximum(upto - np.array(self.x), 0.0)
        return float(self._steps() @ below)

    def expected_minimum(self, count: int) -> float:
        """The expected smallest of `count` results drawn independently, with replacement.

        What a random search of so many trials would find: Dodge et al. 2019, Show Your Work,
        arXiv:1909.03004.
        """
        above = (1 - np.array([0.0, *self.y])) ** count
        return float(-np.diff(above) @ np.array(self.x))

    def expected_maximum(self, count: int) -> float:
        """The expected largest of so many."""
        return float(np.diff(np.array([0.0, *self.y]) ** count) @ np.array(self.x))

    def thinned(self, steps: int) -> "Edf":
        """With at most so many of the steps, evenly, the first and the last among them: to be drawn."""
        if len(self.x) <= steps:
            return self
        places = np.unique(np.linspace(0, len(self.x) - 1, steps).round().astype(np.int64))
        return replace(self, x=[self.x[i] for i in places], y=[self.y[i] for i in places])

    def _steps(self) -> Floats:
        return np.diff(np.array([0.0, *self.y]))


def edf(values: Numbers, weights: Numbers | None = None) -> Edf:
    """The distribution of values, each counting alike or by its weight.

    Raises:
        NasError: no values, one that is not finite, or weights that are none.
    """
    found = numbers(values)
    parts = shares(weights, len(found))
    x, place = np.unique(found, return_inverse=True)
    y = np.minimum(np.cumsum(np.bincount(place, weights=parts, minlength=len(x))), 1.0)
    y[-1] = 1.0
    return Edf(x.tolist(), y.tolist(), len(found))
