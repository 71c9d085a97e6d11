"""What the end of an attempt means for its trial."""

import math
from collections.abc import Sequence

from nas.records import AttemptEnd, Cause, Metrics, Objective, TrialState
from nas.store.rows import Outcome


def outcome_of(
    end: AttemptEnd, objectives: Sequence[Objective], *, stopped_as: TrialState | None, wall_s: float
) -> Outcome:
    """The trial's outcome. `stopped_as`: what its driver meant when it told the attempt to stop; one that
    was stopped for another reason has no outcome.

    An attempt without a cause that lacks an objective fails as an error, one whose objective is not
    a finite number as diverged.
    """
    assert not end.stopped or stopped_as is not None, f"attempt {end.number}/{end.attempt} waits, stopped"
    state, cause, message = TrialState.COMPLETE, end.cause, end.message
    if end.stopped and stopped_as is not None:
        state = stopped_as
    elif cause is None:
        cause, fault = _fault(end.metrics, objectives)
        message = fault or message  # a complete trial may still have something to tell
    if cause is not None:
        state = TrialState.FAILED
    told = state in (TrialState.COMPLETE, TrialState.PRUNED)
    return Outcome(
        number=end.number,
        attempt=end.attempt,
        state=state,
        values=_values(end.metrics, objectives) if told else (),
        metrics=end.metrics,
        cause=cause,
        message=message,
        wall_s=wall_s,
        worker=end.worker,
    )


def _values(metrics: Metrics, objectives: Sequence[Objective]) -> tuple[float, ...]:
    return tuple(float(metrics[o.metric]) for o in objectives if o.metric in metrics)


def missing_metric(metrics: Metrics, objectives: Sequence[Objective]) -> str:
    """What to say of metrics that lack an objective; empty if they lack none."""
    missing = [o.metric for o in objectives if o.metric not in metrics]
    given = ", ".join(sorted(metrics)) or "none"
    return f"the evaluator gave no metric {missing[0]!r}: its metrics are {given}" if missing else ""


def _fault(metrics: Metrics, objectives: Sequence[Objective]) -> tuple[Cause | None, str]:
    if missing := missing_metric(metrics, objectives):
        return Cause.ERROR, missing
    wild = [o.metric for o in objectives if not math.isfinite(metrics[o.metric])]
    if wild:
        return Cause.DIVERGED, f"{wild[0]} is {metrics[wild[0]]}"
    return None, ""
