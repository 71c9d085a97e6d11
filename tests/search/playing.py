"""Samplers played against functions of the labels, as a study with one slot or with batches would."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nas.records import Objective, TrialState
from nas.search.abilities import check_sampler
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask, abilities
from nas.space.space import Space

Values = Callable[[Mapping[str, Any]], tuple[float, ...]]

ERROR = (Objective("error"),)
TWO = (Objective("error"), Objective("score", minimize=False))


def small_is_bad(labels: Mapping[str, Any]) -> tuple[float, ...]:
    """One value that prefers large numbers."""
    return (-float(sum(v for v in labels.values() if isinstance(v, int | float))) / 100,)


def opposed(labels: Mapping[str, Any]) -> tuple[float, ...]:
    """Two values, the second wanted large, of which the first rises with it."""
    total = float(sum(v for v in labels.values() if isinstance(v, int | float)))
    return (total / 100, total / 50 + len(labels))


def able(name: str, space: Space, objectives: Sequence[Objective] = ERROR) -> bool:
    """Whether the sampler may be asked for that."""
    try:
        check_sampler(name, space, objectives)
    except ValueError:
        return False
    return True


def slow(name: str) -> bool:
    """Whether an ask takes long: tests ask such a sampler for less."""
    return abilities(name).trials is not None


def early(name: str) -> bool:
    """Whether a dozen trials show what a sampler does: it learns from the first ten on."""
    return slow(name) or name == "auto"


def stored(past: Past) -> Past:
    """A trial as it comes back from a store: through JSON."""
    labels, attributes = (json.loads(json.dumps(m)) for m in (past.labels, past.attributes))
    return replace(past, labels=labels, attributes=attributes)


def play(
    name: str,
    space: Space,
    values: Values,
    count: int,
    *,
    seed: int = 0,
    objectives: tuple[Objective, ...] = ERROR,
    batch: int = 1,
    fresh: bool = False,
) -> list[Past]:
    """A study of `count` finished trials; `fresh`: resumed from its stored rows before every ask."""
    sampler, rows, attributes = SAMPLERS[name](), list[Past](), dict[str, Any]()
    while len(rows) < count:
        if fresh:
            sampler, rows = SAMPLERS[name](), [stored(past) for past in rows]
            attributes = json.loads(json.dumps(attributes))
        ask = Ask(
            space=space,
            history=rows,
            seed=seed,
            draw=len(rows),
            count=batch,
            objectives=objectives,
            attributes=attributes,
        )
        proposals = sampler.propose(ask)
        attributes = dict(attributes if proposals.attributes is None else proposals.attributes)
        for item in proposals.items:
            labels = space.labels(item.point)
            told = values(labels)
            rows.append(Past(len(rows) + 1, TrialState.COMPLETE, labels, told, 1, item.attributes))
    return rows


def past(space: Space, count: int, seed: int = 0, running: int = 2, pruned: int = 3) -> list[Past]:
    """A history of random trials whose value prefers large numbers."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, count + 1):
        labels = space.labels(space.draw(rng))
        state, values = TrialState.COMPLETE, small_is_bad(labels)
        if number > count - running:
            state, values = TrialState.RUNNING, ()
        elif number % 10 < pruned:
            state = TrialState.PRUNED
        rows.append(Past(number, state, labels, values, epochs=number % 4 + 1))
    return rows
