"""Samples of numbers as all of this room takes them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.errors import NasError

Floats = NDArray[np.float64]
Numbers = Sequence[float] | Floats
LEVEL = 0.95
"""Of every interval."""


def numbers(values: Numbers, what: str = "values") -> Floats:
    """(n,) of finite numbers, at least one.

    Raises:
        NasError: there is none, or one is not finite.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not len(found):
        raise NasError(f"{what}: no numbers to analyse; it takes a row of at least one")
    if not (good := np.isfinite(found)).all():
        place = int(np.argmin(good))
        raise NasError(f"{what}: number {place + 1} is {found[place]}: leave out what is not finite")
    return found


def alike(one: Sequence[object] | Floats, other: Sequence[object] | Floats, what: str) -> None:
    """Refuse two rows of different lengths that belong together, entry by entry."""
    if len(one) != len(other):
        raise NasError(f"{what}: {len(one)} against {len(other)}; they belong together one by one")


def shares(weights: Numbers | None, n: int) -> Floats:
    """(n,) of weights that add up to 1; equal ones for None.

    Raises:
        NasError: a weight is negative, or all are 0.
    """
    if weights is None:
        return np.full(n, 1 / n)
    found = numbers(weights, "weights")
    alike(found, np.empty(n), "weights and values")
    if found.min() < 0 or not found.sum():
        raise NasError("weights: they are 0 or more, and not all 0")
    parts: Floats = found / found.sum()
    return parts
