"""Expressions evaluated for all numbers of an interval at once, to see what none of them can be.

An `Interval` stands in for a number, as a `Polynomial` does where equations are solved. Each operation
gives an interval that holds every possible result, so a comparison that comes out is right for all
numbers inside; one that depends on the number, and all that has no meaning here, raises `UnsureError`
or a `TypeError`.
"""

import math
from collections.abc import Callable
from itertools import product
from typing import Any

SLACK = 1e-12
"""What floating point may have lost, as a share of the numbers compared."""


class UnsureError(Exception):
    """The answer differs within the interval, as far as can be seen."""


class Interval:
    """All numbers from `low` to `high`."""

    __slots__ = ("high", "low")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __add__(self, other: Any) -> "Interval":
        low, high = _ends(other)
        return Interval(self.low + low, self.high + high)

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Any) -> "Interval":
        low, high = _ends(other)
        return Interval(self.low - high, self.high - low)

    def __rsub__(self, other: Any) -> "Interval":
        low, high = _ends(other)
        return Interval(low - self.high, high - self.low)

    def __mul__(self, other: Any) -> "Interval":
        return _hull([a * b for a, b in product(_ends(self), _ends(other))])

    def __truediv__(self, other: Any) -> "Interval":
        return _hull([a / b for a, b in product(_ends(self), _nonzero(other))])

    def __rtruediv__(self, other: Any) -> "Interval":
        return _hull([a / b for a, b in product(_ends(other), _nonzero(self))])

    def __floordiv__(self, other: Any) -> "Interval":
        return _hull([a // b for a, b in product(_ends(self), _nonzero(other))])

    def __pow__(self, exponent: Any) -> "Interval":
        if not isinstance(exponent, int | float) or self.low < 0 or (self.low == 0 and exponent < 0):
            raise UnsureError
        return _hull([self.low**exponent, self.high**exponent])

    def __rpow__(self, base: Any) -> "Interval":
        if not isinstance(base, int | float) or base <= 0:
            raise UnsureError
        return _hull([base**self.low, base**self.high])

    def __abs__(self) -> "Interval":
        ends = [abs(self.low), abs(self.high)]
        return _hull([*ends, 0.0] if self.low < 0 < self.high else ends)

    def __floor__(self) -> "Interval":
        return Interval(math.floor(self.low), math.floor(self.high))

    def __ceil__(self) -> "Interval":
        return Interval(math.ceil(self.low), math.ceil(self.high))

    def __round__(self, digits: int = 0) -> "Interval":
        return Interval(round(self.low, digits), round(self.high, digits))

    def __lt__(self, other: Any) -> bool:
        low, high = _ends(other)
        return _sure(_below(self.high, low), _below(high, self.low))

    __le__ = __lt__  # ends that touch are never sure

    def __gt__(self, other: Any) -> bool:
        return not self < other

    __ge__ = __gt__

    def __eq__(self, other: Any) -> bool:
        low, high = _ends(other)
        return _sure(False, _below(self.high, low) or _below(high, self.low))

    def __bool__(self) -> bool:
        return bool(self != 0)

    __radd__ = __add__
    __rmul__ = __mul__


def _below(one: float, other: float) -> bool:
    """Whether `one` is the smaller by more than what floating point may have lost."""
    return one < other - SLACK * (abs(one) + abs(other))


def _sure(always: bool, never: bool) -> bool:
    if always or never:
        return always
    raise UnsureError


def _ends(value: Any) -> tuple[float, float]:
    if isinstance(value, Interval):
        return value.low, value.high
    if not isinstance(value, int | float):
        raise UnsureError
    return value, value


def _nonzero(value: Any) -> tuple[float, float]:
    low, high = _ends(value)
    if low <= 0 <= high:
        raise UnsureError
    return low, high


def _hull(values: list[float]) -> Interval:
    if any(math.isnan(value) for value in values):
        raise UnsureError
    return Interval(min(values), max(values))


def shaved(low: float, high: float, never: Callable[[Interval], bool]) -> tuple[float, float] | None:
    """[low, high] without what `never` surely rules out at either end; None if that is all of it.

    By bisection: `never` of an interval says that no number in it will do; of an interval in which one
    might, it is False.
    """
    if never(Interval(low, high)):
        return None
    first = _furthest(low, high, lambda to: never(Interval(low, to)))
    last = _furthest(high, low, lambda to: never(Interval(to, high)))
    return (first, last) if first < last or low == high else None


def _furthest(start: float, end: float, ruled_out: Callable[[float], bool]) -> float:
    """How far from `start` towards `end` all is ruled out; `start` if nothing is."""
    if not ruled_out(start):
        return start
    for _ in range(60):
        middle = (start + end) / 2
        start, end = (middle, end) if ruled_out(middle) else (start, middle)
    return start
