"""Curves for the stopper: those of trials that ended, and those still growing."""

from nas.records import EpochReport, Metrics, TrialState
from nas.search.history import TOLD
from nas.search.stoppers import Curve
from nas.search.study import Study
from nas.store.rows import Outcome


class Curves:
    """The first objective by epoch, lower is better, read from the store once per ended trial."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._growing: dict[int, dict[int, float]] = {}
        self._ended: dict[int, Curve] = {}

    def hopeless(self, report: EpochReport) -> bool:
        """Add an epoch; whether the stopper gives its trial up."""
        if not self._study.stopper.watches:
            return False
        value = self._value(report.metrics)
        if value is None:
            return False
        if report.number not in self._growing:
            self._growing[report.number] = self._stored(report.number)
        curve = self._growing[report.number]
        curve[report.epoch] = value
        return self._study.stopper.hopeless(curve, self._others())

    def forget(self, number: int) -> None:
        """A trial runs no more here: what it does next, its store knows."""
        self._growing.pop(number, None)

    def ended(self, outcome: Outcome) -> None:
        """A trial's curve is whole."""
        curve = self._growing.pop(outcome.number, None)
        if curve and outcome.state in TOLD:
            self._ended[outcome.number] = curve

    def _others(self) -> list[Curve]:
        for past in self._study.history():
            if past.state is not TrialState.RUNNING and past.number not in self._ended:
                self._ended[past.number] = self._stored(past.number)
        return list(self._ended.values())

    def _stored(self, number: int) -> dict[int, float]:
        rows = self._study.store.curve(self._study.row.id, number)
        return {epoch: value for epoch, metrics in rows if (value := self._value(metrics)) is not None}

    def _value(self, metrics: Metrics) -> float | None:
        objective = self._study.spec.objectives[0]
        if objective.metric not in metrics:
            return None
        return metrics[objective.metric] if objective.minimize else -metrics[objective.metric]
