"""Which parameters decide about a metric: computed beside the pages, which never wait for it."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError as TookTooLong
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from nas.errors import NasError
from nas.records import Objective
from nas.search.importance import METHOD, importance_of
from nas.service.helper import ask
from nas.service.views.columns import direction, evenly
from nas.service.views.parallel import flat_points
from nas.service.views.standing import contenders
from nas.store import Store
from nas.store.rows import StudyRow

MOST, LEAST = 2_000, 30
"""Trials that it is computed from, evenly over all; and fewer than these tell nothing."""
WEAK = 100
"""What fewer trials say is a hint: it has no interval."""
KEPT = 32
"""Results that are kept of a store."""
BUCKETS = 12
"""It is computed anew when there are 2^(1/12), 6 %, more trials."""
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class ParameterImportance:
    """A parameter, or an element of a vector."""

    parameter: str
    share: float
    """Of all that parameters decide; the shares add up to 1."""
    coverage: float
    """The share of the trials in which it was there."""


@dataclass(frozen=True)
class Importance:
    """What decides whether a trial is among the best tenth."""

    metric: str
    method: str
    used: int
    """Trials that it was computed from."""
    total: int
    """Complete trials with a finite value by now."""
    shares: list[ParameterImportance]
    """The largest first."""
    why_not: str
    """Why there are none; empty if there are."""
    pending: bool
    """Whether it is being computed: ask again in a second. What is known from fewer trials is given."""


def importance(store: Store, name: str, *, metric: str | None = None, wait_s: float = 0.0) -> Importance:
    """Of parameters, for a metric, by default the first objective; waits up to `wait_s` seconds.

    Raises:
        UnknownNameError: no trial has told such a metric.
    """
    row = store.study(name)
    aim = direction(row, metric)
    rivals = contenders(store, row, [aim.metric])
    values = rivals.values[aim.metric] * (1 if aim.minimize else -1)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < LEAST:
        few = f"{len(known)} complete trials have {aim.metric}: it takes {LEAST} to tell parameters apart"
        return Importance(aim.metric, METHOD, 0, len(known), [], few, pending=False)
    chosen = known[evenly(len(known), MOST)]
    bucket = round(BUCKETS * math.log2(len(known)))
    numbers, losses = (rivals.first[chosen] + 1).tolist(), values[chosen].tolist()
    kept = _kept(store, (row.id, aim.metric))
    kept.want(bucket, lambda: _computed(store, row, aim, numbers, losses))
    return replace(kept.answer(aim.metric, wait_s), total=len(known))


def _computed(
    store: Store, row: StudyRow, aim: Objective, numbers: list[int], losses: list[float]
) -> Importance:
    flat = list(flat_points(row, store.points(row.id, numbers)).values())
    shares = ask(importance_of, row.spec.space, flat, losses, timeout_s=TIMEOUT_S)
    there = {label: sum(label in point for point in flat) / len(flat) for label in shares}
    rows = [ParameterImportance(label, share, there[label]) for label, share in shares.items()]
    why_not = "" if rows else f"no parameter tells trials of good and of bad {aim.metric} apart"
    return Importance(aim.metric, METHOD, len(flat), len(flat), rows, why_not, pending=False)


# What is kept

_worker = ThreadPoolExecutor(1, "importance")
_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[tuple[int, str], "_Kept"]] = WeakKeyDictionary()


def _kept(store: Store, key: tuple[int, str]) -> "_Kept":
    with _lock:
        found = _stores.setdefault(store, OrderedDict())
        kept = found.setdefault(key, _Kept())
        found.move_to_end(key)
        while len(found) > KEPT:
            found.popitem(last=False)
        return kept


class _Kept:
    """The latest result, and the one that is being computed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bucket: int | None = None
        self._known: Importance | None = None
        self._coming: Future[Importance] | None = None

    def want(self, bucket: int, compute: Callable[[], Importance]) -> None:
        """Begin to compute it, unless that was done for this bucket; one at a time."""
        with self._lock:
            if self._coming is None and bucket != self._bucket:
                self._bucket, self._coming = bucket, _worker.submit(compute)

    def answer(self, metric: str, wait_s: float) -> Importance:
        """What is known after `wait_s` seconds at the latest."""
        nothing = Importance(metric, METHOD, 0, 0, [], "", pending=True)
        with self._lock:
            coming = self._coming
        if coming is None:
            return self._known or nothing
        try:
            found = coming.result(wait_s)
        except TookTooLong:
            return replace(self._known or nothing, pending=True)
        except (NasError, RuntimeError) as error:
            with self._lock:
                if self._coming is coming:
                    self._bucket = self._coming = None  # who asks next has it tried again
            return replace(self._known or nothing, why_not=f"not known: {error}", pending=False)
        with self._lock:
            if self._coming is coming:
                self._known, self._coming = found, None
        return found
