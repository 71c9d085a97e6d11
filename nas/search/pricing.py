"""What points cost and which network they are, known before anything is spent; each point is priced once.

The prices of a space are shared by all studies of a process, since they depend on nothing else.
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from nas.errors import InfeasibleError
from nas.records import Point
from nas.space.space import Space

T = TypeVar("T")

REMEMBERED, SPACES = 20_000, 4
"""Points of a space, and spaces, whose prices are remembered."""


class Pricing(Protocol):
    """Prices points as the study does that will get them: what a sampler may know."""

    def cost(self, point: Point) -> Mapping[str, int] | None:
        """The network's costs; None if it breaks a rule of the space."""
        ...

    def new(self, point: Point) -> bool:
        """Whether a feasible point is a network that the study does not know yet."""
        ...


class PriceList:
    """Costs and identities of a space's points."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._costs: dict[str, dict[str, int] | InfeasibleError] = {}
        self._ids: dict[str, str] = {}

    def cost(self, point: Point) -> dict[str, int]:
        """All costs by name. Raises `InfeasibleError` if the point breaks a rule of the space."""
        found = _kept(self._costs, self._name(point), lambda: self._cost(point))
        if isinstance(found, InfeasibleError):
            raise InfeasibleError(found.reason, found.detail)
        return found

    def arch_id(self, point: Point) -> str:
        """The identity of a feasible point's network."""
        return _kept(self._ids, self._name(point), lambda: self._space.architecture(point).arch_id)

    def _name(self, point: Point) -> str:
        return repr(sorted(self._space.labels(point).items()))

    def _cost(self, point: Point) -> dict[str, int] | InfeasibleError:
        try:
            return self._space.architecture(point).cost.to_json()
        except InfeasibleError as error:
            return InfeasibleError(error.reason, error.detail)


def price_list(space: Space) -> PriceList:
    """The prices of a space, with what this process knows of them already."""
    return _list(json.dumps(space.document, default=str))


@functools.lru_cache(SPACES)
def _list(document: str) -> PriceList:
    return PriceList(Space.from_document(json.loads(document)))


def _kept(memory: dict[str, T], name: str, make: Callable[[], T]) -> T:
    """What is remembered under a name, made now if nothing is."""
    if name not in memory:
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[name] = make()
    return memory[name]


class Prices:
    """The prices of a space; `known` tells whether a feasible point's network is known already."""

    def __init__(self, space: Space, known: Callable[[Point], bool] | None = None) -> None:
        self._list, self._known = price_list(space), known

    def cost(self, point: Point) -> Mapping[str, int] | None:
        """The network's costs; None if it breaks a rule of the space."""
        try:
            return self._list.cost(point)
        except InfeasibleError:
            return None

    def new(self, point: Point) -> bool:
        """Whether a feasible point is a network that is not known yet."""
        return self._known is None or not self._known(point)
