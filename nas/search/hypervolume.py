"""How much of the space of losses a front dominates, exactly, in two to four objectives and more.

The hypervolume of a set is the volume between its front and a reference point that is worse: it grows
with every trial that is on the front when it ends (Zitzler & Thiele 1999, doi:10.1109/4235.797969). It
is computed by exclusive volumes: While, Bradstreet & Barone 2012, A Fast Way of Calculating Exact
Hypervolumes, doi:10.1109/TEVC.2010.2077298.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nas.search.fronts import Losses, front

Rows = NDArray[np.float64]


class Volume:
    """The front and hypervolume of losses that come one after the other, against a fixed corner."""

    def __init__(self, corner: Sequence[float]) -> None:
        self._corner = np.asarray(corner, dtype=float)
        self._front = np.empty((0, len(self._corner)))
        self.value = 0.0

    def add(self, losses: Sequence[float]) -> float:
        """One more row; the volume that it added: 0 if it is dominated, or not better than the corner."""
        row = np.asarray(losses, dtype=float)
        if (self._front <= row).all(axis=1).any():
            return 0.0
        more = _exclusive(row, self._front, self._corner) if (row < self._corner).all() else 0.0
        self._front = np.vstack((self._front[~(row <= self._front).all(axis=1)], row))
        self.value += more
        return more

    def __len__(self) -> int:
        """How many different rows are on the front."""
        return len(self._front)


def hypervolume(losses: Losses, corner: Sequence[float]) -> float:
    """The volume between rows of losses and a corner; rows that are not better than it add nothing."""
    return _volume(np.asarray(losses, dtype=float).reshape(-1, len(corner)), np.asarray(corner, dtype=float))


def _volume(rows: Rows, corner: Rows) -> float:
    rows = rows[(rows < corner).all(axis=1)]
    if not len(rows):
        return 0.0
    if len(corner) == 1:
        return float(corner[0] - rows.min())
    rows = np.unique(rows[front(rows)], axis=0)  # by the first loss, rising
    if len(corner) == 2:
        heights = np.concatenate(([corner[1]], rows[:-1, 1]))
        return float(((corner[0] - rows[:, 0]) * (heights - rows[:, 1])).sum())
    return sum(_exclusive(row, rows[i + 1 :], corner) for i, row in enumerate(rows))


def _exclusive(row: Rows, others: Rows, corner: Rows) -> float:
    """The volume that only `row` dominates: its box, without what the others have of that."""
    return float(np.prod(corner - row)) - _volume(np.maximum(others, row), corner)
