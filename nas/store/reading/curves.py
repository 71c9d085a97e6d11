"""Reading what hangs on trials: attempts, curves, and single parameters and metrics across trials."""

from dataclasses import fields
from typing import Any

from sqlalchemy import Row, select

from nas.records import Cause, Metrics, TrialState
from nas.store.codec import float_out, from_json
from nas.store.rows import AttemptRow
from nas.store.tables import attempts, epochs, metrics, params, trials
from nas.store.unit import Units


class CurveReads(Units):
    """The part of a `Store` that reads attempts, curves, parameters and metrics."""

    def attempts(self, study_id: int, number: int) -> list[AttemptRow]:
        """All tries at a trial, in order."""
        rows = (
            select(attempts)
            .where(attempts.c.study_id == study_id, attempts.c.number == number)
            .order_by(attempts.c.attempt)
        )
        with self._reading() as connection:
            return [attempt_row(row) for row in connection.execute(rows)]

    def curve(self, study_id: int, number: int) -> list[tuple[int, Metrics]]:
        """(epoch, metrics) in order; each epoch from the latest attempt that has it."""
        rows = (
            select(epochs.c.epoch, epochs.c.metrics)
            .where(epochs.c.study_id == study_id, epochs.c.number == number)
            .order_by(epochs.c.epoch, epochs.c.attempt)
        )
        with self._reading() as connection:
            latest = {row[0]: row[1] for row in connection.execute(rows)}
        return [(epoch, from_json(text)) for epoch, text in latest.items()]

    def curves(
        self, study_id: int, after: int = 0, *, but: int | None = None
    ) -> dict[int, list[tuple[int, float]]]:
        """Number -> curve of the first objective, (epoch, value), of trials changed after revision `after`.

        Those that the driver `but` had last are left out: it knows them. A missing value reads as NaN. For
        stoppers, which compare many curves.
        """
        same = (trials.c.study_id == epochs.c.study_id) & (trials.c.number == epochs.c.number)
        rows = (
            select(epochs.c.number, epochs.c.epoch, epochs.c.value)
            .join(trials, same)
            .where(trials.c.study_id == study_id, trials.c.revision > after)
            .order_by(epochs.c.number, epochs.c.epoch, epochs.c.attempt)
        )
        if but is not None:
            rows = rows.where(trials.c.driver_id.is_distinct_from(but))
        latest: dict[int, dict[int, float]] = {}
        with self._reading() as connection:
            for number, epoch, value in connection.execute(rows):
                latest.setdefault(number, {})[epoch] = float_out(value)
        return {number: list(curve.items()) for number, curve in latest.items()}

    def parameter(self, study_id: int, label: str) -> dict[int, Any]:
        """Number -> value of one active scalar, of all trials that have it."""
        rows = select(params.c.number, params.c.json).where(
            params.c.study_id == study_id, params.c.label == label
        )
        with self._reading() as connection:
            return {row[0]: from_json(row[1]) for row in connection.execute(rows.order_by(params.c.number))}

    def metric(self, study_id: int, name: str) -> dict[int, float]:
        """Number -> final value of one metric, of all trials that have it."""
        rows = select(metrics.c.number, metrics.c.value).where(
            metrics.c.study_id == study_id, metrics.c.metric == name
        )
        with self._reading() as connection:
            found = connection.execute(rows.order_by(metrics.c.number))
            return {row[0]: float_out(row[1]) for row in found}


_CONVERTED = {"state", "accepted", "cause", "late_state", "values", "metrics"}
_PLAIN = tuple(field.name for field in fields(AttemptRow) if field.name not in _CONVERTED)


def attempt_row(row: Row[Any]) -> AttemptRow:
    """A row of the table of attempts."""
    result = from_json(row.result)
    return AttemptRow(
        state=TrialState(row.state),
        accepted=bool(row.accepted),
        cause=Cause(row.cause) if row.cause else None,
        late_state=TrialState(row.late_state) if row.late_state else None,
        values=tuple(result.get("values", ())),
        metrics=result.get("metrics", {}),
        **{name: getattr(row, name) for name in _PLAIN},
    )
