"""Where a study with several objectives stands: its front, and the hypervolume as trials ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nas.records import Objective
from nas.search.fronts import distinct_front
from nas.search.hypervolume import Volume, hypervolume


class Told(NamedTuple):
    """What came of a complete trial."""

    number: int
    values: tuple[float, ...]
    feasible: bool = True
    """Whether it keeps all limits."""


class Step(NamedTuple):
    """The front's size and hypervolume when a trial had ended."""

    number: int
    size: int
    hypervolume: float


@dataclass(frozen=True)
class Frontier:
    """The Pareto front of trials that keep all limits, against a reference point.

    The reference point is the worst value of each objective among all complete trials, unless another
    one is given; so what is worst in one objective is on the front, but adds no volume. The hypervolume
    is in the product of the objectives' units, and only comparable against the same reference point.
    """

    numbers: tuple[int, ...] = ()
    """Trials of the front, by the first objective, best first; of equal values the first to end."""
    reference: tuple[float, ...] = ()
    hypervolume: float = 0.0
    history: list[Step] = field(default_factory=list)
    """A step a trial that keeps all limits, in the order given."""


def frontier(
    told: Sequence[Told],
    objectives: Sequence[Objective],
    reference: Sequence[float] | None = None,
    *,
    history: bool = False,
) -> Frontier:
    """The front of trials in the order in which they ended; `history`: with its steps."""
    signs = np.array([1.0 if objective.minimize else -1.0 for objective in objectives])
    if not told:
        return Frontier(reference=tuple(reference or ()))
    everything = signs * np.array([row.values for row in told])
    corner = everything.max(axis=0) if reference is None else signs * np.asarray(reference)
    good = np.array([row.feasible for row in told])
    losses, kept = everything[good], [row for row in told if row.feasible]
    where = distinct_front(losses)
    volume, steps = Volume(corner.tolist()), list[Step]()
    for row, loss in zip(kept, losses.tolist(), strict=True) if history else ():
        volume.add(loss)
        steps.append(Step(row.number, len(volume), volume.value))
    return Frontier(
        numbers=tuple(kept[i].number for i in where.tolist()),
        reference=tuple((signs * corner).tolist()),
        hypervolume=hypervolume(losses[where], corner.tolist()),
        history=steps,
    )
