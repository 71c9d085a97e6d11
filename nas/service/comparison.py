"""An honest comparison: the best network and one that no search was needed for, evaluated anew."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nas.cost.architecture import Architecture
from nas.errors import NasError
from nas.records import AttemptEnd, Request, Slots
from nas.space.space import Space
from nas.store.rows import TrialRow

if TYPE_CHECKING:  # Optuna is loaded by those who search
    from nas.search.events import Listener
    from nas.search.interrupts import Interrupts
    from nas.search.study import Study

REPEATS = 3
"""Fresh seeds per network."""


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

    name: str
    space: Space
    point: Mapping[str, Any]

    def architecture(self) -> Architecture:
        """Its network."""
        return self.space.architecture(self.point)


def baseline(space: Space, point: Mapping[str, Any]) -> Contender | None:
    """The network that needs no search, beside a point; None if the space names none."""
    if space.answer.baseline is None:
        return None
    base = space.variant(space.answer.baseline.set)
    return Contender("baseline", base, base.active({k: v for k, v in point.items() if k in base.parameters}))


def compare(
    study: "Study", slots: Slots, best: TrialRow, *, listener: "Listener", interrupts: "Interrupts"
) -> list[Compared]:
    """Best network and baseline, each trained anew with fresh seeds; empty if interrupted."""
    from nas.search.events import Note
    from nas.search.repeats import run_requests

    try:
        contenders = list(_contenders(study.space, best))
        requests = list(_requests(study, contenders))
    except NasError as error:
        listener.on_event(Note(f"no comparison: the baseline cannot be beside trial {best.number}: {error}"))
        return []
    if len(contenders) < 2:
        return []
    names = " and ".join(contender.name for contender in contenders)
    listener.on_event(Note(f"evaluating {names} anew with {REPEATS} fresh seeds each, for the comparison"))
    metric = study.spec.objectives[0].metric

    def told(end: AttemptEnd) -> None:
        which, repeat = divmod(end.number - requests[0].number, REPEATS)
        seed = f"{contenders[which].name}, seed {repeat + 1} of {REPEATS}"
        listener.on_event(Note(f"{seed}: {_shown(end, metric)}"))

    ends = run_requests(slots, requests, interrupts=interrupts, on_end=told)
    if len(ends) < len(requests):
        return []
    rows = [
        _compared(contender, metric, requests[i * REPEATS : (i + 1) * REPEATS], ends)
        for i, contender in enumerate(contenders)
    ]
    return [row for row in rows if row.values]


def _contenders(space: Space, best: TrialRow) -> Iterator[Contender]:
    """The best network and the baseline; the baseline's own error if it cannot be."""
    yield Contender(f"trial {best.number}", space, best.point)
    if (base := baseline(space, best.point)) is not None:
        yield base


def _requests(study: "Study", contenders: Sequence[Contender]) -> Iterator[Request]:
    from nas.search.keys import trial_key, trial_seed

    spec, number = study.spec, study.row.budget
    for contender in contenders:
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
                timeout_s=spec.timeout_s,
                objectives=spec.objectives,
            )


def _shown(end: AttemptEnd, metric: str) -> str:
    if metric in end.metrics:
        return f"{metric} {end.metrics[metric]:.4g}"
    return (end.message.strip().splitlines() or ["no result"])[-1]


def _compared(
    contender: Contender, metric: str, requests: list[Request], ends: Mapping[int, AttemptEnd]
) -> Compared:
    cost = contender.architecture().cost
    good = [request for request in requests if metric in ends[request.number].metrics]
    values = [float(ends[request.number].metrics[metric]) for request in good]
    return Compared(contender.name, cost.params, cost.macs, [request.seed for request in good], values)
