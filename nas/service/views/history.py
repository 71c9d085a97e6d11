"""A study's results one after the other, and the best so far."""

from dataclasses import dataclass

import numpy as np

from nas.records import TrialState
from nas.service.values import bounded
from nas.service.views.columns import Array, Floats, columns, direction, evenly
from nas.service.views.standing import Contenders, contenders
from nas.store import Store

STEPS = 10_000
"""The most steps of the best so far that are drawn; of more, which hardly any search has, so many evenly."""


@dataclass(frozen=True)
class History:
    """Points of a chart, and a line."""

    metric: str
    minimize: bool
    total: int
    """Trials that have told the metric as a finite number."""
    shown: int
    numbers: list[int]
    values: list[float | None]
    states: list[str]
    best_numbers: list[int]
    best_values: list[float]
    """The best value up to each of `best_numbers`, over all complete trials that keep the limits. Where
    networks have repeats it is the best mean, at the last repeat that is complete."""
    limits: list[str]


def history(store: Store, name: str, *, metric: str | None = None, points: int = 2000) -> History:
    """The values of a metric, by default the first objective, by trial: at most `points` of them, evenly, and
    every one that was better than all before."""
    bounded(points, "points", high=100_000)
    row = store.study(name)
    aim = direction(row, metric)
    rivals = contenders(store, row, [aim.metric])
    found = columns(store, row, metrics=[aim.metric])
    values = found.values(aim.metric)
    told = np.flatnonzero(np.isfinite(values) & found.state_is(TrialState.COMPLETE, TrialState.PRUNED))
    places, best = best_so_far(*_in_order(rivals, aim.metric), minimize=aim.minimize)
    shown = thinned(told, places, points)
    steps = evenly(len(places), STEPS)
    return History(
        metric=aim.metric,
        minimize=aim.minimize,
        total=len(told),
        shown=len(shown),
        numbers=(shown + 1).tolist(),
        values=values[shown].tolist(),
        states=found.state_names(shown),
        best_numbers=(places[steps] + 1).tolist(),
        best_values=best[steps].tolist(),
        limits=[str(limit) for limit in row.spec.limits],
    )


def _in_order(rivals: Contenders, metric: str) -> tuple[Array, Floats]:
    """What can be best, by the trial with which it was known."""
    values = rivals.values[metric]
    good = np.flatnonzero(rivals.feasible & np.isfinite(values))
    good = good[np.argsort(rivals.last[good], kind="stable")]
    return rivals.last[good], values[good]


def best_so_far(places: Array, values: Floats, *, minimize: bool) -> tuple[Array, Floats]:
    """The entries that are better than all before them; `values` are finite, in order."""
    losses = values if minimize else -values
    before = np.concatenate(([np.inf], np.minimum.accumulate(losses)[:-1])) if len(losses) else losses
    better = losses < before
    return places[better], values[better]


def thinned(places: Array, kept: Array, most: int) -> Array:
    """Up to `most` of the places, in order: those of `kept` first, then the others evenly."""
    if len(places) <= most:
        return places
    kept = kept[np.isin(kept, places)]
    kept = kept[evenly(len(kept), most)]
    others = np.setdiff1d(places, kept, assume_unique=True)
    return np.sort(np.concatenate((kept, others[evenly(len(others), most - len(kept))])))
