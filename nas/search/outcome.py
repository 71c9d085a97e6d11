"""What the end of an attempt means for its trial."""

import math
from collections.abc import Mapping, Sequence

from nas.records import AttemptEnd, Cause, Limit, Metrics, Objective, TrialState
from nas.store.rows import Outcome


def outcome_of(
    end: AttemptEnd,
    objectives: Sequence[Objective],
    limits: Sequence[Limit] = (),
    *,
    stopped_as: TrialState | None,
    wall_s: float,
) -> Outcome:
    """The trial's outcome. `stopped_as`: what its driver meant when it told the attempt to stop; one that
    was stopped for another reason has no outcome.

    An attempt without a cause that lacks an objective, or the metric of a limit, fails as an error, one
    that has no finite number there as diverged. A trial beyond a limit is complete, and says so.
    """
    assert not end.stopped or stopped_as is not None, f"attempt {end.number}/{end.attempt} waits, stopped"
    state, cause, message = TrialState.COMPLETE, end.cause, end.message
    if end.stopped and stopped_as is not None:
        state = stopped_as
    elif cause is None:
        cause, fault = _fault(end.metrics, [*objectives, *limits])
        message = fault or "; ".join(filter(None, (message, beyond(end.metrics, limits))))
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


def named_costs(cost: Mapping[str, int], objectives: Sequence[Objective]) -> dict[str, float]:
    """The costs that objectives name, as metrics; `paths` may have thousands of digits: it ends at 2^1023."""
    names = [objective.metric for objective in objectives if objective.metric in cost]
    return {name: float(min(cost[name], 2**1023)) for name in names}


def excess_of(metrics: Metrics, limits: Sequence[Limit]) -> tuple[float, ...]:
    """How far metrics lie beyond each limit; 0 where one is not known, as of a trial that was pruned."""
    return tuple(limit.excess(metrics[limit.metric]) if limit.metric in metrics else 0.0 for limit in limits)


def beyond(metrics: Metrics, limits: Sequence[Limit]) -> str:
    """Which limits metrics do not keep: `latency_ms is 7.31: the limit is latency_ms <= 5`."""
    broken = [limit for limit, amount in zip(limits, excess_of(metrics, limits), strict=True) if amount > 0]
    said = (f"{limit.metric} is {metrics[limit.metric]:.4g}: the limit is {limit}" for limit in broken)
    return "; ".join(said)


def missing_metric(metrics: Metrics, objectives: Sequence[Objective | Limit]) -> str:
    """What to say of metrics that lack an objective; empty if they lack none."""
    missing = [o.metric for o in objectives if o.metric not in metrics]
    given = ", ".join(sorted(metrics)) or "none"
    return f"the evaluator gave no metric {missing[0]!r}: its metrics are {given}" if missing else ""


def _fault(metrics: Metrics, objectives: Sequence[Objective | Limit]) -> tuple[Cause | None, str]:
    if missing := missing_metric(metrics, objectives):
        return Cause.ERROR, missing
    wild = [o.metric for o in objectives if not math.isfinite(metrics[o.metric])]
    if wild:
        return Cause.DIVERGED, f"{wild[0]} is {metrics[wild[0]]}"
    return None, ""
