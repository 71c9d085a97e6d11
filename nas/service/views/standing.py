"""What competes to be a study's answer, and what is best: computed from columns.

Trials compete when they are complete; networks with repeats by the means of theirs. Those beyond a limit are
no answer; where none keeps all limits, the nearest is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nas.records import TrialState
from nas.search.fronts import carried
from nas.service.views.columns import NETWORKS, Array, Columns, Floats, Marks, columns
from nas.store import Store
from nas.store.rows import StudyRow

FRONT = "front"


@dataclass(frozen=True)
class Contenders:
    """One entry a complete trial, or a network with repeats; by number."""

    study: StudyRow
    places: Array
    """Of all complete trials, in order; a place is a number less 1."""
    group: Array
    """The entry that each of them belongs to."""
    first: Array
    """Place of its (first) trial."""
    last: Array
    """Place of its last complete repeat."""
    values: Mapping[str, Floats]
    """Objectives and the metrics that were asked for."""
    excess: Floats
    """All that it lies beyond limits, as shares of the bounds, added up; infinite where that is not known."""
    carried: dict[Any, Any]
    """See `Columns`."""

    @property
    def feasible(self) -> Marks:
        """Which keep all limits."""
        return self.excess <= 0

    @property
    def losses(self) -> Floats:
        """(entries, objectives): less is better; NaN where a value is none."""
        aims = self.study.spec.objectives
        return np.stack([self.values[o.metric] * (1 if o.minimize else -1) for o in aims], axis=1)

    @cached_property
    def leading(self) -> Array:
        """Entries of the front of all objectives: those that keep the limits and that no other one beats; of
        equal ones the first.

        What changed since another snapshot is compared with the front of that one.
        """
        length = int(self.first[-1]) + 1 if len(self.first) else 0
        by_place = np.full((length, len(self.study.spec.objectives)), np.nan)
        by_place[self.first[self.feasible]] = self.losses[self.feasible]
        found = self.carried[FRONT] = carried(by_place, self.carried.get(FRONT))
        return np.searchsorted(self.first, found.ahead)


def contenders(store: Store, row: StudyRow, metrics: Iterable[str] = ()) -> Contenders:
    """What competes in a study by now. Raises as `columns` does."""
    names = tuple(dict.fromkeys([*(o.metric for o in row.spec.objectives), *metrics]))
    found = columns(store, row, metrics=names, groups=[NETWORKS] if row.spec.repeat > 1 else [])
    if names not in found.memo:
        found.memo[names] = _entered(found, names)
    rivals: Contenders = found.memo[names]
    return rivals


def _entered(found: Columns, names: Sequence[str]) -> Contenders:
    spec = found.study.spec
    places = np.flatnonzero(found.state_is(TrialState.COMPLETE))
    group, first = np.arange(len(places)), places
    last = places
    if spec.repeat > 1:
        group, first, last = _networks(places, found.table["point"][places])
    sizes = np.bincount(group, minlength=len(first))

    def mean(metric: str) -> Floats:
        told = found.values(metric)[places]
        if spec.repeat == 1:
            return told
        return np.bincount(group, weights=told, minlength=len(first)) / sizes

    excess = np.zeros(len(first))
    for limit in spec.limits:
        beyond = np.vectorize(limit.excess, otypes=[float])(mean(limit.metric))
        excess += np.where(np.isnan(beyond), np.inf, np.maximum(beyond, 0.0))
    values = {name: mean(name) for name in names}
    return Contenders(found.study, places, group, first, last, values, excess, found.carried)


def _networks(places: Array, points: Array) -> tuple[Array, Array, Array]:
    """Entry of each trial, and first and last trial of each entry; entries by their first."""
    _, starts, found = np.unique(points, return_index=True, return_inverse=True)
    order = np.argsort(starts)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    group = rank[found]
    last = np.zeros(len(order), dtype=np.int64)
    np.maximum.at(last, group, places)
    return group, places[starts[order]], last


def ranked(rivals: Contenders, count: int) -> Array:
    """The best entries by the first objective, ties by number; if none keeps the limits, those nearest."""
    loss = rivals.losses[:, 0]
    good = np.flatnonzero(rivals.feasible & ~np.isnan(loss))
    if len(good):
        return good[np.argsort(loss[good], kind="stable")][:count]
    if not rivals.study.spec.limits:
        return good
    keys = (loss, rivals.excess) if rivals.study.spec.repeat > 1 else (rivals.excess,)
    return np.lexsort(keys)[:count]


def numbers_of(rivals: Contenders, entry: int) -> list[int]:
    """The complete trials of an entry."""
    return (rivals.places[rivals.group == entry] + 1).tolist()  # type: ignore[no-any-return]
