"""Studies for the tests of reports: thousands of trials, written in a few seconds, nothing trained."""

import math
from dataclasses import asdict, replace
from functools import cache
from typing import Any

import numpy as np

from nas.records import Cause, EpochReport, TrialState
from nas.service.specify import SearchOptions, specify
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, Outcome, StudyRow

EPOCHS = 8
DISTINCT = 250
"""Points that are priced; trials take them in turn, each with noise and a key of its own."""


def study(store: Store, name: str, count: int, *, better: float = 0.0, **asked: Any) -> StudyRow:
    """A study of `count` trials that have ended, 1 in 17 stopped early and 1 in 41 failed; `better`: how much
    lower its errors are."""
    spec = specify(SearchOptions(**{"space": "resnet", "sampler": "random", **asked}))
    row = store.create_study(name, spec, count, f"memory://{name}")
    driver = store.start_driver(row.id, "node-1", 4242, 3600)
    chosen = candidates(row, count)
    for start in range(0, count, 500):
        store.claim(row.id, driver, chosen[start : start + 500])
    rng = np.random.default_rng(len(name))
    ends = [_end(number, each, rng, better) for number, each in enumerate(chosen, 1)]
    store.report(row.id, driver, [report for _, reports in ends for report in reports])
    store.tell(row.id, driver, [outcome for outcome, _ in ends])
    store.count_refusals(row.id, {"duplicate": count // 3, "macs > 4 M": count // 9})
    store.end_driver(driver)
    return store.study(name)


def candidates(row: StudyRow, count: int) -> list[Candidate]:
    """So many candidates of a study's space."""
    distinct = _distinct(Space.from_document(row.spec.space))
    return [replace(distinct[i % len(distinct)], key=f"key-{i}", draw=i, seed=i) for i in range(count)]


@cache
def _distinct(space: Space) -> list[Candidate]:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(DISTINCT):
        point = space.sample(rng)
        network = space.architecture(point)
        costs, labels = asdict(network.cost), space.labels(point)
        found.append(
            Candidate(point=point, labels=labels, key="", arch_id=network.arch_id, cost=costs, draw=0, seed=0)
        )
    return found


def error_of(candidate: Candidate, rng: np.random.Generator, better: float) -> float:
    """Larger networks are better, with noise that a choice of the point moves."""
    size = math.log10(candidate.cost["macs"] + 1)
    odd = 0.02 * (sum(map(ord, str(sorted(candidate.labels.items())[0]))) % 3)
    return max(0.004, (0.32 - 0.035 * size + odd) * (1 - better) * float(rng.lognormal(0, 0.12)))


def _epochs(number: int, last: int) -> range:
    """Every fourth trial reports each epoch, the others their last."""
    return range(1 if number % 4 == 1 else last, last + 1)


def _end(
    number: int, candidate: Candidate, rng: np.random.Generator, better: float
) -> tuple[Outcome, list[EpochReport]]:
    error = error_of(candidate, rng, better)
    state, cause, message = TrialState.COMPLETE, None, ""
    last = EPOCHS
    if number % 17 == 0:
        state, last, error = TrialState.PRUNED, 3, error * 1.8
    elif number % 41 == 0:
        state, cause, message, last = TrialState.FAILED, Cause.DIVERGED, "the loss is NaN in epoch 2", 2
    told = {
        e: error * (1 + 1.6 * math.exp(-e / 1.7)) / (1 + 1.6 * math.exp(-last / 1.7))
        for e in range(1, last + 1)
    }
    reports = [EpochReport(number, 1, e, {"error": v, "loss": 3 * v}, 0.4 * e) for e, v in told.items()]
    metrics = {} if state is TrialState.FAILED else {"error": error, "loss": 3 * error}
    outcome = Outcome(
        number=number,
        attempt=1,
        state=state,
        values=() if state is TrialState.FAILED else (error,),
        metrics=metrics,
        cause=cause,
        message=message,
        wall_s=0.4 * last,
        worker=f"node-1/{number % 4}",
    )
    return outcome, reports
