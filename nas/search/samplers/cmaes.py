"""CMA-ES, the evolution strategy that learns which steps go together (Hansen 2016, arXiv:1604.00772).

Nothing of its state is stored. A trial keeps in its attributes which sample it was, of which generation of
which run, and with whom the generation before was told: so the optimiser is told again what it was told.
A generation ends with as many results as it has members; what is still running then comes too late for it,
and with s slots and generations of m that is up to s - 1 of m + s - 1 trials.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nas.records import Objective, TrialState
from nas.search.axes import Axes
from nas.search.children import Taken
from nas.search.climb import Climb, population
from nas.search.history import TOLD, Past, rank
from nas.search.keys import draw_rng, draw_seed
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals, uniform
from nas.search.surrogate import alone
from nas.space.space import Space

TRIES = 32
"""Samples for one draw; where none of them is a new network, and some are known ones, the run has ended."""

Stage = tuple[int, int]
"""A run and a generation of it, both from 0."""

Batch = tuple[Past, ...]


@dataclass
class Members:
    """Who belongs to a generation, by number."""

    told: list[Past] = field(default_factory=list)
    before: Sequence[int] = ()
    """Whom the generation before was told with, as the first of its trials says."""


@dataclass
class Standing:
    """Where the search stands: what to sample from, and what the trials keep of it."""

    climb: Climb
    stage: Stage
    before: Sequence[int] = ()

    def attributes(self, draw: int, tried: int) -> dict[str, Any]:
        """Those of the trial that is the sample number `tried` of a draw."""
        marks = {"run": self.stage[0], "generation": self.stage[1], "sample": [draw, tried]}
        return {**marks, "told": list(self.before)} if self.before else marks


@SAMPLERS.register("cmaes", "CMA-ES with margin: hundreds of trials over numbers, and choices beside them")
class CmaesSampler:
    """Tells generations in order, of the latest run; it remembers the optimiser after the last whole one,
    with what that was told, so that an ask replays only what is new."""

    abilities = Abilities()

    def __init__(self) -> None:
        self._known: tuple[Space, Axes] | None = None
        self._from: tuple[Any, ...] = ()
        self._climb: Climb | None = None
        self._told: list[Batch] = []

    def propose(self, ask: Ask) -> Proposals:
        """New, feasible samples of the present generation, as far as a few tries find them."""
        taken = Taken(ask.space, ask.history)
        draws = range(ask.draw, ask.draw + ask.count)
        axes = self._axes(ask.space)
        if not len(axes):
            return Proposals([Proposal(draw, uniform(ask, draw)) for draw in draws])
        items = []
        with alone().limit(limits=1):
            standing = self._standing(ask, axes)
            for draw in draws:
                item = _sampled(ask, standing, taken, draw)
                if item is None:
                    standing = _next_run(ask, axes, standing.stage[0])
                    item = _sampled(ask, standing, taken, draw) or Proposal(draw, uniform(ask, draw))
                items.append(item)
        return Proposals(items)

    def _axes(self, space: Space) -> Axes:
        if self._known is None or self._known[0] is not space:
            self._known = space, Axes(space)
        return self._known[1]

    def _standing(self, ask: Ask, axes: Axes) -> Standing:
        run, batches = _batches(ask, axes)
        climb = self._replayed(ask, axes, run, batches)
        if climb.ended:
            return _next_run(ask, axes, run)
        before = [past.number for past in batches[-1]] if batches else ()
        return Standing(climb, (run, len(batches)), before)

    def _replayed(self, ask: Ask, axes: Axes, run: int, batches: list[Batch]) -> Climb:
        """The optimiser that has been told these; the one remembered, if it was told the first of them."""
        begun = (ask.space, ask.seed, ask.objectives, run)
        alike = self._from[1:] == begun[1:] and self._from[0] is ask.space
        if self._climb is None or not alike or self._told != batches[: len(self._told)]:
            self._from, self._climb, self._told = begun, _begun(ask, axes, run), []
        for batch in batches[len(self._told) :]:
            _tell(ask, self._climb, batch)
            self._told.append(batch)
        return self._climb


def _next_run(ask: Ask, axes: Axes, run: int) -> Standing:
    return Standing(_begun(ask, axes, run + 1), (run + 1, 0))


def _begun(ask: Ask, axes: Axes, run: int) -> Climb:
    """A new run: the first begins in the middle of the space, any other at a random point."""
    start = ask.space.draw(draw_rng(draw_seed(ask.seed, run), run)) if run else None
    return Climb(axes, run, ask.space.labels(start) if start else {})


def _sampled(ask: Ask, standing: Standing, taken: Taken, draw: int) -> Proposal | None:
    """The first of a few samples that is a new network; None if the law finds only what is known.

    Where it finds nothing feasible, a sample as it comes: the study counts why it is refused.
    """
    rng, known, point = draw_rng(ask.seed, draw), False, dict[str, Any]()
    for tried in range(TRIES):
        solution = standing.climb.sample(_seed(ask, draw, tried))
        point = standing.climb.point(ask.space, solution, rng)
        free = taken.take(point)
        if ask.priced.cost(point) is None:
            continue
        if free and ask.priced.new(point):
            return Proposal(draw, point, standing.attributes(draw, tried))
        known = True
    return None if known else Proposal(draw, point)


def _seed(ask: Ask, draw: int, tried: int) -> int:
    return draw_seed(draw_seed(ask.seed, draw), tried)


def _batches(ask: Ask, axes: Axes) -> tuple[int, list[Batch]]:
    """The latest run, and with whom its whole generations were told."""
    found, (run, last) = _members(ask.history)
    size, batches = population(axes, run), list[Batch]()
    for generation in range(last + 1):
        told = found.get((run, generation), Members()).told
        numbers = set(found.get((run, generation + 1), Members()).before)
        batch = [past for past in told if past.number in numbers]
        batch = batch if len(batch) == size else told[:size]
        if generation < last or len(batch) == size:
            batches.append(tuple(batch))
    return run, batches


def _members(history: Iterable[Past]) -> tuple[dict[Stage, Members], Stage]:
    """All generations, and the latest.

    A trial of another origin is of the first generation of the run that it fell into: later ones are
    narrow, and what lies far outside of them would throw the optimiser off.
    """
    found, here = dict[Stage, Members](), (0, 0)
    for past in sorted(history, key=lambda past: past.number):
        marks = past.attributes
        own = (marks.get("run", 0), marks["generation"]) if "sample" in marks else None
        if own is None and here[1] > 0:
            continue
        here = max(here, own or here)
        members = found.setdefault(own or here, Members())
        members.before = members.before or marks.get("told", ())
        if past.state in TOLD and past.values:
            members.told.append(past)
    return found, here


def _tell(ask: Ask, climb: Climb, batch: Batch) -> None:
    """Tell a generation, if it is whole: trials may be missing from a study that was copied in parts."""
    if len(batch) < climb.population:
        return
    ranked = sorted(batch, key=lambda past: (_worth(past, ask.objectives), past.number))
    climb.tell([_solution(ask, climb, past) for past in ranked], _worth(ranked[0], ask.objectives))


def _solution(ask: Ask, climb: Climb, past: Past) -> Any:
    """The sample that a trial was, drawn again; that of its labels, if it has another origin."""
    if "sample" not in past.attributes:
        return climb.solution(past.labels, _seed(ask, past.number, 0))
    return climb.sample(_seed(ask, *past.attributes["sample"]))


def _worth(past: Past, objectives: Sequence[Objective]) -> tuple[Any, ...]:
    """Less is better. What keeps all limits comes first, and what was pruned last, the earliest behind."""
    violation, losses = rank(past, objectives)
    pruned = past.state is TrialState.PRUNED
    return violation, pruned, -past.epochs if pruned else 0, losses
