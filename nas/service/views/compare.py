"""Studies beside each other: how their results are distributed, and whether they differ.

Distributions of random networks tell design spaces apart where their best members do not: Radosavovic et al.
2019, On Network Design Spaces for Visual Recognition, arXiv:1905.13214.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from nas.errors import NasError, UnknownNameError
from nas.records import Objective
from nas.search.analysis import edf, ks
from nas.service.comparable import differences, refuse_incomparable
from nas.service.results import Results, caution, results
from nas.service.spread import Expected, Quantile, expected, quantiles
from nas.service.views.columns import Floats
from nas.service.views.front import Front, axes, front, references
from nas.service.views.ks_tests import KsTest, named
from nas.service.views.matched import MatchedAt, matched_at
from nas.store import Store
from nas.store.rows import StudyRow

MOST = 8
"""Studies in one comparison."""
STEPS = 500
"""The most steps of a distribution that are drawn."""
POINTS = 500
"""Of each front."""
KEPT = 16
"""Comparisons of a store that are kept until one of their studies changes."""


@dataclass(frozen=True)
class Compared:
    """A study's results: of complete trials, of networks with repeats the means."""

    name: str
    space: str
    data: str
    n: int
    """How many have a finite value."""
    best: float | None
    """Of those that keep the study's limits."""
    median: float | None
    edf_x: list[float]
    """Values, rising; and in `edf_y` the share of results that are not above each."""
    edf_y: list[float]
    quantiles: list[Quantile]
    expected: list[Expected]
    params: float | None
    """Median."""
    macs: float | None
    """Median."""


@dataclass(frozen=True)
class Comparison:
    """What a comparison shows."""

    metric: str
    minimize: bool
    where: list[str]
    """Conditions that all networks meet."""
    studies: list[Compared]
    tests: list[KsTest]
    """A test a pair of studies that both have results."""
    matched: MatchedAt | None
    """The same at equal costs, if that was asked for."""
    fronts: list[Front]
    """A front a study, of the metric against macs."""
    mismatches: list[str]
    """Where the studies differ in what they were asked, besides where they search and with which seed: their
    results can be compared, but what tells them apart may be this."""
    caution: str
    """Why networks are no independent draws, as the tests take them; empty if they are."""


def compare(
    store: Store,
    names: Sequence[str],
    *,
    metric: str | None = None,
    matched: str | None = None,
    where: Sequence[str] = (),
    dashes: str = "--",
) -> Comparison:
    """Two to `MOST` studies by one metric, by default the first objective of the first of them.

    `matched` is a cost at which they are compared too; `where` are conditions on networks of all of them;
    `dashes` stand before the names of options in messages.

    Raises:
        StudyNotFoundError: no study has one of the names.
        NasError: too few or too many studies, or one twice; studies on other data, or of other metrics.
        UnknownNameError: a study has no such metric or cost.
    """
    names = list(names)
    if len(set(names)) < len(names) or not 2 <= len(names) <= MOST:
        raise NasError(
            f"{len(names)} studies to compare ({', '.join(names) or 'none'}): name 2 to {MOST}, each once, "
            "such as nas compare a b"
        )
    rows = [store.study(name) for name in names]
    key = (metric, matched, tuple(where), *((row.id, row.revision) for row in rows))
    with _lock:
        kept = _stores.setdefault(store, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    found = _comparison(store, rows, _Asked(metric, matched, tuple(where), dashes))
    with _lock:
        kept[key] = found
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return found


_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[tuple[object, ...], Comparison]] = WeakKeyDictionary()


@dataclass(frozen=True)
class _Asked:
    metric: str | None
    matched: str | None
    where: tuple[str, ...]
    dashes: str


def _comparison(store: Store, rows: Sequence[StudyRow], asked: _Asked) -> Comparison:
    aim, matched = refuse_incomparable(store, rows, asked.metric), asked.matched
    if matched == aim.metric:
        said = "it is what is compared; match at a cost, such as macs or params"
        raise NasError(f"{asked.dashes}matched {matched}: {said}")
    found = [_results(store, row, aim, asked) for row in rows]
    across = "macs" if aim.metric != "macs" else "params"
    return Comparison(
        metric=aim.metric,
        minimize=aim.minimize,
        where=list(asked.where),
        studies=[_compared(each) for each in found],
        tests=[
            named(a.study.name, b.study.name, ks(a.values, b.values), minimize=aim.minimize)
            for a, b in itertools.combinations(found, 2)
            if len(a.values) and len(b.values)
        ],
        matched=None if matched is None else matched_at(found, matched, STEPS),
        fronts=[_front(store, each, across) for each in found],
        mismatches=[said for a, b in itertools.pairwise(rows) for said in differences(a, b)],
        caution=caution(rows),
    )


def _results(store: Store, row: StudyRow, aim: Objective, asked: _Asked) -> Results:
    """What came of a study; nothing before its first trial, when it need not know the metric yet."""
    costs = [] if asked.matched is None else [asked.matched]
    try:
        return results(store, row, aim.metric, costs=costs, where=asked.where, option=f"{asked.dashes}where")
    except UnknownNameError as error:
        if sum(row.counts.values()) == 0:
            nothing = np.empty(0)
            known = dict.fromkeys(["params", "macs", *costs], nothing)
            return Results(row, aim, [], nothing, nothing.astype(bool), known)
        raise NasError(f"study {row.name!r}: {error}") from None


def _front(store: Store, found: Results, across: str) -> Front:
    """A study's front; an empty one without a result."""
    row, metric = found.study, found.aim.metric
    if len(found.values):
        return front(store, row.name, across, metric, points=POINTS)
    x, y = axes(row, across, metric)
    known, limits = references(row, across, metric), [str(limit) for limit in row.spec.limits]
    return Front(x, y, [], [], [], 0, [], [], [], [], known, limits)


def _compared(found: Results) -> Compared:
    n = len(found.values)
    whole = edf(found.values) if n else None
    drawn = whole.thinned(STEPS) if whole else None
    return Compared(
        name=found.study.name,
        space=found.study.spec.space_name,
        data=found.study.spec.data,
        n=n,
        best=found.best,
        median=_median(found.values),
        edf_x=drawn.x if drawn else [],
        edf_y=drawn.y if drawn else [],
        quantiles=quantiles(found.values, minimize=found.aim.minimize),
        expected=expected(whole, minimize=found.aim.minimize) if whole else [],
        params=_median(found.costs["params"]),
        macs=_median(found.costs["macs"]),
    )


def _median(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None
