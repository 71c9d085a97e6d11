"""How results are spread, in a few numbers: by what share of networks, and what a search would find."""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.search.analysis import Edf, edf
from nas.service.views.columns import Floats

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Of networks, of which the best is expected; no more than there are."""


@dataclass(frozen=True)
class Quantile:
    """A share of the networks has at least as good a value."""

    share: float
    value: float


@dataclass(frozen=True)
class Expected:
    """The best of so many networks, as it is to be expected of random search."""

    count: int
    value: float


def quantiles(values: Floats, *, minimize: bool, shares: Sequence[float] = SHARES) -> list[Quantile]:
    """The values that shares of the networks reach, the best first; none of no values."""
    if not len(values):
        return []
    sign = 1 if minimize else -1
    whole = edf(sign * values)
    return [Quantile(share, sign * whole.quantile(share)) for share in shares]


def expected(whole: Edf, *, minimize: bool) -> list[Expected]:
    """The expected best of 1, 2, 5, … networks, as far as there are so many."""
    best = whole.expected_minimum if minimize else whole.expected_maximum
    return [Expected(count, best(count)) for count in COUNTS if count <= whole.n]
