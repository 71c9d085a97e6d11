"""Studies beside each other: how their results are distributed, and whether they differ.

Distributions of random networks tell design spaces apart where their best members do not: Radosavovic et al.
2019, On Network Design Spaces for Visual Recognition, arXiv:1905.13214.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from nas.errors import NasError, UnknownNameError
from nas.service.specify import differing
from nas.service.views.columns import Floats, direction, evenly
from nas.service.views.front import Front, axes, front, references
from nas.service.views.standing import contenders
from nas.store import Store
from nas.store.rows import StudyRow

MOST = 8
"""Studies in one comparison."""
STEPS = 500
"""The most steps of a distribution that are drawn."""
POINTS = 500
"""Of each front."""
EXACT = 2_000
"""Up to so many results the test's probability is exact, beyond it by its limit."""
RESAMPLES, BINS = 1_000, 512
"""Of the bootstrap: how often it draws, and the groups of near values that it draws from."""
KEPT = 16
"""Comparisons of a store that are kept until one of their studies changes."""


@dataclass(frozen=True)
class Compared:
    """A study's results: of complete trials, of networks with repeats the means."""

    name: str
    n: int
    """How many have a finite value."""
    best: float | None
    """Of those that keep the study's limits."""
    median: float | None
    edf_x: list[float]
    """Values, rising; and in `edf_y` the share of results that are not above each."""
    edf_y: list[float]
    params: float | None
    """Median."""
    macs: float | None
    """Median."""


@dataclass(frozen=True)
class KsTest:
    """The two-sided Kolmogorov-Smirnov test of two studies."""

    a: str
    b: str
    statistic: float
    """The largest distance between the two distributions."""
    p_value: float
    """How probable so large a distance is if both are the same."""
    effect: float
    """How probable it is that a result of `a` is larger than one of `b`, ties counting half."""
    ci_low: float
    """Of the effect, 95 % by bootstrap."""
    ci_high: float
    larger: str
    """The study with the larger values; empty if the interval has 0.5 in it."""
    better: str
    """The study with the better values, likewise."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison shows."""

    metric: str
    minimize: bool
    studies: list[Compared]
    tests: list[KsTest]
    """A test a pair of studies that both have results."""
    fronts: list[Front]
    """A front a study, of the metric against macs."""
    mismatches: list[str]
    """Where the studies differ in what they were asked, so that their results may not be comparable."""


def compare(store: Store, names: Sequence[str], *, metric: str | None = None) -> Comparison:
    """Two to `MOST` studies by one metric, by default the first objective of the first of them.

    Raises:
        StudyNotFoundError: no study has one of the names.
        NasError: too few or too many studies, or one twice.
        UnknownNameError: a study has no such metric.
    """
    names = list(names)
    if len(set(names)) < len(names) or not 2 <= len(names) <= MOST:
        raise NasError(
            f"{len(names)} studies to compare ({', '.join(names) or 'none'}): name 2 to {MOST}, each once, "
            "such as /compare?study=a&study=b"
        )
    rows = [store.study(name) for name in names]
    key = (metric, *((row.id, row.revision) for row in rows))
    with _lock:
        kept = _stores.setdefault(store, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    found = _comparison(store, rows, metric)
    with _lock:
        kept[key] = found
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return found


_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[tuple[object, ...], Comparison]] = WeakKeyDictionary()


def _comparison(store: Store, rows: Sequence[StudyRow], metric: str | None) -> Comparison:
    aim = direction(rows[0], metric)
    found = [_results(store, row, aim.metric) for row in rows]
    across = "macs" if aim.metric != "macs" else "params"
    return Comparison(
        metric=aim.metric,
        minimize=aim.minimize,
        studies=[_compared(each, aim.minimize) for each in found],
        tests=[
            _test(a, b, aim.minimize)
            for a, b in itertools.combinations(found, 2)
            if len(a.values) and len(b.values)
        ],
        fronts=[_front(store, row, each, across) for row, each in zip(rows, found, strict=True)],
        mismatches=[said for a, b in itertools.pairwise(rows) for said in _mismatches(a, b, aim.metric)],
    )


@dataclass(frozen=True)
class _Results:
    name: str
    metric: str
    values: Floats
    """Finite ones, rising."""
    feasible: Floats
    params: Floats
    macs: Floats


