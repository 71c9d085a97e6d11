"""Studies for the tests of views, written as drivers write them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

import nas
from nas.records import Cause, EpochReport, Objective, StudySpec, TrialState
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, Claim, Outcome, StudyRow
from tests.store.makers import candidate

COMPLETE = TrialState.COMPLETE


@dataclass(frozen=True)
class Told:
    """What came of a trial."""

    values: tuple[float, ...] = ()
    state: TrialState = COMPLETE
    metrics: Mapping[str, float] = field(default_factory=dict)
    macs: int = 1_000
    curve: tuple[float, ...] = ()


def spec(*objectives: Objective, **more: Any) -> StudySpec:
    """A study of a family of alexnets by its exact costs."""
    plain: dict[str, Any] = {"data": "digits", "recipe": {}, "evaluator": "cost", "sampler": "random"}
    aims = objectives or (Objective("error"),)
    return StudySpec(**{**plain, "space": space().document, "objectives": aims, **more})


def study(store: Store, told: Sequence[Told], asked: StudySpec | None = None, name: str = "one") -> StudyRow:
    """A study in which these came of its trials, in order; its driver lives on. Each reports one metric an
    objective, and what else it says."""
    asked = asked or spec()
    row = store.create_study(name, asked, len(told) + 20, "memory://views")
    driver = store.start_driver(row.id, "node-1", 1, 3600)
    if told:
        add(store, row, driver, told)
    return store.study(name)


def add(store: Store, row: StudyRow, driver: int, told: Sequence[Told]) -> list[int]:
    """More trials; their numbers."""
    first = sum(store.counts(row.id).values())
    asked = [
        replace(point(first + i), cost={**point(first + i).cost, "macs": each.macs})
        for i, each in enumerate(told)
    ]
    numbers = [claim.number for claim in store.claim(row.id, driver, asked) if isinstance(claim, Claim)]
    aims = [objective.metric for objective in row.spec.objectives]
    reports = [
        EpochReport(number, 1, epoch, {aims[0]: value, "loss": 2 * value}, float(epoch))
        for number, each in zip(numbers, told, strict=True)
        for epoch, value in enumerate(each.curve, 1)
    ]
    store.report(row.id, driver, reports)
    ended = [
        Outcome(
            number=number,
            attempt=1,
            state=each.state,
            values=each.values,
            metrics={**dict(zip(aims, each.values, strict=False)), **each.metrics},
            cause=Cause.ERROR if each.state is TrialState.FAILED else None,
            wall_s=0.01,
            worker=f"node-{number % 3}",
        )
        for number, each in zip(numbers, told, strict=True)
        if each.state is not TrialState.RUNNING
    ]
    store.tell(row.id, driver, ended)
    return numbers


def driver_of(store: Store, row: StudyRow) -> int:
    """The driver that `study` began."""
    return store.drivers(row.id)[0].id


@cache
def space() -> Space:
    """A family with vectors and choices."""
    return nas.load_space("alexnet")


@cache
def _points() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    return [space().draw(rng) for _ in range(40)]


def point(i: int) -> Candidate:
    """The i-th candidate: one of 40 points with a key of its own."""
    drawn = _points()[i % 40]
    return candidate(i, point=drawn, labels=space().labels(drawn))
