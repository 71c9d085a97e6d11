"""What an attempt's end means."""

import pytest

from nas.records import AttemptEnd, Cause, Objective, TrialState
from nas.search.outcome import missing_metric, outcome_of

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
