"""What a space is like before anything is trained: its size, its prices, what it refuses and why."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import median
from typing import Any, TypeVar

import numpy as np

from nas.cost.cost import COSTS
from nas.errors import InfeasibleError
from nas.space.counting import TooManyError
from nas.space.names import Names
from nas.space.space import Space

EXACT = 20_000
"""Spaces with at most this many points are priced whole."""

SAMPLES = 2000
"""Random points of a larger one."""

T = TypeVar("T")
Tick = Callable[[int, int], None]
"""Told how many of how many are done."""


def unwatched(done: int, total: int) -> None:
    """Nobody waits."""


def watched(items: Iterable[T], total: int, tick: Tick) -> Iterator[T]:
    """The items, with a tick behind each."""
    for done, item in enumerate(items, 1):
        yield item
        tick(done, total)


@dataclass(frozen=True)
class Range:
    """Smallest, middle and largest of one cost among feasible points."""

    low: float
    median: float
    high: float


@dataclass
class SpaceProfile:
    """What was found. `exact` says that every point was looked at, not a sample."""

    points: int | None
    """Points of the space, feasible or not; None for a continuum, or where they cannot be counted."""
    looked_at: int
    exact: bool
    feasible: int = 0
    networks: int = 0
    """Different architectures among the feasible points that were looked at."""
    refused: Counter[str] = field(default_factory=Counter)
    """By rule on parameters, of the points looked at; by any other, of those priced."""
    costs: dict[str, Range] = field(default_factory=dict)
    within: dict[str, int] = field(default_factory=dict)
    """Feasible points that keep each limit, by limit."""

    kept: float = 1.0
    """The share of points that keep the rules on parameters: only these are drawn, in any sampling."""
    counted: bool = True
    """Whether `kept` is exact; else it was measured on `looked_at` points."""
    continuum: bool = False
    """Some parameter has infinitely many values."""
    priced: int = 0
    """Points that keep the rules on parameters and were priced."""

    @property
    def acceptance(self) -> float:
        """The share of points that break no rule: before narrowing."""
        return self.kept * self.drawn_acceptance

    @property
    def drawn_acceptance(self) -> float:
        """The share that breaks no rule among points that keep those on parameters: after narrowing."""
        return self.feasible / self.priced if self.priced else 0.0

    @property
    def feasible_points(self) -> tuple[float, float] | None:
        """How many points are feasible: exactly (twice the same number), or a 95 % interval."""
        if self.exact:
            return (self.feasible, self.feasible)
        if self.points is None:
            return None
        if self.counted:
            low, high = (self.kept * share for share in wilson(self.feasible, self.priced))
        else:  # 97.5 % each, 95 % both
            kept = wilson(round(self.kept * self.looked_at), self.looked_at, 2.24)
            low, high = (a * b for a, b in zip(kept, wilson(self.feasible, self.priced, 2.24), strict=True))
        return (low * self.points, high * self.points)


def profile(
    space: Space,
    rng: np.random.Generator,
    *,
    samples: int | None = None,
    limits: Mapping[str, float] | None = None,
    tick: Tick = unwatched,
) -> SpaceProfile:
    """Price all points of a small space, or `samples` random ones: `SAMPLES` of a large one if not given.

    `limits` are upper bounds by cost (`{"macs": 6e8}`): how many points keep each is counted.
    """
    total = _total(space)
    if total is not None and total <= (EXACT if samples is None else samples):
        found = SpaceProfile(total, total, exact=True)
        every = map(space.counter.point, watched(range(total), total, tick))
        _price(space, _keeping(space, every, found.refused), found, limits or {})
        found.kept = found.priced / total
        return found
    samples = SAMPLES if samples is None else samples
    found = SpaceProfile(total, samples, exact=False, continuum=not space.counter.discrete)
    if space.compiled.rules.early:
        some = (space.any_point(rng) for _ in range(samples))
        kept = sum(1 for _ in _keeping(space, some, found.refused))
        share = space.groups.share
        found.kept, found.counted = (kept / samples, False) if share is None else (share, True)
    drawn = (space.draw(rng) for _ in watched(range(samples), samples, tick))
    _price(space, _keeping(space, drawn, Counter()), found, limits or {})
    return found


def _keeping(space: Space, points: Iterable[Mapping[str, Any]], refused: Counter[str]) -> Iterator[Names]:
    """The names of those points that keep the rules on parameters."""
    for point in points:
        names = space.compiled.names_type(point)
        try:
            for rule in space.compiled.rules.early:
                rule.obey(names)
        except InfeasibleError as error:
            refused[error.reason] += 1
        else:
            yield names


def _price(space: Space, points: Iterable[Names], found: SpaceProfile, limits: Mapping[str, float]) -> None:
    values: dict[str, list[int]] = {cost: [] for cost in COSTS}
    ids: set[str] = set()
    for names in points:
        found.priced += 1
        try:
            architecture = space.compiled.built(names)
        except InfeasibleError as error:
            found.refused[error.reason] += 1
            continue
        ids.add(architecture.arch_id)
        for cost in COSTS:
            values[cost].append(getattr(architecture.cost, cost))
    found.feasible, found.networks = len(values["macs"]), len(ids)
    if found.feasible:
        found.costs = {cost: Range(min(v), median(v), max(v)) for cost, v in values.items()}
    for cost, limit in limits.items():
        found.within[f"{cost} <= {limit:g}"] = sum(value <= limit for value in values[cost])


def _total(space: Space) -> int | None:
    try:
        return space.counter.total
    except TooManyError:
        return None


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson interval of a share (Wilson 1927): sound for shares near 0 and 1 too."""
    if not trials:
        return (0.0, 1.0)
    share, scale = hits / trials, 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return (max(0.0, middle - half), min(1.0, middle + half))
