"""Equations that are polynomial in their unknown: `9*G*c**2 + 8*G*C*c - 17*C**2 = 0` solved for c.

The compiled equation is evaluated once with a polynomial in the unknown's place, which gives the
coefficients; roots of degree one and two are written out, others come from numpy.
"""

import math
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import numpy as np

from nas.space.functions import ExpressionError

MAX_DEGREE = 20


class Polynomial:
    """A polynomial by its coefficients, constant first. Only what keeps it one is allowed."""

    __slots__ = ("coefficients",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, *coefficients: float) -> None:
        self.coefficients = coefficients

    @property
    def degree(self) -> int:
        """Highest power of the unknown."""
        return len(self.coefficients) - 1

    def __add__(self, other: Any) -> "Polynomial":
        pairs = zip_longest(self.coefficients, _of(other), fillvalue=0.0)
        return Polynomial(*(a + b for a, b in pairs))

    def __mul__(self, other: Any) -> "Polynomial":
        right = _of(other)
        result = [0.0] * (len(self.coefficients) + len(right) - 1)
        if len(result) - 1 > MAX_DEGREE:
            raise ExpressionError(f"an equation of degree {len(result) - 1}; at most {MAX_DEGREE} is solved")
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(right):
                result[i + j] += a * b
        return Polynomial(*result)

    def __pow__(self, exponent: Any) -> "Polynomial":
        if not isinstance(exponent, int) or not 0 <= exponent <= MAX_DEGREE:
            raise ExpressionError(f"the unknown to the power {exponent}: whole powers up to {MAX_DEGREE}")
        result = Polynomial(1.0)
        for _ in range(exponent):
            result = result * self
        return result

    def __truediv__(self, other: Any) -> "Polynomial":
        if isinstance(other, Polynomial):
            raise ExpressionError("division by the unknown: multiply the equation out")
        inverse: float = 1 / other
        return self * inverse

    def __neg__(self) -> "Polynomial":
        return Polynomial(*(-c for c in self.coefficients))

    def __sub__(self, other: Any) -> "Polynomial":
        return self + (-other if isinstance(other, Polynomial) else Polynomial(-other))

    def __rsub__(self, other: Any) -> "Polynomial":
        result: Polynomial = -self + other
        return result

    def __rtruediv__(self, other: Any) -> "Polynomial":
        raise ExpressionError("division by the unknown: multiply the equation out")

    def __bool__(self) -> bool:
        raise ExpressionError("an equation may not ask for the value of its own unknown")

    __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: bool(self)
    __radd__ = __add__
    __rmul__ = __mul__


def _of(value: Any) -> tuple[float, ...]:
    return value.coefficients if isinstance(value, Polynomial) else (float(value),)


def real_roots(equation: Callable[[Polynomial], Any]) -> list[float]:
    """The real roots of `equation(x) = 0`, ascending, each once.

    Raises:
        ExpressionError: the equation is no polynomial in its unknown, or holds for every value.
    """
    try:
        value = equation(Polynomial(0.0, 1.0))
    except TypeError:
        raise ExpressionError("the equation is no polynomial in its unknown") from None
    coefficients = list(_of(value))
    while coefficients and coefficients[-1] == 0:
        coefficients.pop()
    if not coefficients:
        raise ExpressionError("the equation holds whatever the unknown is")
    if not all(math.isfinite(c) for c in coefficients):
        raise ExpressionError("the equation's coefficients are not finite")
    return sorted(set(_roots(coefficients)))


def _roots(coefficients: list[float]) -> list[float]:
    if len(coefficients) == 1:
        return []
    if len(coefficients) == 2:
        return [-coefficients[0] / coefficients[1]]
    if len(coefficients) == 3:
        return _quadratic(*coefficients)
    found = np.roots(coefficients[::-1])
    scale = max(1.0, float(np.max(np.abs(found))))
    return [float(root.real) for root in found if abs(root.imag) < 1e-9 * scale]


def _quadratic(c: float, b: float, a: float) -> list[float]:
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    # the root without cancellation first, the other from their product
    q = -(b + math.copysign(math.sqrt(inside), b)) / 2
    return [0.0] if q == 0 else [q / a, c / q]
