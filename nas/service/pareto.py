"""What is best in a study: one trial, or the front of those that none other beats in every objective.

Trials beyond a limit of the study are no answer. Where no trial keeps all limits the nearest one is shown,
and that it is no more than that is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nas.errors import NasError, UnknownNameError
from nas.records import Objective, StudySpec, TrialState
from nas.search.frontier import Step, Told, frontier
from nas.search.outcome import beyond, excess_of
from nas.service import networks
from nas.service.networks import Network
from nas.service.values import limits as bounds
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow


@dataclass(frozen=True)
class Pareto:
    """A study's front."""

    study: str
    objectives: tuple[Objective, ...]
    front: list[TrialRow]
    """Complete trials that keep all limits, by the first objective, best first; of ties the first to end.
    Of networks with repeats the first trial, with the means of all."""
    reference: dict[str, float]
    """By metric: what the hypervolume is measured from."""
    hypervolume: float
    """In the product of the objectives' units; only comparable with the same reference."""
    history: list[Step]
    """Size and hypervolume as trials ended: those that keep all limits, in the order of their ends."""
    complete: int
    beyond: int
    """Complete trials beyond a limit."""


def pareto(store: Store, name: str, reference: Sequence[str] = ()) -> Pareto:
    """The front of a study, its hypervolume and their history.

    `reference` names a value of each objective that is worse than the front, as `error=1`, `macs=1G`;
    for those that it leaves out it is the worst value among all complete trials of the study. Networks
    with repeats count once, by their first trial with the means of all.
    """
    row = store.study(name)
    rows = networks.complete(store, row)
    if not rows:
        raise nothing_yet(name)
    rows = sorted(rows, key=lambda trial: (trial.ended_s or 0.0, trial.number))
    told = [Told(t.number, t.values, _keeps(t, row.spec)) for t in rows]
    plain = frontier(told, row.spec.objectives)
    corner = dict(zip((o.metric for o in row.spec.objectives), plain.reference, strict=True))
    corner |= _given(reference, row.spec.objectives)
    found = frontier(told, row.spec.objectives, list(corner.values()), history=True)
    by_number = {trial.number: trial for trial in rows}
    return Pareto(
        study=name,
        objectives=row.spec.objectives,
        front=[by_number[number] for number in found.numbers],
        reference=corner,
        hypervolume=found.hypervolume,
        history=found.history,
        complete=len(rows),
        beyond=sum(not each.feasible for each in told),
    )


@dataclass(frozen=True)
class Standing:
    """What is best in a study by now."""

    best: TrialRow | None = None
    """With one objective; and where no trial keeps the limits, the nearest one."""
    front: Pareto | None = None
    """With several."""
    unmet: str = ""
    """That no trial keeps the limits, and what the nearest one is like."""
    network: Network | None = None
    """The repeats of the best network, where networks have several trials each."""


def standing(store: Store, row: StudyRow) -> Standing:
    """The best trial of a study or its front, or what comes nearest."""
    found = leaders(store, row)
    unmet = missed(found[0], row) if found else ""
    several = len(row.spec.objectives) > 1
    best = found[0] if found and (unmet or not several) else None
    front = pareto(store, row.name) if found and several else None
    return Standing(best, front, unmet, networks.behind(store, row, best))


def missed(trial: TrialRow, row: StudyRow) -> str:
    """What to say of the best trial where no trial keeps the limits of a study; nothing where it does."""
    said = beyond(trial.metrics, row.spec.limits)
    return f"no trial keeps the limits; the nearest is trial {trial.number}: {said}" if said else ""


def leaders(store: Store, row: StudyRow, count: int = 1) -> list[TrialRow]:
    """The best complete trials by the first objective; if none keeps the limits, those nearest to them."""
    found = networks.best(store, row, count)
    if found or not row.spec.limits:
        return found
    if row.spec.repeat > 1:
        return [each.trial for each in networks.networks(store, row, count)]

    def violation(trial: TrialRow) -> tuple[float, int]:
        amounts = excess_of(trial.metrics, row.spec.limits)
        return sum(amount for amount in amounts if amount > 0), trial.number

    return sorted(store.trials(row.id, states=[TrialState.COMPLETE]), key=violation)[:count]


def _keeps(trial: TrialRow, spec: StudySpec) -> bool:
    return all(amount <= 0 for amount in excess_of(trial.metrics, spec.limits))


def nothing_yet(name: str) -> NasError:
    """That a study has no result, and what to type."""
    return NasError(f"study {name!r} has no complete trial yet: see nas trials {name}, nas resume {name}")


def _given(reference: Sequence[str], objectives: Sequence[Objective]) -> dict[str, float]:
    parts = [part for text in reference for part in text.split(",")]
    given = bounds(parts, "--reference")
    names = [objective.metric for objective in objectives]
    for name in given:
        if name not in names:
            raise UnknownNameError("objective", name, names, "--reference: ")
    return {name: float(value) for name, value in given.items()}
