"""Curves for the stopper: of all trials of the study, wherever they run."""

import math

from nas.records import EpochReport, Request
from nas.search.stoppers import Growing
from nas.search.study import Study


class Curves:
    """The first objective by epoch, lower is better.

    Trials of this driver are known as soon as they tell; those of others are read by `catch_up`, whole curves
    of those that have changed.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[int, dict[int, float]] = {}
        self._revision = 0

    def begin(self, request: Request) -> None:
        """A trial begins here; what earlier attempts at it have told is read, even if it was just now."""
        if self._study.stopper.watches and request.attempt > 1:
            rows = self._study.store.curve(self._study.row.id, request.number)
            told = ((epoch, self._value(metrics.get(self._metric, math.nan))) for epoch, metrics in rows)
            self._known[request.number] = {epoch: value for epoch, value in told if math.isfinite(value)}

    def catch_up(self, revision: int) -> None:
        """Read what others have told up to a revision of the study: one query, none if nothing changed."""
        study = self._study
        if not study.stopper.watches or revision == self._revision:
            return
        changed = study.store.curves(study.row.id, after=self._revision, but=study.driver_id)
        for number, curve in changed.items():
            self._known[number] = {
                epoch: self._value(value) for epoch, value in curve if math.isfinite(value)
            }
        self._revision = revision

    def hopeless(self, report: EpochReport, epochs: int | None) -> bool:
        """Add an epoch of a training of `epochs`; whether the stopper gives its trial up.

        A trial is judged once at an epoch: not again when its next attempt, begun from an earlier checkpoint,
        comes there a second time.
        """
        if not self._study.stopper.watches or not math.isfinite(value := report.metrics[self._metric]):
            return False
        curve = self._known.setdefault(report.number, {})
        again = report.epoch <= max(curve, default=0)
        curve[report.epoch] = self._value(value)
        if again or report.epoch == epochs:
            return False
        others = [other for number, other in self._known.items() if other and number != report.number]
        return self._study.stopper.hopeless(Growing(report.number, curve, epochs), others)

    @property
    def _metric(self) -> str:
        return self._study.spec.objectives[0].metric

    def _value(self, value: float) -> float:
        return value if self._study.spec.objectives[0].minimize else -value
