"""Which values of a parameter good networks have: the empirical bootstrap of the RegNet paper.

Radosavovic et al. 2020, Designing Network Design Spaces, arXiv:2003.13678, section 3.2: draw a quarter of
the (value, error) pairs with replacement, take the value of the best, 10,000 times; where 95 % of them lie
is the good range, and their median the most likely best value. Here the limit of infinitely many draws is
computed, which has a closed form: the best of m draws from n pairs is the one of rank r with probability
((n - r + 1) / n)^m - ((n - r) / n)^m, and pairs of equal error share theirs.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from nas.search.analysis.samples import LEVEL, Floats, Numbers, alike, numbers

SHARE = 0.25
"""Of the pairs that a draw takes."""


@dataclass(frozen=True)
class GoodRange:
    """Where the best value of a numeric parameter lies."""

    low: float
    high: float
    """95 % of the best of draws lie within both ends, which are values that occur."""
    best: float
    """Their median: the most likely best value."""
    n: int
    """Pairs that it is from."""


@dataclass(frozen=True)
class ChoiceShare:
    """One value of a parameter without an order."""

    value: Hashable
    share: float
    """How often the best of a draw has it."""
    drawn: float
    """The share of all pairs that have it: what `share` would be if the parameter decided nothing."""


@dataclass(frozen=True)
class GoodChoices:
    """The values of a parameter without an order, the most frequent among the best first."""

    choices: list[ChoiceShare]
    n: int


def good_range(values: Numbers, errors: Numbers, *, share: float = SHARE, level: float = LEVEL) -> GoodRange:
    """The range of a numeric parameter's good values; less of `errors` is better.

    Raises:
        NasError: no pairs, or a number that is not finite.
    """
    found = numbers(values)
    parts = best_shares(numbers(errors, "errors"), share)
    alike(found, parts, "values and errors")
    known, place = np.unique(found, return_inverse=True)
    rising = np.cumsum(np.bincount(place, weights=parts))
    low, best, high = (
        known[min(int(np.searchsorted(rising, at - 1e-12)), len(known) - 1)]
        for at in ((1 - level) / 2, 0.5, (1 + level) / 2)
    )
    return GoodRange(float(low), float(high), float(best), len(found))


def good_choices(values: Sequence[Hashable], errors: Numbers, *, share: float = SHARE) -> GoodChoices:
    """How often each value of a parameter without an order is the best of a draw."""
    parts = best_shares(numbers(errors, "errors"), share)
    alike(values, parts, "values and errors")
    wins: dict[Hashable, float] = {}
    drawn: dict[Hashable, int] = {}
    for value, part in zip(values, parts.tolist(), strict=True):
        wins[value] = wins.get(value, 0.0) + part
        drawn[value] = drawn.get(value, 0) + 1
    rows = [ChoiceShare(value, won, drawn[value] / len(values)) for value, won in wins.items()]
    return GoodChoices(sorted(rows, key=lambda row: (-row.share, str(row.value))), len(values))


def best_shares(errors: Floats, share: float = SHARE) -> Floats:
    """(n,): how probable it is that each is the best of a draw of that share, with replacement."""
    n = len(errors)
    size = max(1, round(share * n))
    _, place, counts = np.unique(errors, return_inverse=True, return_counts=True)
    left = 1 - np.concatenate(([0], np.cumsum(counts))) / n
    wins = -np.diff(left**size)
    found: Floats = (wins / counts)[place]
    return found
