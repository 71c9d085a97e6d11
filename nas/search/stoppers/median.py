"""The median rule (Golovin et al. 2017, Google Vizier): stop what stays below the middle."""

from collections.abc import Sequence
from statistics import mean, median

from nas.search.stoppers import STOPPERS, Curve

WARM_TRIALS, WARM_EPOCHS = 5, 1
"""Ended trials and epochs before the rule speaks."""


@STOPPERS.register("median", "ends a trial whose best epoch is worse than the median of the others so far")
class MedianStopper:
    """Compares a trial's best value so far with the running means of the others at the same epoch."""

    watches = True

    def hopeless(self, curve: Curve, others: Sequence[Curve]) -> bool:
        """Whether the curve's best value lies above the median of the others' running means."""
        if not curve or (epoch := max(curve)) <= WARM_EPOCHS:
            return False
        means = [mean(v for e, v in other.items() if e <= epoch) for other in others if epoch in other]
        return len(means) >= WARM_TRIALS and min(curve.values()) > median(means)
