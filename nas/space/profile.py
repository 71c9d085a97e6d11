"""What a space is like before anything is trained: its size, its prices, what it refuses and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from statistics import median

import numpy as np

from nas.cost.cost import COSTS
from nas.errors import InfeasibleError
from nas.space.counting import TooManyError
from nas.space.space import Space

EXACT = 20_000
"""Spaces with at most this many points are priced whole."""


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
    costs: dict[str, Range] = field(default_factory=dict)
    within: dict[str, int] = field(default_factory=dict)
    """Feasible points that keep each limit, by limit."""

    @property
    def acceptance(self) -> float:
        """The share of points that break no rule."""
        return self.feasible / self.looked_at if self.looked_at else 0.0

    @property
    def feasible_points(self) -> tuple[float, float] | None:
        """How many points are feasible: exactly (twice the same number), or a 95 % interval."""
        if self.exact:
            return (self.feasible, self.feasible)
        if self.points is None:
            return None
        low, high = wilson(self.feasible, self.looked_at)
        return (low * self.points, high * self.points)


def profile(
    space: Space, rng: np.random.Generator, *, samples: int = 2000, limits: Mapping[str, float] | None = None
) -> SpaceProfile:
    """Price all points of a small space, or `samples` random ones of a large one.

    `limits` are upper bounds by cost (`{"macs": 6e8}`): how many points keep each is counted.
    """
    total = _total(space)
    exact = total is not None and total <= EXACT
    count = total if exact and total is not None else samples
    found = SpaceProfile(total, count, exact)
    values: dict[str, list[int]] = {cost: [] for cost in COSTS}
    ids: set[str] = set()
    for rank in range(count):
        point = space.counter.point(rank) if exact else space.draw(rng)
        try:
            architecture = space.architecture(point)
        except InfeasibleError as error:
            found.refused[error.reason] += 1
            continue
        ids.add(architecture.arch_id)
        for cost in COSTS:
            values[cost].append(getattr(architecture.cost, cost))
    found.feasible, found.networks = len(values["macs"]), len(ids)
    if found.feasible:
        found.costs = {cost: Range(min(v), median(v), max(v)) for cost, v in values.items()}
    for cost, limit in (limits or {}).items():
        found.within[f"{cost} <= {limit:g}"] = sum(value <= limit for value in values[cost])
    return found


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
