"""Points near a point: neighbours, mutations and crossings, for evolution and for what-ifs.

A move keeps every value that is still active and allowed; what a move brings to life is drawn.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nas.space.counting import value_at, values_of
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.space import Space

Point = Mapping[str, Any]


def neighbours(space: Space, point: Point, rng: np.random.Generator) -> list[dict[str, Any]]:
    """All points one step away: another choice, or the next number up or down, at one label.

    A continuous number moves a tenth of its range each way. Infeasible points are among them.
    """
    labels = space.labels(point)
    domains = _domains(space, point)
    return [
        rewalked(space, {**labels, label: value}, rng)
        for label, old in labels.items()
        for value in _steps(domains[label], old)
    ]


def neighbour(space: Space, point: Point, rng: np.random.Generator) -> dict[str, Any]:
    """One of the points one step away: a random step at a random label among those that can move."""
    labels = space.labels(point)
    steps = {label: _steps(domain, labels[label]) for label, domain in _domains(space, point).items()}
    movable = [label for label, values in steps.items() if values]
    if not movable:
        return dict(point)
    label = movable[int(rng.integers(len(movable)))]
    value = steps[label][int(rng.integers(len(steps[label])))]
    return rewalked(space, {**labels, label: value}, rng)


def mutate(space: Space, point: Point, rng: np.random.Generator) -> dict[str, Any]:
    """The point with one label, chosen at random among those that can move, drawn anew."""
    labels = space.labels(point)
    domains = {label: domain for label, domain in _domains(space, point).items() if domain.count != 1}
    if not domains:
        return dict(point)
    label = list(domains)[int(rng.integers(len(domains)))]
    value = labels[label]
    for _ in range(100):
        if value != labels[label]:
            break
        value = domains[label].sample(rng)
    return rewalked(space, {**labels, label: value}, rng)


def cross(space: Space, one: Point, other: Point, rng: np.random.Generator) -> dict[str, Any]:
    """A point with each label from one of two parents, even chances."""
    first, second = space.labels(one), space.labels(other)
    mixed = {
        label: (first if label not in second or (label in first and rng.random() < 0.5) else second)[label]
        for label in {**first, **second}
    }
    return rewalked(space, mixed, rng)


def rewalked(space: Space, labels: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """The point with the given labels where they are active and allowed, the others drawn."""

    def choose(label: str, domain: Domain) -> Any:
        if label in labels and domain.contains(labels[label]):
            return labels[label]
        return domain.sample(rng)

    return space.walk(choose)


def _domains(space: Space, point: Point) -> dict[str, Domain]:
    found: dict[str, Domain] = {}
    labels = space.labels(point)

    def note(label: str, domain: Domain) -> Any:
        found[label] = domain
        return labels[label]

    space.walk(note)
    return found


def _steps(domain: Domain, value: Any) -> list[Any]:
    if isinstance(domain, Choice):
        return [other for other in values_of(domain) if other != value]
    if isinstance(domain, Float) and domain.step is None:
        tenth = (domain.high - domain.low) / 10
        near = [max(domain.low, value - tenth), min(domain.high, value + tenth)]
        return [other for other in near if other != value]
    step = domain.step if isinstance(domain, Int) else domain.step or 1.0
    index = round((value - domain.low) / step)
    return [value_at(domain, i) for i in (index - 1, index + 1) if 0 <= i < (domain.count or 0)]
