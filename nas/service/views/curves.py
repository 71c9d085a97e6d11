"""Learning curves of a study's trials: the best ones and those that run, or those that are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nas.errors import NasError
from nas.records import TrialState
from nas.service.values import bounded
from nas.service.views.columns import Columns, columns, evenly, finite
from nas.service.views.standing import contenders, numbers_of, ranked
from nas.store import Store
from nas.store.rows import StudyRow

MOST = 200
"""Curves in one chart."""
EPOCHS = 1_000
"""Points of a curve; of a longer one so many, evenly, the last among them."""


@dataclass(frozen=True)
class Curve:
    """A trial's; each epoch from the latest attempt that has it."""

    number: int
    state: str
    epochs: list[int]
    values: list[float | None]


@dataclass(frozen=True)
class Curves:
    """Curves of one metric, the best trial first, running ones last."""

    metric: str
    curves: list[Curve]
    metrics: list[str]
    """What curves may be drawn of."""


def curves(
    store: Store,
    name: str,
    *,
    metric: str | None = None,
    numbers: Sequence[int] | None = None,
    top: int = 20,
) -> Curves:
    """The curves of `numbers`, or of the `top` best trials by the first objective and of as many that run.

    `metric`: by default the first objective. Trials without an epoch have no curve.

    Raises:
        NasError: more than `MOST` curves.
    """
    row = store.study(name)
    bounded(top, "top", low=0, high=MOST)
    if numbers is not None and len(numbers) > MOST:
        raise NasError(f"{len(numbers)} curves: at most {MOST} are drawn; choose some of the trials")
    found = columns(store, row)
    chosen = _chosen(store, row, found, top) if numbers is None else _there(found, numbers)
    first = row.spec.objectives[0].metric
    wanted = metric or first
    epochs = store.epoch_values(row.id, chosen, None if wanted == first else wanted)
    states = found.state_names(np.array(chosen, dtype=np.int64) - 1)
    drawn = [
        _curve(number, state, epochs[number])
        for number, state in zip(chosen, states, strict=True)
        if number in epochs
    ]
    return Curves(wanted, drawn, [first, *(each for each in store.metric_names(row.id) if each != first)])


def _chosen(store: Store, row: StudyRow, found: Columns, top: int) -> list[int]:
    rivals = contenders(store, row)
    best = [numbers_of(rivals, entry)[0] for entry in ranked(rivals, top)]
    running = np.flatnonzero(found.state_is(TrialState.RUNNING)) + 1
    return [*best, *running[-top:].tolist()] if top else []


def _there(found: Columns, numbers: Sequence[int]) -> list[int]:
    """The numbers that the study has, each once."""
    return [number for number in dict.fromkeys(numbers) if 0 < number <= len(found)]


def _curve(number: int, state: str, told: dict[int, float | None]) -> Curve:
    places = evenly(len(told), EPOCHS).tolist()
    epochs, values = list(told), finite(np.array(list(told.values()), dtype=float))
    return Curve(number, state, [epochs[i] for i in places], [values[i] for i in places])
