"""A study's trials as lines over their parameters, costs and results."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from nas.errors import NasError
from nas.records import Objective, Point
from nas.service.values import bounded
from nas.service.views.columns import Array, direction, evenly, finite
from nas.service.views.family import space_of
from nas.service.views.standing import Contenders, contenders
from nas.space.domains import Choice, Domain
from nas.space.typed import words
from nas.store import Store
from nas.store.rows import StudyRow

COSTS = ("params", "macs")
"""Costs that get an axis, besides parameters and the metric."""
WIDE = 1_000
"""From this ratio of ends an axis of numbers is logarithmic."""
AXES = 40
"""The most axes of parameters: of longer vectors the first elements."""


@dataclass(frozen=True)
class ParallelAxis:
    """An axis; `low` and `high` are of the lines' numbers where no domain says more."""

    name: str
    kind: str
    """`number` or `choice`."""
    low: float | None
    high: float | None
    log: bool
    choices: list[str]


@dataclass(frozen=True)
class Parallel:
    """Lines: a row has a value for each axis, None where the parameter is not active."""

    metric: str
    minimize: bool
    axes: list[ParallelAxis]
    """Parameters, then costs, then the metric."""
    numbers: list[int]
    rows: list[list[float | str | None]]
    total: int
    """Complete trials that have told the metric, or networks with repeats."""


def parallel(
    store: Store, name: str, *, metric: str | None = None, points: int = 400, favour: bool = True
) -> Parallel:
    """Up to `points` lines: half of them the best trials that keep the limits, the others evenly over all
    complete ones; the best one last, so that it is drawn on top. Without `favour` all of them evenly, so
    that they say what all would."""
    bounded(points, "points", high=5000)
    row = store.study(name)
    aim = direction(row, metric)
    rivals = contenders(store, row, dict.fromkeys([aim.metric, *COSTS]))
    chosen, total = _chosen(rivals, aim, points, favour=favour)
    numbers = (rivals.first[chosen] + 1).tolist()
    flat = flat_points(row, store.points(row.id, numbers))
    labels = labels_of(row, flat.values())[:AXES]
    axes = [_axis(label, domain_of(row, label), _there(flat, label)) for label in labels]
    measured = {each: rivals.values[each][chosen] for each in dict.fromkeys([*COSTS, aim.metric])}
    columns: list[Sequence[float | str | None]] = [
        [_value(flat[number].get(axis.name), axis) for number in numbers] for axis in axes
    ]
    columns += [finite(values) for values in measured.values()]
    axes += [_measured(each, values.tolist()) for each, values in measured.items()]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Parallel(aim.metric, aim.minimize, axes, numbers, rows, total)


def _chosen(rivals: Contenders, aim: Objective, points: int, *, favour: bool) -> tuple[Array, int]:
    """Entries to draw, the best last; and how many there are."""
    values = rivals.values[aim.metric] * (1 if aim.minimize else -1)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.lexsort((values[known], ~rivals.feasible[known]))]
    first = points - points // 2 if favour else 0
    best, rest = order[:first], order[first:]
    chosen = np.concatenate((best, rest[evenly(len(rest), points - first)]))
    return chosen[::-1], len(known)


def flat_points(row: StudyRow, points: Mapping[int, Point]) -> dict[int, dict[str, Any]]:
    """Number -> active values by label, as `Space.labels` gives them; of a space that is not read any more
    what the point itself says."""
    space = space_of(row)
    if space is not None:
        with suppress(NasError, LookupError, TypeError):
            return {number: space.labels(point) for number, point in points.items()}
    return {number: dict(_elements(point)) for number, point in points.items()}


def _elements(point: Point) -> Iterator[tuple[str, Any]]:
    for name, value in point.items():
        if isinstance(value, list | tuple):
            yield from ((f"{name}[{place}]", element) for place, element in enumerate(value))
        else:
            yield name, value


def _there(flat: Mapping[int, Mapping[str, Any]], label: str) -> list[Any]:
    return [point[label] for point in flat.values() if label in point]


def labels_of(row: StudyRow, flat: Iterable[Mapping[str, Any]]) -> list[str]:
    """The labels that occur, parameters in the order of the space, elements of vectors in theirs."""
    space = space_of(row)
    places = {name: place for place, name in enumerate(space.parameters)} if space else {}

    def key(label: str) -> tuple[int, str, int]:
        name, _, element = label.partition("[")
        return places.get(name, len(places)), name, int(element[:-1]) if element else -1

    return sorted({label for point in flat for label in point}, key=key)


def domain_of(row: StudyRow, label: str) -> Domain | None:
    """The domain of a label; None where the space is not read any more."""
    space = space_of(row)
    parameter = space.parameters.get(label.partition("[")[0]) if space else None
    return parameter.domain if parameter else None


def _axis(name: str, domain: Domain | None, values: Sequence[Any]) -> ParallelAxis:
    """An axis of a parameter."""
    if domain is not None and not isinstance(domain, Choice):
        return ParallelAxis(name, "number", float(domain.low), float(domain.high), domain.log, [])
    if domain is None and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return _measured(name, values)
    known = domain.values if isinstance(domain, Choice) else values
    return ParallelAxis(name, "choice", None, None, False, list(dict.fromkeys(map(words, known))))


def _measured(name: str, values: Sequence[float]) -> ParallelAxis:
    """An axis of a cost or a metric, as far as the lines go; logarithmic where that is far."""
    good = [value for value in values if math.isfinite(value)]
    low, high = (min(good), max(good)) if good else (None, None)
    log = low is not None and high is not None and low > 0 and high / low >= WIDE
    return ParallelAxis(name, "number", low, high, log, [])


def _value(value: Any, axis: ParallelAxis) -> float | str | None:
    if value is None:
        return None
    return words(value) if axis.kind == "choice" else float(value)
