"""Never stop: every trial trains to its last epoch."""

from collections.abc import Sequence

from nas.search.stoppers import STOPPERS, Curve, Growing


@STOPPERS.register("none", "every trial trains to its last epoch")
class NeverStop:
    """The null stopper."""

    watches = False

    def hopeless(self, trial: Growing, others: Sequence[Curve]) -> bool:
        """No trial is."""
        return False