def _results(store: Store, row: StudyRow, metric: str) -> _Results:
    try:
        rivals = contenders(store, row, dict.fromkeys([metric, "params", "macs"]))
    except UnknownNameError as error:
        if sum(row.counts.values()) == 0:
            return _Results(row.name, metric, *[np.empty(0)] * 4)
        raise NasError(f"study {row.name!r}: {error}") from None
    values = rivals.values[metric]
    known = np.isfinite(values)
    costs = (rivals.values[cost][known] for cost in ("params", "macs"))
    return _Results(row.name, metric, np.sort(values[known]), values[known & rivals.feasible], *costs)


def _front(store: Store, row: StudyRow, found: _Results, across: str) -> Front:
    """A study's front; an empty one before its first result, when it need not know the metric yet."""
    if len(found.values):
        return front(store, row.name, across, found.metric, points=POINTS)
    x, y = axes(row, across, found.metric)
    known, limits = references(row, across, found.metric), [str(limit) for limit in row.spec.limits]
    return Front(x, y, [], [], [], 0, [], [], [], [], known, limits)


def _compared(found: _Results, minimize: bool) -> Compared:
    n = len(found.values)
    steps = evenly(n, STEPS)
    best = None
    if len(found.feasible):
        best = float(found.feasible.min() if minimize else found.feasible.max())
    return Compared(
        name=found.name,
        n=n,
        best=best,
        median=_median(found.values),
        edf_x=found.values[steps].tolist(),
        edf_y=(np.searchsorted(found.values, found.values[steps], side="right") / max(n, 1)).tolist(),
        params=_median(found.params),
        macs=_median(found.macs),
    )


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _test(a: _Results, b: _Results, minimize: bool) -> KsTest:
    from scipy.stats import ks_2samp

    found = ks_2samp(a.values, b.values, method="auto" if len(a.values) + len(b.values) < EXACT else "asymp")
    effect, low, high = superiority(a.values, b.values)
    larger = a.name if low > 0.5 else b.name if high < 0.5 else ""
    smaller = {a.name: b.name, b.name: a.name, "": ""}[larger]
    better = smaller if minimize else larger
    statistic, p_value = float(found.statistic), float(found.pvalue)
    return KsTest(a.name, b.name, statistic, p_value, effect, low, high, larger, better)


def superiority(a: Floats, b: Floats) -> tuple[float, float, float]:
    """How probable it is that a value of `a` is larger than one of `b`, ties counting half, and where that
    lies in 95 % of resamples (a percentile bootstrap of both, seeded).

    Of many different values the resamples take near ones together: a group is 1 / `BINS` of them all, so that
    an end is off by no more than half of that.
    """
    everything = np.concatenate((a, b))
    edges = np.unique(everything)
    if len(edges) > BINS:
        edges = np.unique(np.quantile(everything, np.linspace(0, 1, BINS)))
    rng = np.random.default_rng(0)
    counts = [np.bincount(np.searchsorted(edges, values), minlength=len(edges)) for values in (a, b)]
    drawn = [rng.multinomial(each.sum(), each / each.sum(), size=RESAMPLES) / each.sum() for each in counts]
    resampled = ((np.cumsum(drawn[1], axis=1) - drawn[1] / 2) * drawn[0]).sum(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    return _exactly(np.sort(a), np.sort(b)), float(low), float(high)


def _exactly(a: Floats, b: Floats) -> float:
    """The effect itself, of sorted values."""
    below = np.searchsorted(b, a, side="left") + np.searchsorted(b, a, side="right")
    return float(below.mean() / 2 / len(b))


def _mismatches(a: StudyRow, b: StudyRow, metric: str) -> list[str]:
    """What two studies were asked differently, besides where they search and with which seed."""
    one, other = (replace(row.spec, space={}, seed=0, objectives=()) for row in (a, b))
    said = [f"{path}: {left} in {a.name}, {right} in {b.name}" for path, left, right in differing(one, other)]
    if a.spec.objectives != b.spec.objectives:
        said.insert(0, f"objectives: {_aims(a)} in {a.name}, {_aims(b)} in {b.name}")
    if direction(a, metric).minimize != direction(b, metric).minimize:
        said.insert(0, f"{metric}: minimized in one of {a.name} and {b.name}, maximized in the other")
    return said


def _aims(row: StudyRow) -> str:
    return ", ".join(f"{aim.metric} {'min' if aim.minimize else 'max'}imized" for aim in row.spec.objectives)
