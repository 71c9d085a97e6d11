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
    grows with the rows times the length of the front. In two columns it is the time to sort them.
    """
    order = np.lexsort(array.T[::-1])
    if array.shape[1] == 2:
        return _in_two(array, order)
    inside = np.zeros(len(array), dtype=bool)
    while len(order):
        first = array[order[0]]
        same = (array[order] == first).all(axis=1)
        inside[order[same]] = True
        order = order[(array[order] < first).any(axis=1)]
    return inside


def distinct_front(array: NDArray[np.float64]) -> NDArray[np.intp]:
    """The rows that no other row dominates, of equal ones the first; by the first loss, then the others."""
    ahead = np.flatnonzero(front(array))
    _, first = np.unique(array[ahead], axis=0, return_index=True)
    return ahead[first]


def _in_two(array: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """By the first loss, rows whose second one is less than that of all rows before, and their equals."""
    inside = np.zeros(len(array), dtype=bool)
    if len(order):
        first, second = array[order].T
        fresh = (first[1:] > first[:-1]) | (second[1:] > second[:-1])
        ahead = second[1:] < np.minimum.accumulate(second)[:-1]
        group = np.concatenate(([0], np.cumsum(fresh)))
        inside[order] = np.concatenate(([True], ahead[fresh]))[group]
    return inside


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is as good in every loss and better in at least one."""
    return tuple(one) != tuple(other) and all(a <= b for a, b in zip(one, other, strict=True))
