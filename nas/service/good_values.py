"""Which values of its parameters the good networks of a study have."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nas.search.analysis import good_choices, good_range
from nas.service.results import Results
from nas.service.views.columns import Floats, evenly
from nas.service.views.parallel import domain_of, flat_points, labels_of
from nas.space.domains import Choice
from nas.space.typed import words
from nas.store import Store
from nas.store.rows import StudyRow

MOST, LEAST = 4_000, 4
"""Trials that good values are from, evenly over all; and fewer have no quarter."""


@dataclass(frozen=True)
class GoodValues:
    """The good range of a numeric parameter, or of an element of a vector."""

    parameter: str
    low: float
    high: float
    best: float
    """The most likely best value."""
    n: int
    """Networks that it is from."""
    coverage: float
    """The share of all networks in which the parameter is there."""
    domain_low: float | None
    """What the space allows; None where it is not read any more."""
    domain_high: float | None


@dataclass(frozen=True)
class ChoiceOdds:
    """One value of a parameter without an order."""

    value: str
    share: float
    """How often the best of a draw has it."""
    drawn: float
    """How many of the networks have it, as a share."""


@dataclass(frozen=True)
class GoodOdds:
    """The values of a parameter without an order, the most frequent among the best first."""

    parameter: str
    choices: list[ChoiceOdds]
    n: int
    coverage: float


def good_values(store: Store, found: Results) -> tuple[list[GoodValues], list[GoodOdds]]:
    """Of each parameter; only networks that keep the limits, if any does."""
    kept = np.flatnonzero(found.feasible) if found.feasible.any() else np.arange(len(found.values))
    kept = kept[evenly(len(kept), MOST)]
    numbers = [found.numbers[place] for place in kept]
    flat = flat_points(found.study, store.points(found.study.id, numbers))
    points = [flat[number] for number in numbers]
    losses = found.losses[kept]
    ranges: list[GoodValues] = []
    choices: list[GoodOdds] = []
    for label in labels_of(found.study, points):
        there = np.array([label in point for point in points])
        values = [point[label] for point in points if label in point]
        if len(values) < LEAST or len(set(map(words, values))) < 2:
            continue
        if _numeric(found.study, label, values):
            ranges.append(_range(found.study, label, values, losses[there], len(points)))
        else:
            choices.append(_choices(label, values, losses[there], len(points)))
    return ranges, choices


def _numeric(row: StudyRow, label: str, values: Sequence[Any]) -> bool:
    if (domain := domain_of(row, label)) is not None:
        return not isinstance(domain, Choice)
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _range(row: StudyRow, label: str, values: Sequence[Any], losses: Floats, total: int) -> GoodValues:
    good, domain = good_range([float(value) for value in values], losses), domain_of(row, label)
    low, high = (None, None)
    if domain is not None and not isinstance(domain, Choice):
        low, high = float(domain.low), float(domain.high)
    return GoodValues(label, good.low, good.high, good.best, good.n, len(values) / total, low, high)


def _choices(label: str, values: Sequence[Any], losses: Floats, total: int) -> GoodOdds:
    found = good_choices([words(value) for value in values], losses)
    odds = [ChoiceOdds(str(each.value), each.share, each.drawn) for each in found.choices]
    return GoodOdds(label, odds, found.n, len(values) / total)
