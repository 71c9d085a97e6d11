"""Asynchronous successive halving (Li et al. 2018, arXiv:1810.05934), its stopping variant."""

from collections.abc import Sequence

from nas.search.rungs import falls_behind, first_rung
from nas.search.stoppers import STOPPERS, Curve, Growing


@STOPPERS.register("asha", "at epochs 1, 3, 9, … goes on with the best third of all trials that came so far")
class Asha:
    """A trial that meets a rung is compared, there and then, with all that have met it before.

    Nobody waits for anybody: trials that run count as well as those that ended or were stopped.
    """

    watches = True

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """Whether the trial meets a rung and is not among the best third there."""
        return falls_behind(trial.curve, others, first_rung(trial.epochs))
