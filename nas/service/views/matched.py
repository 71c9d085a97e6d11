"""Studies compared at equal costs: their distributions, reweighted to one distribution of cost."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas.errors import NasError
from nas.search.analysis import cost_bins, edf
from nas.search.analysis.matched import Bins, between
from nas.service.results import Results
from nas.service.views.columns import Floats
from nas.service.views.ks_tests import KsTest, named


@dataclass(frozen=True)
class MatchedStudy:
    """A study's results at the costs that all of them have."""

    name: str
    n: int
    """Networks with such a cost."""
    effective: float
    """How many equally weighted ones say as much."""
    mean: float
    edf_x: list[float]
    edf_y: list[float]


@dataclass(frozen=True)
class MatchedAt:
    """A comparison at equal costs."""

    cost: str
    bins: int
    """Of cost, each of which counts alike."""
    low: float
    """Where the first begins, and where the last ends."""
    high: float
    studies: list[MatchedStudy]
    """In the order of the comparison; none if `why_not`."""
    tests: list[KsTest]
    why_not: str
    """Why nothing can be matched; empty if it can."""


def matched_at(found: Sequence[Results], cost: str, steps: int) -> MatchedAt:
    """All of these at the costs that they share; distributions of at most `steps` steps."""
    known = [np.isfinite(each.costs[cost]) for each in found]
    values = [each.values[marks] for each, marks in zip(found, known, strict=True)]
    costs = [each.costs[cost][marks] for each, marks in zip(found, known, strict=True)]
    if empty := [each.study.name for each, row in zip(found, costs, strict=True) if not len(row)]:
        return _nothing(cost, f"no result has a {cost} in {' and '.join(empty)}")
    try:
        bins = cost_bins(costs)
    except NasError as error:
        return _nothing(cost, str(error))
    names, minimize = [each.study.name for each in found], found[0].aim.minimize
    tests = [
        named(names[a], names[b], between(values, bins, (a, b)).ks, minimize=minimize)
        for a, b in itertools.combinations(range(len(found)), 2)
    ]
    studies = [_study(name, values[i], bins, i, steps) for i, name in enumerate(names)]
    return MatchedAt(cost, bins.count, bins.low, bins.high, studies, tests, "")


def _study(name: str, values: Floats, bins: Bins, which: int, steps: int) -> MatchedStudy:
    weights = bins.weights(which)
    whole = edf(values, weights)
    drawn = whole.thinned(steps)
    effective = float(1 / (weights @ weights))
    return MatchedStudy(name, int((weights > 0).sum()), effective, whole.mean(), drawn.x, drawn.y)


def _nothing(cost: str, why: str) -> MatchedAt:
    return MatchedAt(cost, 0, 0.0, 0.0, [], [], why)
