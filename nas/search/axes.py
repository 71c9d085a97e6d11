"""Points as coordinates: numbers and numbered choices from 0 to 1, the other choices by name.

A coordinate is the share of a domain's random draws that lie below: so logarithmic numbers are even on
their scale, and of a number with steps each value has a stretch of its own.
"""

import math
from typing import Any

import numpy as np

from nas.space.counting import value_at, values_of
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.schema import frozen_value
from nas.space.space import Space

PROBES = 256
"""Random points whose labels get an axis each; a label that none of them has is drawn at random."""

STEPS = 64
"""Numbers of more values than that are as good as a continuum."""


class Axes:
    """The axes of a space, those of parameters that are not always there too.

    `smooth` are coordinates, `stepped` those that only some values are good for, `named` choices without
    an order; a number with two values is a choice of two. What has one value only is on no axis.
    """

    def __init__(self, space: Space) -> None:
        self.smooth: dict[str, Domain] = {}
        self.stepped: dict[str, Domain] = {}
        self.named: dict[str, Domain] = {}
        for label in labels_of(space):
            domain = space.narrowing.domains[label.partition("[")[0]]
            if domain.count != 1:
                self._kind(domain)[label] = domain

    def __len__(self) -> int:
        return len(self.smooth) + len(self.stepped) + len(self.named)

    def _kind(self, domain: Domain) -> dict[str, Domain]:
        if domain.count == 2 or (isinstance(domain, Choice) and not _numbered(domain)):
            return self.named
        return self.smooth if domain.count is None or domain.count > STEPS else self.stepped


def labels_of(space: Space) -> list[str]:
    """The labels that points of the space have, in the order of the walk; of a vector all elements."""
    rng = np.random.default_rng(0)
    return list(dict.fromkeys(label for _ in range(PROBES) for label in space.labels(space.any_point(rng))))


def quantile(domain: Domain, share: float) -> Any:
    """The value below which `share` of a domain's draws lie, 0 <= share <= 1: the inverse of `sample`."""
    if isinstance(domain, Choice) or not domain.log:
        if domain.count is not None:
            return value_at(domain, min(int(share * domain.count), domain.count - 1))
        assert isinstance(domain, Float)
        return domain.low + share * (domain.high - domain.low)
    low, high = _ends(domain)
    raw = math.exp(low + share * (high - low))
    return min(domain.high, max(domain.low, round(raw) if isinstance(domain, Int) else raw))


def share(domain: Domain, value: Any) -> float:
    """Where a value stands, from 0 to 1, in the middle of its stretch: the inverse of `quantile`."""
    if isinstance(domain, Choice):
        return (place(domain, value) + 0.5) / len(domain.values)
    if domain.log:
        low, high = _ends(domain)
        return float((math.log(value) - low) / max(high - low, 1e-12))
    if domain.count is not None:
        return float((round((value - domain.low) / (domain.step or 1)) + 0.5) / domain.count)
    return float((value - domain.low) / max(domain.high - domain.low, 1e-12))


def shares(domain: Domain) -> list[float]:
    """Where the values of a finite domain stand, in rising order."""
    return [share(domain, value) for value in values_of(domain)]


def place(domain: Domain, value: Any) -> int:
    """The number of a value of a finite domain; true is not 1. ValueError if it is none of them."""
    wanted = frozen_value(value)  # JSON made lists of tuples
    alike = [v == wanted and isinstance(v, bool) == isinstance(wanted, bool) for v in values_of(domain)]
    return alike.index(True)


def within(domain: Domain, value: Any) -> Any:
    """The value, or the nearest one of a domain that the values before it have narrowed."""
    if isinstance(domain, Choice) or domain.contains(value):
        return value
    return quantile(domain, share(domain, min(max(value, domain.low), domain.high)))


def _ends(domain: Int | Float) -> tuple[float, float]:
    edge = 0.5 if isinstance(domain, Int) else 0.0
    return math.log(domain.low - edge), math.log(domain.high + edge)


def _numbered(choice: Choice) -> bool:
    """Whether the values are numbers that rise or fall: then what lies between two is between them."""
    values = choice.values
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return False
    return list(values) in (sorted(values), sorted(values, reverse=True))
