"""One run of CMA-ES over the axes of a space: sampled from by seed, told whole generations.

The package's CatCMAwM with its own defaults, but for the first steps: CatCMA with margin (Hamano et al.
2025, arXiv:2504.07884), which is CMA-ES (Hansen 2016, arXiv:1604.00772) for numbers, a margin below which
no step gets lost (Hamano et al. 2022, arXiv:2205.13482), and a natural gradient for choices.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nas.search.axes import Axes, place, quantile, share, shares, within
from nas.space.counting import value_at
from nas.space.domains import Domain
from nas.space.space import Space

Solution = Any
"""A sample, CatCMAwM's: `x` smooth and `z` stepped coordinates, `c` a row of yes and no for each choice, each
None if there are none of its kind. The package ships no types."""

SIGMA = 0.2
"""The deviation of the first steps, as a share of each range."""

DOUBLED = 5
"""How often a new run doubles the population, at most (IPOP: Auger & Hansen 2005,
doi:10.1109/CEC.2005.1554902)."""

NARROW = 1e-3
"""A run has ended when the middle half of a generation is no wider than this share of any range."""


class Climb:
    """The run `number`, which begins at the labels `start`, and in the middle of the axes that it lacks."""

    def __init__(self, axes: Axes, number: int, start: Mapping[str, Any]) -> None:
        self._axes = axes
        self.population = population(axes, number)
        self._ordered = {**axes.smooth, **axes.stepped}
        mean = self._coordinates(start, [0.5] * len(self._ordered))
        self._optimiser = _optimiser(axes, mean, self.population)
        self._best: tuple[Any, ...] | None = None
        self._stale = 0
        self._narrow = False

    def sample(self, seed: int) -> Solution:
        """The sample of a seed, by the law of the present generation."""
        self._optimiser.reseed_rng(seed)
        return self._optimiser.ask()

    def solution(self, labels: Mapping[str, Any], seed: int) -> Solution:
        """A point that was not sampled here; on axes where it has no value it has those of a sample."""
        from cmaes import CatCMAwM

        drawn, smooth = self.sample(seed), len(self._axes.smooth)
        numbers = self._coordinates(labels, _numbers(drawn))
        x, z = numbers[:smooth], numbers[smooth:]
        for row, (label, domain) in enumerate(self._axes.named.items()):
            if label in labels:
                drawn.c[row] = np.arange(drawn.c.shape[1]) == place(domain, labels[label])
        return CatCMAwM.Solution(
            x if len(x) else None, z if len(z) else None, drawn.c, numbers if len(numbers) else None
        )

    def point(self, space: Space, solution: Solution, rng: np.random.Generator) -> dict[str, Any]:
        """The point that a sample stands for; a label without an axis is drawn."""
        values = self._values(solution)

        def choose(label: str, domain: Domain) -> Any:
            return within(domain, values[label]) if label in values else domain.sample(rng)

        return space.walk(choose)

    def tell(self, ranked: Sequence[Solution], best: tuple[Any, ...]) -> None:
        """A whole generation, the best first, and what its best is worth: less is better."""
        self._stale = 0 if self._best is None or best < self._best else self._stale + 1
        self._best = best if self._stale == 0 else self._best
        self._narrow = _narrow(ranked)
        self._optimiser.tell([(solution, float(place)) for place, solution in enumerate(ranked)])
        if self._axes.named:  # the package lets choices that are settled learn faster for ever, up to NaN
            self._optimiser._Delta = max(self._optimiser._Delta, 1.0)

    @property
    def ended(self) -> bool:
        """Whether it has converged, or found nothing better for as long as Hansen's section B.3 allows."""
        if self._narrow or self._stale >= 10 + math.ceil(30 * len(self._axes) / self.population):
            return True
        return bool(self._ordered) and self._optimiser.should_stop()

    def _coordinates(self, labels: Mapping[str, Any], otherwise: Sequence[float]) -> Any:
        """Smooth ones, then stepped ones."""
        pairs = zip(self._ordered.items(), otherwise, strict=True)
        return np.array([share(d, labels[name]) if name in labels else at for (name, d), at in pairs], float)

    def _values(self, solution: Solution) -> dict[str, Any]:
        numbers = zip(self._ordered.items(), _numbers(solution), strict=True)
        values = {label: quantile(domain, float(at)) for (label, domain), at in numbers}
        if solution.c is not None:
            for (label, domain), row in zip(self._axes.named.items(), solution.c, strict=True):
                values[label] = value_at(domain, int(row.argmax()))
        return values


def population(axes: Axes, number: int) -> int:
    """Members of a generation of the run `number`: 4 + 3 ln n for n axes, twice as many in each later run."""
    return (4 + math.floor(3 * math.log(len(axes)))) << min(number, DOUBLED)


def _optimiser(axes: Axes, mean: Any, population: int) -> Any:
    from cmaes import CatCMAwM  # it brings scipy.stats, which light commands need not wait for

    return CatCMAwM(
        x_space=[[0.0, 1.0]] * len(axes.smooth) or None,
        z_space=[shares(domain) for domain in axes.stepped.values()] or None,
        c_space=[domain.count or 0 for domain in axes.named.values()] or None,
        population_size=population,
        mean=mean if len(mean) else None,
        sigma=SIGMA,
        cov=np.eye(len(mean)) if len(mean) else None,
    )


def _numbers(solution: Solution) -> list[float]:
    return [float(at) for part in (solution.x, solution.z) if part is not None for at in part]


def _narrow(solutions: Sequence[Solution]) -> bool:
    """Whether half of a generation lies within hardly anything on all axes, of which some are smooth."""
    if solutions[0].x is None:
        return False
    parts = [[part.ravel() for part in (s.x, s.z, s.c) if part is not None] for s in solutions]
    rows = np.array([np.concatenate(row) for row in parts], float)
    low, high = np.quantile(rows, (0.25, 0.75), axis=0)
    return bool((high - low).max() < NARROW)
