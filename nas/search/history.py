"""What samplers and stoppers get to see of a study's trials."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nas.records import TrialState

BEST, LATEST = 100, 100
"""How many of the best and of the latest trials a bounded history keeps (TPE's asks grow with it)."""

TOLD = (TrialState.COMPLETE, TrialState.PRUNED)
"""States whose values a sampler learns from."""


@dataclass(frozen=True)
class Past:
    """One trial as its sampler sees it: where it was, and what came of it."""

    number: int
    state: TrialState
    labels: Mapping[str, Any]
    """Active parameters only, vectors element by element, as `space.labels` gives them."""
    values: tuple[float, ...] = ()
    epochs: int = 1
    """Epochs behind `values`: what makes pruned trials comparable."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """The sampler's own, given back unread."""


def bounded(
    history: Iterable[Past], *, minimize: bool = True, best: int = BEST, latest: int = LATEST
) -> list[Past]:
    """The best and the latest told trials and all running ones, by number.

    Up to `best + latest` told trials all are kept. The choice depends on the rows alone, never on
    when they were read; ties in value go to the earlier trial.
    """
    rows = sorted(history, key=lambda past: past.number)
    told = [past for past in rows if past.state in TOLD and past.values]
    running = [past for past in rows if past.state is TrialState.RUNNING]
    if len(told) > best + latest:
        older, newer = told[:-latest], told[-latest:]
        sign = 1 if minimize else -1
        kept = heapq.nsmallest(best, older, key=lambda past: (sign * past.values[0], past.number))
        told = sorted(kept, key=lambda past: past.number) + newer
    return sorted([*told, *running], key=lambda past: past.number)
