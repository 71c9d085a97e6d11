"""What an attempt's end means."""

import math

import pytest

from nas.records import AttemptEnd, Cause, Limit, Objective, TrialState
from nas.search.outcome import beyond, excess_of, missing_metric, named_costs, outcome_of

ERROR = (Objective("error"),)


def test_a_stop_means_what_its_driver_meant() -> None:
    end = AttemptEnd(1, 1, {"error": 0.5}, stopped=True)
    outcome = outcome_of(end, ERROR, stopped_as=TrialState.PRUNED, wall_s=1.0)
    assert (outcome.state, outcome.values) == (TrialState.PRUNED, (0.5,))
    with pytest.raises(AssertionError, match="attempt 1/1 waits"):
        outcome_of(end, ERROR, stopped_as=None, wall_s=1.0)


def test_a_missing_objective_is_named_with_those_given() -> None:
    assert missing_metric({"error": 1.0}, ERROR) == ""
    said = "the evaluator gave no metric 'error': its metrics are accuracy, loss"
    assert missing_metric({"loss": 1.0, "accuracy": 0.5}, ERROR) == said
    outcome = outcome_of(AttemptEnd(1, 1, {}), ERROR, stopped_as=None, wall_s=1.0)
    assert (outcome.state, outcome.cause) == (TrialState.FAILED, Cause.ERROR)
    assert outcome.message.endswith("its metrics are none")


def test_a_complete_trial_keeps_what_its_worker_said() -> None:
    said = "checkpoints could not be written"
    outcome = outcome_of(AttemptEnd(1, 1, {"error": 0.5}, message=said), ERROR, stopped_as=None, wall_s=1.0)
    assert (outcome.state, outcome.message) == (TrialState.COMPLETE, said)


def test_no_number_in_any_objective_or_limit_is_a_divergence() -> None:
    two, limits = (Objective("error"), Objective("loss")), (Limit("latency_ms", 5.0),)
    good = {"error": 0.5, "loss": 1.0, "latency_ms": 3.0}
    for name in good:
        for wild in (math.nan, math.inf):
            end = AttemptEnd(1, 1, {**good, name: wild})
            outcome = outcome_of(end, two, limits, stopped_as=None, wall_s=1.0)
            assert (outcome.state, outcome.cause) == (TrialState.FAILED, Cause.DIVERGED)
            assert outcome.message == f"{name} is {wild}"
            assert outcome.values == ()


def test_beyond_a_limit_a_trial_is_complete_and_says_so() -> None:
    limits = (Limit("latency_ms", 5.0), Limit("accuracy", 0.9, upper=False))
    metrics = {"error": 0.5, "accuracy": 0.5, "latency_ms": 7.5}
    outcome = outcome_of(AttemptEnd(1, 1, metrics), ERROR, limits, stopped_as=None, wall_s=1.0)
    assert (outcome.state, outcome.values) == (TrialState.COMPLETE, (0.5,))
    assert outcome.message == (
        "latency_ms is 7.5: the limit is latency_ms <= 5; accuracy is 0.5: the limit is accuracy >= 0.9"
    )
    assert excess_of(metrics, limits) == (0.5, pytest.approx(0.4 / 0.9))
    assert excess_of({"accuracy": 0.95}, limits) == (0.0, pytest.approx(-0.05 / 0.9))
    assert beyond({"accuracy": 0.95}, limits) == ""


def test_a_limit_that_nothing_is_known_of_is_an_error() -> None:
    outcome = outcome_of(
        AttemptEnd(1, 1, {"error": 0.5}), ERROR, (Limit("power_w", 5.0),), stopped_as=None, wall_s=1.0
    )
    assert (outcome.state, outcome.cause) == (TrialState.FAILED, Cause.ERROR)
    assert outcome.message == "the evaluator gave no metric 'power_w': its metrics are error"


def test_costs_that_objectives_name_are_metrics() -> None:
    cost = {"params": 10, "macs": 20, "paths": 2**5000}
    aims = (Objective("paths"), Objective("error"), Objective("macs", minimize=False))
    assert named_costs(cost, aims) == {"paths": 2.0**1023, "macs": 20.0}
    assert named_costs(cost, ERROR) == {}
