"""Two metrics or costs against each other: what no other trial beats in both, and published networks."""

from dataclasses import dataclass

import numpy as np

from nas.errors import NasError
from nas.search.fronts import distinct_front
from nas.service.values import bounded
from nas.service.views.columns import Array, direction
from nas.service.views.family import members
from nas.service.views.history import thinned
from nas.service.views.standing import Contenders, contenders
from nas.store import Store
from nas.store.rows import COSTS, StudyRow


@dataclass(frozen=True)
class Axis:
    """What is drawn along an axis; without a way that is better said so, less is better for costs."""

    metric: str
    minimize: bool


@dataclass(frozen=True)
class FrontReference:
    """A published network of the space."""

    name: str
    x: float
    y: float
    published: bool
    """Whether one of its numbers was published and not computed here."""


@dataclass(frozen=True)
class Front:
    """Points of a chart, and which of them no other one beats."""

    x: Axis
    y: Axis
    numbers: list[int]
    xs: list[float]
    ys: list[float]
    total: int
    """Complete trials, or networks with repeats, that have both numbers."""
    front: list[int]
    """Places in `numbers` of the front, by x: exact over all that keep the limits."""
    front_numbers: list[int]
    front_xs: list[float]
    front_ys: list[float]
    references: list[FrontReference]
    limits: list[str]


def front(
    store: Store, name: str, x: str | None = None, y: str | None = None, *, points: int = 2000
) -> Front:
    """Complete trials by two metrics or costs, by default the first two objectives, or the first and params.

    At most `points` of them are given, evenly, with the whole front; of a longer one so many, evenly.
    Networks with repeats count once, by the means of theirs.

    Raises:
        UnknownNameError: no trial has told such a metric.
        NasError: both axes are the same.
    """
    bounded(points, "points", high=100_000)
    row = store.study(name)
    across, up = axes(row, x, y)
    rivals = contenders(store, row, [across.metric, up.metric])
    xs, ys = rivals.values[across.metric], rivals.values[up.metric]
    known = np.flatnonzero(np.isfinite(xs) & np.isfinite(ys))
    best = _front(rivals, known, across, up)
    shown = thinned(known, np.sort(best), points)
    inside = best[np.isin(best, shown)]
    return Front(
        x=across,
        y=up,
        numbers=(rivals.first[shown] + 1).tolist(),
        xs=xs[shown].tolist(),
        ys=ys[shown].tolist(),
        total=len(known),
        front=np.searchsorted(shown, inside).tolist(),
        front_numbers=(rivals.first[inside] + 1).tolist(),
        front_xs=xs[inside].tolist(),
        front_ys=ys[inside].tolist(),
        references=references(row, across.metric, up.metric),
        limits=[str(limit) for limit in row.spec.limits],
    )


def axes(row: StudyRow, x: str | None, y: str | None) -> tuple[Axis, Axis]:
    """What is along the axes, by default what the study is about."""
    aims = [objective.metric for objective in row.spec.objectives]
    up = y or next(aim for aim in [*aims, "params", "macs"] if aim != x)
    across = x or next((aim for aim in [*aims, "params", "macs"] if aim != up), "params")
    if across == up:
        raise NasError(f"x and y are both {up}: choose two, of {', '.join((*aims, *COSTS))} and metrics")
    return _axis(row, across), _axis(row, up)


def _axis(row: StudyRow, metric: str) -> Axis:
    aim = direction(row, metric)
    return Axis(aim.metric, aim.minimize)


def references(row: StudyRow, x: str, y: str) -> list[FrontReference]:
    """The published networks of which both numbers are known."""
    return [
        FrontReference(each.name, each.numbers[x], each.numbers[y], bool(each.published & {x, y}))
        for each in members(row)
        if x in each.numbers and y in each.numbers
    ]


def _front(rivals: Contenders, known: Array, across: Axis, up: Axis) -> Array:
    """Entries that no other one beats, by x; of equal ones the first."""
    good = known[rivals.feasible[known]]
    signed = [rivals.values[axis.metric][good] * (1 if axis.minimize else -1) for axis in (across, up)]
    best = good[distinct_front(np.stack(signed, axis=1))]
    return best[np.argsort(rivals.values[across.metric][best], kind="stable")]
