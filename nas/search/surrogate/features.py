"""How far networks lie apart: in their parameters, in their costs, in what a proxy thinks of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from nas.space.domains import Choice, Domain
from nas.space.schema import frozen_value
from nas.space.space import Space

Array = NDArray[np.float64]

GROUPS = 12
"""Labels that get a length scale of their own; beyond it the elements of a vector share one."""

COST_WEIGHT = 0.3
"""How much of the linear part is for costs, against a proxy's score."""


@dataclass(frozen=True)
class Row:
    """A network as the model sees it."""

    labels: Mapping[str, Any]
    cost: Mapping[str, int] = field(default_factory=dict)
    score: float | None = None
    """A proxy's, more being better; None: never asked, or it had none to give."""


class Features:
    """Rows as coordinates. Distances are squared, by group of labels, then costs, then score.

    A parameter that is not active is as far as can be from one that is, 1; two that are not, are alike.
    Costs are logarithms, to zero mean and unit deviation over all rows; scores are normal quantiles of
    their ranks, since only the order of a proxy means anything.
    """

    def __init__(self, space: Space, rows: Sequence[Row]) -> None:
        self.groups = _groups(space, rows)
        self.costs = _costs(rows)
        self.scores = _scores(rows)
        self.linear = np.hstack(
            [self.costs * math.sqrt(COST_WEIGHT / max(self.costs.shape[1], 1)), self.scores]
        )

    @property
    def kinds(self) -> list[str]:
        """What each of the distances is of: label, cost or score."""
        costs = ["cost"] if self.costs.shape[1] else []
        return ["label"] * len(self.groups) + costs + ["score"] * self.scores.shape[1]

    def distances(self, rows: slice | Sequence[int], others: slice | Sequence[int]) -> Array:
        """(groups, rows, others): squared distances."""
        found = [np.mean([column(rows, others) for column in group], axis=0) for group in self.groups]
        if self.costs.shape[1]:
            found.append(_spread(self.costs[rows], self.costs[others]) / self.costs.shape[1])
        if self.scores.shape[1]:
            found.append(_spread(self.scores[rows], self.scores[others]))
        size = len(self.linear[rows]), len(self.linear[others])
        return np.stack(found) if found else np.zeros((0, *size))


Column = Callable[[slice | Sequence[int], slice | Sequence[int]], Array]


def _groups(space: Space, rows: Sequence[Row]) -> list[list[Column]]:
    """The labels that any row has, each for itself if they are few, else by their parameter."""
    names = list(dict.fromkeys(label for row in rows for label in row.labels))
    grouped: dict[str, list[Column]] = {}
    for name in names:
        parameter = name.partition("[")[0]
        values = [row.labels.get(name) for row in rows]
        active = np.array([name in row.labels for row in rows])
        column = _column(space.narrowing.domains[parameter], values, active)
        if column is not None:
            grouped.setdefault(name if len(names) <= GROUPS else parameter, []).append(column)
    return list(grouped.values())


def _column(domain: Domain, values: Sequence[Any], active: NDArray[np.bool_]) -> Column | None:
    """Distances in one label; None where all rows are the same in it."""
    codes, places = _coordinates(domain, values, active)
    if (codes == codes[0]).all():
        return None

    def distance(rows: slice | Sequence[int], others: slice | Sequence[int]) -> Array:
        unlike: Array = (codes[rows, None] != codes[None, others]).astype(float)
        if places is None:
            return unlike
        apart = 2 * np.abs(places[rows, None] - places[None, others]) ** 2
        both = active[rows, None] & active[None, others]
        near: Array = apart if not isinstance(domain, Choice) else (unlike + apart) / 2
        return np.where(both, near, unlike).astype(float)

    return distance


def _coordinates(
    domain: Domain, values: Sequence[Any], active: NDArray[np.bool_]
) -> tuple[Array, Array | None]:
    """A code by which values are told apart, and, of what has an order, the place from 0 to 1."""
    if isinstance(domain, Choice):
        index = {_told(value): i for i, value in enumerate(domain.values)}
        codes = np.array(
            [index.get(_told(frozen_value(v)), -2) if a else -1 for v, a in zip(values, active, strict=True)],
            float,
        )
        ordered = all(isinstance(v, int | float) and not isinstance(v, bool) for v in domain.values)
        return codes, codes / (len(index) - 1) if ordered and len(index) > 2 else None
    numbers = np.array([float(v) if a else domain.low for v, a in zip(values, active, strict=True)], float)
    ends = np.array([domain.low, domain.high], float)
    if domain.log:
        numbers, ends = np.log(numbers), np.log(ends)
    places = (numbers - ends[0]) / max(ends[1] - ends[0], 1e-12)
    return np.where(active, places, -1.0), places


def _told(value: Any) -> tuple[str, Any]:
    """True is not 1."""
    return type(value).__name__, value


def _costs(rows: Sequence[Row]) -> Array:
    names = list(dict.fromkeys(name for row in rows for name in row.cost))
    raw = np.array([[math.log(1 + row.cost.get(name, 0)) for name in names] for row in rows], float)
    raw = raw.reshape(len(rows), len(names))
    deviations = raw.std(axis=0)
    kept = deviations > 1e-9
    centred: Array = (raw[:, kept] - raw[:, kept].mean(axis=0)) / deviations[kept]
    return centred


def _scores(rows: Sequence[Row]) -> Array:
    """(rows, 1), or (rows, 0) where no row has a score; those without one stand in the middle."""
    known = np.array([row.score is not None for row in rows])
    if not known.any():
        return np.zeros((len(rows), 0))
    scores = np.zeros(len(rows))
    scores[known] = quantiles(np.array([row.score for row in rows if row.score is not None], float))
    return scores[:, None]


def quantiles(values: Array) -> Array:
    """Normal quantiles of the ranks, ties in the middle of theirs."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]  # as scipy.stats' `rankdata`, which loads slowly
    normal: Array = ndtri((ranks - 0.5) / len(values))
    return normal


def _spread(one: Array, other: Array) -> Array:
    squared: Array = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=-1)
    return squared
