"""The median rule (Golovin et al. 2017, Google Vizier): stop what stays below the middle."""

from collections.abc import Sequence
from statistics import median

from nas.search.stoppers import STOPPERS, Curve, Growing

WARM_TRIALS, WARM_EPOCHS = 5, 1
"""Other trials at an epoch, and epochs of its own, before the rule speaks."""


@STOPPERS.register("median", "ends a trial whose best epoch is worse than the median of the others so far")
class MedianStopper:
    """Compares a trial's best value so far with the running means of the others at the same epoch."""

    watches = True

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """Whether the curve's best value lies above the median of the others' running means."""
        epoch = max(trial.curve)
        reached = [other for other in others if epoch in other]
        if epoch <= WARM_EPOCHS or len(reached) < WARM_TRIALS:
            return False
        return min(trial.curve.values()) > median(_mean(other, epoch) for other in reached)


def _mean(curve: Curve, last: int) -> float:
    """Of the values up to an epoch, whatever their order; never below the least, as rounding could be."""
    values = sorted(value for epoch, value in curve.items() if epoch <= last)
    return max(sum(values) / len(values), values[0])
