"""Points made of earlier ones, and batches without repetition: what evolving samplers share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from nas.records import TrialState
from nas.search.history import Past
from nas.space.moves import cross, mutate, rewalked
from nas.space.schema import frozen_value
from nas.space.space import Space

TRIES = 20
"""Tries for a point that is not taken; a small space may have no other left."""

Rng = np.random.Generator


class Taken:
    """The points that a batch must not repeat: those running and pending, and those it has already."""

    def __init__(self, space: Space, history: Iterable[Past], also: Iterable[Past] = ()) -> None:
        self._space = space
        running = (past for past in history if past.state is TrialState.RUNNING)
        self._seen = {_key(past.labels) for past in (*running, *also)}

    def first(self, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The first point of `make` that is not taken, the last of `TRIES` if all are; it is taken now."""
        point = make()
        for _ in range(TRIES - 1):
            if self.take(point):
                break
            point = make()
        return point

    def near(self, point: dict[str, Any], rng: Rng) -> dict[str, Any]:
        """`point`, or one some random moves away from it where it is taken."""
        for _ in range(TRIES):
            if self.take(point):
                break
            point = mutate(self._space, point, rng)
        return point

    def take(self, point: Mapping[str, Any]) -> bool:
        """Whether the point was free; it is taken now."""
        key = _key(self._space.labels(point))
        free = key not in self._seen
        self._seen.add(key)
        return free


def point_of(space: Space, past: Past, rng: Rng) -> dict[str, Any]:
    """The point of a trial; drawn anew is only what a wider space of old would have allowed."""
    return rewalked(space, {label: frozen_value(value) for label, value in past.labels.items()}, rng)


def crossed(space: Space, one: Past, other: Past, rng: Rng) -> dict[str, Any]:
    """A child that takes each label from one of its parents."""
    return cross(space, point_of(space, one, rng), point_of(space, other, rng), rng)


def redrawn(space: Space, point: Mapping[str, Any], rng: Rng) -> dict[str, Any]:
    """The point with each of its n labels drawn anew with a chance of 1/n."""
    labels = space.labels(point)
    kept = {label: value for label, value in labels.items() if rng.random() * len(labels) >= 1}
    return rewalked(space, kept, rng)


def _key(labels: Mapping[str, Any]) -> str:
    return repr(sorted((label, frozen_value(value)) for label, value in labels.items()))
