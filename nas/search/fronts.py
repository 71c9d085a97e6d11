"""Pareto fronts of losses: rows that no other row is better than in one loss and as good in all."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Losses = Sequence[Sequence[float]]

PAIRS = 1_000_000
"""The most pairs of rows that are compared in one go."""


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

    In two columns it takes the time to sort them, in three little more. In more of them the row left with the
    least sum of ranks is on the front, and what it dominates, most rows at first, is taken away: time grows
    with the rows left times the length of the front.
    """
    sweep = {2: _in_two, 3: _in_three}.get(array.shape[1])
    if sweep is not None:
        return sweep(array, np.lexsort(array.T[::-1]))
    ranks = [np.unique(column, return_inverse=True)[1] for column in array.T]
    order = np.argsort(np.sum(ranks, axis=0), kind="stable")
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


@dataclass(frozen=True)
class Carried:
    """A front with the rows that it is of, so that later rows are compared with it alone."""

    losses: NDArray[np.float64]
    """NaN in rows that do not compete."""
    ahead: NDArray[np.intp]
    """Rows of the front, rising; of equal ones the first."""


def carried(losses: NDArray[np.float64], before: Carried | None = None) -> Carried:
    """The front of the rows without a NaN: found anew only if a row of the front `before` has changed."""
    fresh = ~np.any(np.isnan(losses), axis=1)
    kept = np.empty(0, dtype=np.intp)
    if before is not None and len(before.losses) <= len(losses):
        same = np.all(losses[: len(before.losses)] == before.losses, axis=1)
        if same[before.ahead].all():
            fresh[: len(same)] &= ~same
            kept = before.ahead
    new = np.flatnonzero(fresh)
    new = new[front(losses[new])]
    new = new[~_beaten(losses[new], losses[kept])]
    kept = kept[~_beaten(losses[kept], losses[new])]
    both = np.sort(np.concatenate((kept, new)))
    _, first = np.unique(losses[both], axis=0, return_index=True)
    return Carried(losses, np.sort(both[first]))


def _beaten(rows: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which rows some row of `by` dominates."""
    found = np.zeros(len(rows), dtype=bool)
    step = max(PAIRS // max(len(by), 1), 1)
    for start in range(0, len(rows), step):
        some = rows[start : start + step, None]
        better = np.all(by <= some, axis=2) & np.any(by < some, axis=2)
        found[start : start + step] = np.any(better, axis=1)
    return found


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


def _in_three(array: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """By the first loss, rows on the front of the others of all rows so far, and their equals."""
    inside = np.zeros(len(array), dtype=bool)
    seconds, thirds = list[float](), list[float]()  # that front: one rises, the other falls
    before, ahead = list[float](), False
    for place, row in zip(order.tolist(), array[order].tolist(), strict=True):
        if row != before:
            _, second, third = before = row
            beside = bisect_right(seconds, second)
            ahead = beside == 0 or thirds[beside - 1] > third
            if ahead:
                start = end = bisect_left(seconds, second)
                while end < len(thirds) and thirds[end] >= third:
                    end += 1
                seconds[start:end], thirds[start:end] = [second], [third]
        inside[place] = ahead
    return inside


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether `one` is as good in every loss and better in at least one."""
    return tuple(one) != tuple(other) and all(a <= b for a, b in zip(one, other, strict=True))
