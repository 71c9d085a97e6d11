"""Hyperband (Li et al. 2016, arXiv:1603.06560), asynchronously: brackets of successive halving that begin
at different rungs, for curves whose first epochs mislead.

A trial's bracket follows from its number alone, as many in each as Hyperband starts there. At a rung all
trials compete that have met it, of whatever bracket.
"""

import math
from collections.abc import Sequence

from nas.search.rungs import REDUCTION, falls_behind, first_rung
from nas.search.stoppers import STOPPERS, Curve, Growing

BRACKETS = 3
"""At most: later ones would let trials train most of their epochs before they are looked at."""

GOLDEN = (math.sqrt(5) - 1) / 2


@STOPPERS.register("hyperband", "asha in brackets: some trials are watched from the first rung, some later")
class Hyperband:
    """Successive halving from rung 1, 3 or 9 on."""

    watches = True

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """Whether the trial meets a rung of its bracket and is not among the best third there."""
        first = first_rung(trial.epochs)
        return falls_behind(trial.curve, others, first * REDUCTION ** bracket(trial.number, trial.epochs))


def bracket(number: int, epochs: int | None) -> int:
    """How many rungs a trial leaves out: multiples of the golden section spread every bracket evenly."""
    shares = _shares(_brackets(epochs))
    place = number * GOLDEN % 1 * sum(shares)
    return next((s for s in range(len(shares)) if place < sum(shares[: s + 1])), 0)


def _brackets(epochs: int | None) -> int:
    """As many as the training has rungs before its end."""
    first, count = first_rung(epochs), 1
    while count < BRACKETS and epochs is not None and first * REDUCTION**count < epochs:
        count += 1
    return count


def _shares(count: int) -> list[int]:
    """Trials that Hyperband starts in each bracket, those of the earliest first."""
    return [math.ceil(count / (count - s) * REDUCTION ** (count - 1 - s)) for s in range(count)]
