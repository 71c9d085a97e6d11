"""Genetic samplers that go by generations: Optuna says who survives, our own moves make the children.

Optuna's children are crossed in the parameters that all parents share, and leave conditional ones to
chance; `nas.space.moves` crosses those too. Rates are Optuna's: nine of ten children are crossed, with
even chances for every label, and each of n labels is drawn anew with a chance of 1/n.

A trial keeps its generation as its attribute, the study the parents of the present one. A trial of
another origin (enqueued, or drawn where the sampler was stuck) is of the generation of those before it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.samplers import BaseGASampler
from optuna.trial import TrialState as OptunaState, create_trial

from nas.records import Objective, TrialState
from nas.search.bridge import constraints, memory_study
from nas.search.children import Taken, crossed, point_of, redrawn
from nas.search.fronts import dominates
from nas.search.history import Past, losses
from nas.search.keys import draw_rng, draw_seed
from nas.search.samplers import Abilities, Ask, Proposal, Proposals, uniform

POPULATION = 24
"""Trials of a generation. Optuna has 50, but a training is dear, and selection only begins with the
second generation."""

CROSSED = 0.9

MakeSampler = Callable[[int], BaseGASampler]


@dataclass(frozen=True)
class Standing:
    """Where the evolution stands: the present generation and its parents."""

    generation: int
    parents: Sequence[Past]


class Generations:
    """Proposes the children of the survivors that an Optuna sampler selects.

    A generation ends with its `POPULATION`th finished trial; what is still running then is late, and
    competes for survival only if it ends before the next generation does.
    """

    abilities = Abilities(several=True)

    def __init__(self, make: MakeSampler) -> None:
        self._make = make

    def propose(self, ask: Ask) -> Proposals:
        """Random points in generation 0, then children; the study's attributes if a generation began."""
        standing, attributes = self._standing(ask)
        taken = Taken(ask.space, ask.history, standing.parents)
        items = [self._draw(ask, standing, taken, ask.draw + i) for i in range(ask.count)]
        return Proposals(items, attributes)

    def _draw(self, ask: Ask, standing: Standing, taken: Taken, draw: int) -> Proposal:
        rng = draw_rng(ask.seed, draw)
        if standing.parents:
            point = taken.first(lambda: _child(ask, standing.parents, rng))
        else:
            point = taken.near(uniform(ask, draw), rng)
        return Proposal(draw, point, {"generation": standing.generation})

    def _standing(self, ask: Ask) -> tuple[Standing, dict[str, Any] | None]:
        """The present generation; with its attributes where they are not the study's yet."""
        members = _members(ask)
        present = max(members, default=0)
        if len(members.get(present, ())) >= POPULATION:
            present += 1
        known = {past.number: past for rows in members.values() for past in rows}
        stored = ask.attributes.get("parents", ())
        before = [known[number] for number in stored if number in known]
        if present == ask.attributes.get("generation", 0):
            return Standing(present, before), None
        parents = self._survivors(ask, present, [*before, *members.get(present - 1, ())])
        numbers = [past.number for past in parents]
        return Standing(present, parents), {"generation": present, "parents": numbers}

    def _survivors(self, ask: Ask, generation: int, rows: Sequence[Past]) -> list[Past]:
        """Those that Optuna keeps of last generation's members and parents, by number."""
        rows = sorted({past.number: past for past in rows}.values(), key=lambda past: past.number)
        sampler = self._make(draw_seed(ask.seed, generation))
        kept = _selected(sampler, rows, ask.objectives)
        return sorted(kept, key=lambda past: past.number)


def _members(ask: Ask) -> Mapping[int, list[Past]]:
    """The finished trials by generation, in the order of their numbers."""
    found: dict[int, list[Past]] = {}
    generation = 0
    for past in sorted(ask.history, key=lambda past: past.number):
        generation = past.attributes.get("generation", generation)
        if past.state is TrialState.COMPLETE and len(past.values) == len(ask.objectives):
            found.setdefault(generation, []).append(past)
    return found


def _selected(sampler: BaseGASampler, rows: Sequence[Past], objectives: Sequence[Objective]) -> list[Past]:
    """Optuna's selection, as it goes from generation 0 to generation 1 of a study of these trials.

    It looks up generations by an attribute named after its class, and needs values, not parameters.
    """
    mark = {f"{type(sampler).__name__}:generation": 0}
    trials = [
        create_trial(
            state=OptunaState.COMPLETE,
            values=list(past.values),
            system_attrs=dict(mark),
            constraints=constraints(past),
        )
        for past in rows
    ]
    study = memory_study(trials, sampler, objectives)
    return [rows[trial.number] for trial in sampler.select_parent(study, 1)]


def _child(ask: Ask, parents: Sequence[Past], rng: np.random.Generator) -> dict[str, Any]:
    one = _winner(ask, parents, rng)
    if rng.random() < CROSSED and len(parents) > 1:
        other = _winner(ask, [past for past in parents if past is not one], rng)
        child = crossed(ask.space, one, other, rng)
    else:
        child = point_of(ask.space, one, rng)
    return redrawn(ask.space, child, rng)


def _winner(ask: Ask, parents: Sequence[Past], rng: np.random.Generator) -> Past:
    """One of two at random: the second if it dominates the first, or lies less beyond limits."""
    one, other = (parents[int(rng.integers(len(parents)))] for _ in range(2))
    if one.violation != other.violation:
        return min(one, other, key=lambda past: past.violation)
    worse = dominates(losses(other, ask.objectives), losses(one, ask.objectives))
    return other if worse else one
