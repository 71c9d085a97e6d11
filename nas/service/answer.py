"""The answer of a search: the best point beside published ones, an honest comparison, its family.

A space says what to show in its `answer` block:

    answer:
      show: [alpha, beta, gamma]        # names, derived ones included
      beside: [paper]                   # references whose settings are shown next to the best
      baseline: {set: {phi: 0}}         # a network that no search was needed for
      family: {vary: phi, over: [0, 1, 2, 3]}
"""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from nas.cost.architecture import Architecture
from nas.errors import InfeasibleError
from nas.records import AttemptEnd, Request, Slots
from nas.space.space import Space
from nas.store.rows import TrialRow

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import Listener
    from nas.search.interrupts import Interrupts
    from nas.search.study import Study

REPEATS = 3
"""Fresh seeds per network of the comparison."""


@dataclass(frozen=True)
class Compared:
    """A network trained anew with fresh seeds; `values` are of the study's first objective."""

    name: str
    params: int
    macs: int
    seeds: list[int]
    values: list[float]

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float:
        """Standard deviation over the seeds; 0 for a single one."""
        return statistics.stdev(self.values) if len(self.values) > 1 else 0.0


@dataclass(frozen=True)
class Contender:
    """A network of the comparison: a point of a variant of the space."""

    space: Space
    point: Mapping[str, Any]

    def architecture(self) -> Architecture:
        """Its network."""
        return self.space.architecture(self.point)


@dataclass(frozen=True)
class Member:
    """One network of the family; without costs if it cannot be, and why."""

    value: float
    size: int | None = None
    params: int | None = None
    macs: int | None = None
    refused: str = ""


@dataclass(frozen=True)
class Answer:
    """What a search found."""

    best: int
    """Number of the best trial."""
    metric: str
    values: dict[str, Any]
    """The names worth showing, at the best point."""
    beside: dict[str, dict[str, Any]]
    """The same names in published references."""
    comparison: list[Compared]
    vary: str = ""
    family: list[Member] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Answer":
        """What `to_json` wrote."""
        comparison = [Compared(**row) for row in data["comparison"]]
        return cls(**{**data, "comparison": comparison, "family": [Member(**row) for row in data["family"]]})


def answer(
    study: "Study", slots: Slots | None, *, listener: "Listener", interrupts: "Interrupts"
) -> Answer | None:
    """The study's answer, kept with it; without slots, or interrupted, it has no comparison.

    A comparison that was trained before for the same best trial is not trained again. None if no
    trial is complete.
    """
    found = study.store.best(study.row.id)
    if not found:
        return None
    best = found[0]
    kept = study.store.study_attributes(study.row.id).get("answer")
    before = Answer.from_json(kept) if kept else None
    if before and before.best == best.number and (before.comparison or slots is None):
        return before
    rows = compare(study, slots, best, listener=listener, interrupts=interrupts) if slots else []
    result = describe(study.space, best, study.spec.objectives[0].metric, rows)
    study.remember("answer", result.to_json())
    return result


def describe(space: Space, best: TrialRow, metric: str, comparison: list[Compared]) -> Answer:
    """The answer without training anything."""
    said = space.answer
    names = said.show or list(best.point)
    known = {**best.point, **space.derived(best.point)}
    family = said.family
    return Answer(
        best=best.number,
        metric=metric,
        values={name: known[name] for name in names if name in known},
        beside={name: _published(space, best, name, names) for name in said.beside},
        comparison=comparison,
        vary=family.vary if family else "",
        family=[_member(space, best, family.vary, value) for value in family.over] if family else [],
    )


def _published(space: Space, best: TrialRow, reference: str, names: list[str]) -> dict[str, Any]:
    """The names at a reference's settings, in the variant that was searched."""
    settings = space.references[reference].set
    variant = space.variant(settings)
    point = {name: value for name, value in best.point.items() if name in variant.parameters}
    known = {**variant.derived(point), **settings}
    return {name: known[name] for name in names if name in known}


def _member(space: Space, best: TrialRow, vary: str, value: float) -> Member:
    try:
        network = space.member({vary: value}, best.point)
        return Member(value, network.input.size, network.cost.params, network.cost.macs)
    except InfeasibleError as error:
        return Member(value, refused=str(error))


def compare(
    study: "Study", slots: Slots, best: TrialRow, *, listener: "Listener", interrupts: "Interrupts"
) -> list[Compared]:
    """Best network and baseline, each trained anew with fresh seeds; empty if interrupted."""
    from nas.search.events import Note
    from nas.search.repeats import run_requests

    contenders = dict(_contenders(study.space, best))
    if len(contenders) < 2:
        return []
    requests = list(_requests(study, contenders))
    names = " and ".join(contenders)
    listener.on_event(Note(f"training {names} anew with {REPEATS} fresh seeds each, for the comparison"))
    metric = study.spec.objectives[0].metric

    def told(end: AttemptEnd) -> None:
        name = list(contenders)[(end.number - requests[0].number) // REPEATS]
        listener.on_event(Note(f"{name}: {_shown(end, metric)}"))

    ends = run_requests(slots, requests, interrupts=interrupts, on_end=told)
    if len(ends) < len(requests):
        return []
    rows = [
        _compared(name, contender, metric, requests[i * REPEATS : (i + 1) * REPEATS], ends)
        for i, (name, contender) in enumerate(contenders.items())
    ]
    return [row for row in rows if row.values]


def _contenders(space: Space, best: TrialRow) -> Iterator[tuple[str, Contender]]:
    """The best network and the baseline, if there is one that can be."""
    yield f"trial {best.number}", Contender(space, best.point)
    if space.answer.baseline is None:
        return
    base = space.variant(space.answer.baseline.set)
    contender = Contender(base, {k: v for k, v in best.point.items() if k in base.parameters})
    with suppress(InfeasibleError):
        contender.architecture()
        yield "baseline", contender


def _requests(study: "Study", contenders: Mapping[str, Contender]) -> Iterator[Request]:
    from nas.search.keys import trial_key, trial_seed

    spec, number = study.spec, study.row.budget
    for contender in contenders.values():
        arch_id, recipe = contender.architecture().arch_id, contender.space.recipe(contender.point)
        for repeat in range(1, REPEATS + 1):
            number += 1
            key = trial_key(
                arch_id=arch_id, recipe=recipe, evaluator=spec.evaluator, data=spec.data, repeat=repeat
            )
            yield Request(
                study=study.row.name,
                number=number,
                attempt=1,
                space=contender.space.document,
                point=contender.point,
                evaluator=spec.evaluator,
                data=spec.data,
                recipe=recipe,
                seed=trial_seed(key),
                artifacts=f"{study.row.artifacts}/answer",
            )


def _shown(end: AttemptEnd, metric: str) -> str:
    if metric in end.metrics:
        return f"{metric} {end.metrics[metric]:.4g}"
    return (end.message.strip().splitlines() or ["no result"])[-1]


def _compared(
    name: str, contender: Contender, metric: str, requests: list[Request], ends: Mapping[int, AttemptEnd]
) -> Compared:
    cost = contender.architecture().cost
    good = [request for request in requests if metric in ends[request.number].metrics]
    values = [float(ends[request.number].metrics[metric]) for request in good]
    return Compared(name, cost.params, cost.macs, [request.seed for request in good], values)
