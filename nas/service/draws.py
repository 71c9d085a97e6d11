"""Random points of a space with their prices: what its networks cost, and whether there are any."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nas.cost.cost import COSTS
from nas.errors import InfeasibleError
from nas.space.counting import TooManyError
from nas.space.space import Space

DRAWS, DRAWS_S = 200, 0.5
"""Random points that show what a space's networks cost, and for how many seconds of the processor at most."""
PATIENCE = 1000
"""So many are drawn where none is feasible."""
HOPE, HOPE_S = 20_000, 5.0
"""The same before a space counts as one without networks, but `PATIENCE` at least; of a space of N points
10 N are as good."""
EXAMPLES = 3
SEED = 0


@dataclass(frozen=True)
class Example:
    """A feasible point with its price."""

    point: dict[str, Any]
    cost: dict[str, int]
    arch_id: str


class Draws:
    """The same random points of a space each time, with their prices."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.costs: dict[str, list[int]] = {cost: [] for cost in COSTS}
        """Of the feasible ones."""
        self.refusals: Counter[str] = Counter()
        self.examples: list[Example] = []
        self.count = self.feasible = 0

    def draw(self) -> None:
        """As many as show what networks cost."""
        for _ in self._each(DRAWS_S):
            if self.count >= (DRAWS if self.feasible else PATIENCE):
                return

    def hopeless(self) -> bool:
        """Whether none is feasible of as many as can be waited for; not where those are too few to tell."""
        most = HOPE
        for _ in self._each(HOPE_S):
            if self.feasible:
                return False
            if self.count == DRAWS and (total := points(self.space)) is not None:
                most = min(HOPE, max(DRAWS, 10 * total))
            if self.count >= most:
                return True
        return self.count >= PATIENCE

    def _each(self, most_s: float) -> Iterator[None]:
        rng, until = np.random.default_rng(SEED), time.thread_time() + most_s
        while not self.count or time.thread_time() < until:
            self.count += 1
            self._price(self.space.draw(rng))
            yield

    def _price(self, point: dict[str, Any]) -> None:
        try:
            architecture = self.space.architecture(point)
        except InfeasibleError as error:
            self.refusals[error.reason] += 1
            return
        cost = asdict(architecture.cost)
        self.feasible += 1
        for name, values in self.costs.items():
            values.append(cost[name])
        if len(self.examples) < EXAMPLES:
            self.examples.append(Example(point, cost, architecture.arch_id))


def points(space: Space) -> int | None:
    """How many points a space has, feasible or not; None: too many, or not countable."""
    try:
        return space.counter.total if space.counter.discrete else None
    except TooManyError:
        return None


def refuse_barren(space: Space) -> None:
    """Refuse to search a space in which no network can be found.

    Raises:
        SpaceError: no random point of very many is feasible; with the rule that refuses most of them.
    """
    found = Draws(space)
    if not found.hopeless():
        return
    reason, count = found.refusals.most_common(1)[0]
    raise space.where.error(
        (),
        f"none of {found.count:,} random networks obeys all rules of {space.name}: "
        f"{reason!r} refuses {count:,} of them; loosen it, or leave it out",
    )
