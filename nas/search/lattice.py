"""The points of a grid: all of a finite space, and a few levels of each continuous parameter."""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from nas.errors import SamplerError
from nas.space.compiled import Parameter
from nas.space.counting import PointCounter, TooManyError
from nas.space.domains import Choice, Domain, Float
from nas.space.groups import MAX_EFFORT
from nas.space.space import Space

LEVELS = 5
"""Values of a number without steps: both ends, and between them evenly, by magnitude if logarithmic."""

GOLDEN = (math.sqrt(5) - 1) / 2


class Lattice:
    """The points of a space's grid by number, conditional parameters and vectors as they are.

    Raises (on making):
        SamplerError: more parameters depend on each other than can be counted.
    """

    def __init__(self, space: Space) -> None:
        domains = space.narrowing.domains
        parameters = {
            name: replace(parameter, domain=levels(domains[name]))
            for name, parameter in space.parameters.items()
        }
        self._points, self.total = _counted(space, parameters)
        self._stride = _stride(self.total)

    def point(self, place: int) -> dict[str, Any]:
        """The point at a place of a round that visits every point once, far apart at first.

        Steps of the golden section of all points: a grid that is left half-way has been everywhere.
        """
        return self._points.point(place * self._stride % self.total)


def levels(domain: Domain) -> Domain:
    """The domain itself if it is finite, else the choice of its levels."""
    if not isinstance(domain, Float) or domain.count is not None:
        return domain
    low, high = (math.log(end) if domain.log else end for end in (domain.low, domain.high))
    inner = [low + (high - low) * i / (LEVELS - 1) for i in range(1, LEVELS - 1)]
    values = [domain.low, *((math.exp(v) if domain.log else v) for v in inner), domain.high]
    return Choice(tuple(dict.fromkeys(values)))


def _counted(space: Space, parameters: Mapping[str, Parameter]) -> tuple[PointCounter, int]:
    """The counter of the points that keep the rules on parameters, if that is quick, else of all."""
    if rules := space.compiled.rules.early:
        kept = PointCounter(space.compiled, parameters, rules)
        with suppress(TooManyError):
            if kept.effort <= MAX_EFFORT and (total := kept.total):
                return kept, total
    every = PointCounter(space.compiled, parameters)
    try:
        return every, every.total or 1
    except TooManyError as error:
        raise SamplerError(f"sampler 'grid' cannot count the points of {space.name}: {error}") from None


def _stride(total: int) -> int:
    """The golden section of `total`, or the next number above it without a common factor."""
    stride = max(1, int(total * GOLDEN))
    while math.gcd(stride, total) != 1:
        stride += 1
    return stride
