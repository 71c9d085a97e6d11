"""Pareto fronts of losses: rows that no other row is better than in one loss and as good in all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Losses = Sequence[Sequence[float]]


def leading(losses: Losses, count: int) -> list[int]:
    """The rows of the first fronts, `count` in all if there are so many; in a front the earlier first."""
    array = np.asarray(losses, dtype=float)
    left = np.arange(len(array))
    found: list[int] = []
    while len(found) < count and len(left):
        ahead = front(array[left])
        found += left[ahead].tolist()
        left = left[~ahead]
    return found[:count]


def front(array: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows no other row dominates; equal rows do not dominate each other.

    The lexicographically smallest row left is on the front, and what it dominates is taken away: time
    grows with the rows times the length of the front.
    """
    order = np.lexsort(array.T[::-1])
    inside = np.zeros(len(array), dtype=bool)
    while len(order):
        first = array[order[0]]
        same = (array[order] == first).all(axis=1)
        inside[order[same]] = True
        order = order[(array[order] < first).any(axis=1)]
    return inside


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is as good in every loss and better in at least one."""
    return tuple(one) != tuple(other) and all(a <= b for a, b in zip(one, other, strict=True))
