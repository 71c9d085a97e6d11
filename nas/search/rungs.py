"""Rungs: the epochs r, 3r, 9r, … at which successive halving compares trials (Jamieson & Talwalkar 2015,
arXiv:1502.07943).

An evaluator need not tell every epoch: a rung is met at the first epoch from it on that is told.
"""

from collections.abc import Sequence

from nas.search.stoppers import Curve

REDUCTION = 3
"""One in so many trials goes on from a rung; also the ratio of two rungs."""

SPAN = 81
"""The whole training is at most so many times the first rung, as long as that is more than one epoch."""


def first_rung(epochs: int | None) -> int:
    """The lowest rung of a training: 1 up to 81 epochs, 4 of 350."""
    return max(1, (epochs or 1) // SPAN)


def rung_met(curve: Curve, first: int) -> int | None:
    """The highest rung that the curve meets with its last epoch; None if it has met that one before."""
    epoch, rung = max(curve), first
    if epoch < first:
        return None
    while rung * REDUCTION <= epoch:
        rung *= REDUCTION
    return rung if all(earlier < rung for earlier in curve if earlier != epoch) else None


def value_at(curve: Curve, rung: int) -> float | None:
    """The curve's value where it meets a rung; None if it has not come so far."""
    if rung in curve:
        return curve[rung]
    epoch = min((epoch for epoch in curve if epoch > rung), default=None)
    return None if epoch is None else curve[epoch]


def falls_behind(curve: Curve, others: Sequence[Curve], first: int) -> bool:
    """Whether a curve that meets a rung is not among the best third of all that have met it.

    Fewer than three are no competition. Equal values pass together, so the best never falls behind.
    """
    rung = rung_met(curve, first)
    if rung is None:
        return False
    mine = value_at(curve, rung)
    assert mine is not None
    theirs = [value for other in others if (value := value_at(other, rung)) is not None]
    met = len(theirs) + 1
    kept = -(-met // REDUCTION)
    return met >= REDUCTION and sum(value < mine for value in theirs) >= kept
