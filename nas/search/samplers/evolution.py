"""Regularised evolution: the oldest die (Real et al. 2019, Regularized Evolution for Image Classifier
Architecture Search, arXiv:1802.01548).

The paper has a population of 100, a tournament of 25 and mutations only; here a quarter of those, in
the same proportion, because budgets are smaller, and one child in four has two parents.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nas.records import TrialState
from nas.search.children import Taken, crossed, point_of
from nas.search.history import Past, rank
from nas.search.keys import draw_rng
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals, uniform
from nas.space.moves import mutate, neighbour

POPULATION = 24
"""The latest finished trials: who is older is dead, however good. As many begin at random."""

TOURNAMENT = 6
CROSSED = 0.25

STEP = 0.5
"""How often a mutation is one step; else the label is drawn anew, since steps alone cross a range slowly."""

Rng = np.random.Generator


@SAMPLERS.register("evolution", "regularised evolution: the best of a few recent trials, changed a little")
class EvolutionSampler:
    """Needs nothing but the history: the living are the latest, and running trials are only not repeated."""

    abilities = Abilities()

    def propose(self, ask: Ask) -> Proposals:
        """Random points until a population has finished, then children of tournaments' winners."""
        rows = [past for past in ask.history if past.state is TrialState.COMPLETE and past.values]
        living = sorted(rows, key=lambda past: past.number)[-POPULATION:]
        taken = Taken(ask.space, ask.history, living)
        draws = range(ask.draw, ask.draw + ask.count)
        return Proposals([Proposal(draw, self._point(ask, living, taken, draw)) for draw in draws])

    def _point(self, ask: Ask, living: Sequence[Past], taken: Taken, draw: int) -> dict[str, Any]:
        rng = draw_rng(ask.seed, draw)
        if len(living) < POPULATION:
            return taken.near(uniform(ask, draw), rng)
        return taken.first(lambda: _child(ask, living, rng))


def _child(ask: Ask, living: Sequence[Past], rng: Rng) -> dict[str, Any]:
    one = _winner(ask, living, rng)
    if rng.random() < CROSSED:
        point = crossed(ask.space, one, _winner(ask, living, rng), rng)
    else:
        point = point_of(ask.space, one, rng)
    move = neighbour if rng.random() < STEP else mutate
    return move(ask.space, point, rng)


def _winner(ask: Ask, living: Sequence[Past], rng: Rng) -> Past:
    """The best of a tournament: those that keep all limits come first; of equals the younger."""
    chosen = rng.choice(len(living), size=TOURNAMENT, replace=False)
    rivals = [living[int(i)] for i in chosen]
    return min(rivals, key=lambda past: (*rank(past, ask.objectives), -past.number))
