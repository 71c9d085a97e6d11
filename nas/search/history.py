"""What samplers and stoppers get to see of a study's trials."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nas.records import Objective, TrialState
from nas.search.fronts import leading

BEST, LATEST = 100, 100
"""How many of the best and of the latest trials a bounded history keeps (TPE's asks grow with it)."""

TOLD = (TrialState.COMPLETE, TrialState.PRUNED)
"""States whose values a sampler learns from."""


@dataclass(frozen=True, slots=True)
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
    cost: Mapping[str, int] = field(default_factory=dict)
    arch_id: str = ""
    excess: tuple[float, ...] = ()
    """How far it lies beyond each limit of the study on measured metrics, as a share of the bound; 0 or
    less: it keeps the limit."""

    @property
    def feasible(self) -> bool:
        """Whether it keeps all limits."""
        return self.violation <= 0

    @property
    def violation(self) -> float:
        """All that it lies beyond limits, added up."""
        return sum(amount for amount in self.excess if amount > 0)


def bounded(
    history: Iterable[Past],
    objectives: Sequence[Objective] = (Objective("error"),),
    *,
    best: int = BEST,
    latest: int = LATEST,
) -> list[Past]:
    """The best and the latest told trials and all running ones, by number.

    Up to `best + latest` told trials all are kept. The choice depends on the rows alone, never on
    when they were read; ties in value go to the earlier trial. With several objectives the best are
    those on the first Pareto fronts. What is beyond a limit is worse than all that keeps them.
    """
    rows = sorted(history, key=lambda past: past.number)
    told = [past for past in rows if past.state in TOLD and past.values]
    running = [past for past in rows if past.state is TrialState.RUNNING]
    if len(told) > best + latest:
        older, newer = told[:-latest], told[-latest:]
        told = [older[i] for i in sorted(_best(older, objectives, best))] + newer
    return sorted([*told, *running], key=lambda past: past.number)


def losses(past: Past, objectives: Sequence[Objective]) -> tuple[float, ...]:
    """The values of a told trial, each with the sign that makes less of it better."""
    signed = zip(past.values, objectives, strict=False)
    return tuple(value if objective.minimize else -value for value, objective in signed)


def rank(past: Past, objectives: Sequence[Objective]) -> tuple[float, tuple[float, ...]]:
    """What to sort trials by: those that keep all limits, then those that miss them by least."""
    return (past.violation, losses(past, objectives) if past.feasible else ())


def _best(told: Sequence[Past], objectives: Sequence[Objective], count: int) -> list[int]:
    """Where the best `count` stand; a trial without all values, pruned perhaps, is on no front."""
    if len(objectives) == 1:
        sign = 1 if objectives[0].minimize else -1
        if not any(past.excess for past in told):  # as most are: hardly more than a sort
            return heapq.nsmallest(
                count, range(len(told)), key=[sign * past.values[0] for past in told].__getitem__
            )
        return heapq.nsmallest(count, range(len(told)), key=lambda i: (*rank(told[i], objectives), i))
    whole = [i for i, past in enumerate(told) if len(past.values) == len(objectives)]
    good = [i for i in whole if told[i].feasible]
    found = [good[i] for i in leading([losses(told[i], objectives) for i in good], count)]
    others = sorted((i for i in whole if not told[i].feasible), key=lambda i: (told[i].violation, i))
    return [*found, *others[: count - len(found)]]
