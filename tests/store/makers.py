"""What the store's tests are made of: specifications, candidates, outcomes, expired leases."""

from collections import Counter
from typing import Any

from sqlalchemy import update

from nas.records import EpochReport, Metrics, Objective, StudySpec, TrialState
from nas.store import Store
from nas.store.rows import Candidate, Claim, Outcome, Refused
from nas.store.tables import drivers

COSTS = {
    "params": 5_288_548,
    "macs": 385_814_752,
    "activations": 6_700_000,
    "train_bytes": 2**31,
    "layers": 50,
    "receptive_field": 851,
    "paths": 2**5000,
}


def spec(*, minimize: bool = True, objectives: int = 1) -> StudySpec:
    """A specification with objectives `error`, `error1`, ..."""
    names = ["error", *(f"error{i}" for i in range(1, objectives))]
    return StudySpec(
        space={"space": {"space": "vgg", "parameters": {"depth": {"int": [1, 9]}}}, "data": None},
        data="digits",
        recipe={"epochs": 8, "lr": "=0.1 / depth"},
        objectives=tuple(Objective(name, minimize) for name in names),
    )


def candidate(i: int, **more: Any) -> Candidate:
    """The i-th point; equal `i`, equal key."""
    point = {"depth": i, "width": 1.5, "kernels": [3, 5], "norm": "batch", "bias": True}
    labels = {"depth": i, "width": 1.5, "kernels[0]": 3, "kernels[1]": 5, "norm": "batch", "bias": True}
    plain: dict[str, Any] = {"point": point, "labels": labels, "key": f"key-{i}", "arch_id": f"arch-{i}"}
    return Candidate(**{**plain, "cost": COSTS, "draw": i, "seed": 2**64 - 1 - i, **more})


def candidates(*numbers: int) -> list[Candidate]:
    """Several of them."""
    return [candidate(i) for i in numbers]


def outcome(
    number: int, value: float = 0.5, attempt: int = 1, state: TrialState = TrialState.COMPLETE, **more: Any
) -> Outcome:
    """A result with the metrics `error` and `loss`."""
    metrics = {"error": value, "loss": 2 * value}
    known: dict[str, Any] = {"values": (value,), "metrics": metrics, "wall_s": 1.5, "worker": "node-1"}
    return Outcome(number=number, attempt=attempt, state=state, **{**known, **more})


def report(number: int, epoch: int, error: float = 0.5, attempt: int = 1) -> EpochReport:
    """An epoch with its error."""
    metrics: Metrics = {"error": error, "loss": 1.0}
    return EpochReport(number=number, attempt=attempt, epoch=epoch, metrics=metrics, wall_s=float(epoch))


def numbers(answers: list[Claim | Refused]) -> list[int]:
    """The numbers of those claimed."""
    return [answer.number for answer in answers if isinstance(answer, Claim)]


def reasons(answers: list[Claim | Refused]) -> list[str]:
    """The reasons of those refused."""
    return [answer.reason for answer in answers if isinstance(answer, Refused)]


def expire(store: Store, driver_id: int) -> None:
    """The driver's lease ran out long ago."""
    with store._writing() as connection:
        connection.execute(update(drivers).where(drivers.c.id == driver_id).values(lease_until_s=0.0))


def assert_sound(store: Store, study_id: int) -> None:
    """What holds in every study at any time, counted from the rows themselves."""
    study = store.study_by_id(study_id)
    trials = store.trials(study_id)
    states = Counter(trial.state for trial in trials)
    assert study.counts == {state: states[state] for state in TrialState}
    assert study.used <= study.budget
    assert [trial.number for trial in trials] == list(range(1, len(trials) + 1))
    assert len({trial.key for trial in trials}) == len(trials)
    for trial in trials:
        tries = store.attempts(study_id, trial.number)
        assert [row.attempt for row in tries] == list(range(1, trial.attempt + 1))
        still = [row.attempt for row in tries if row.ended_s is None]
        assert still == ([trial.attempt] if trial.state is TrialState.RUNNING else [])
        told = trial.state in (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)
        accepted = [row for row in tries if row.accepted]
        assert len(accepted) <= 1
        assert bool(accepted) or not told
        for row in accepted:
            assert (row.attempt, row.state, row.values) == (trial.attempt, trial.state, trial.values)
