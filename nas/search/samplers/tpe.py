"""TPE: tree-structured Parzen estimators (Bergstra et al. 2011; Watanabe 2023, arXiv:2304.11127)."""

import warnings
from collections.abc import Sequence
from dataclasses import replace

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import TPESampler as OptunaTPE
from optuna.trial import FrozenTrial

from nas.records import TrialState
from nas.search.bridge import frozen, memory_study, walk
from nas.search.children import Taken
from nas.search.history import Past, bounded
from nas.search.keys import draw_rng, draw_seed
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals
from nas.space.space import Space


@SAMPLERS.register("tpe", "tree-structured Parzen estimators, Optuna's default")
class TpeSampler:
    """Optuna's TPE, rebuilt for every ask from the best 100 and latest 100 trials and the running ones.

    Only the translation of finished trials is remembered, since a finished trial never changes.
    """

    abilities = Abilities(several=True)

    def __init__(self) -> None:
        self._frozen: dict[int, tuple[Past, FrozenTrial]] = {}

    def propose(self, ask: Ask) -> Proposals:
        """Points in draw order; later ones of a batch see the earlier ones as running."""
        rows = _comparable(bounded(ask.history, ask.objectives), len(ask.objectives))
        trials = [self._translate(past, ask.space) for past in rows]
        study = memory_study(trials, self._sampler(ask, ask.draw), ask.objectives)
        taken, items = Taken(ask.space, rows), []
        for draw in range(ask.draw, ask.draw + ask.count):
            study.sampler = self._sampler(ask, draw)
            point = walk(ask.space, study.ask())
            items.append(Proposal(draw, taken.near(point, draw_rng(ask.seed, draw))))
        return Proposals(items)

    def _sampler(self, ask: Ask, draw: int) -> OptunaTPE:
        varies = any(p.when is not None or p.length is not None for p in ask.space.parameters.values())
        group = varies and len(ask.objectives) == 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return OptunaTPE(seed=draw_seed(ask.seed, draw), group=group)

    def _translate(self, past: Past, space: Space) -> FrozenTrial:
        known = self._frozen.get(past.number)
        if known is not None and known[0] == past:
            return known[1]
        trial = frozen(past, space)
        if past.state is not TrialState.RUNNING:
            self._frozen[past.number] = (past, trial)
        return trial


def _comparable(rows: Sequence[Past], objectives: int) -> list[Past]:
    """Optuna takes no pruned trials with several objectives: there each counts as complete, with what it
    had told when it was stopped, if that is all of them; else it is left out."""
    if objectives == 1:
        return list(rows)
    told = [past for past in rows if past.state is not TrialState.PRUNED or len(past.values) == objectives]
    complete = TrialState.COMPLETE
    return [replace(p, state=complete) if p.state is TrialState.PRUNED else p for p in told]
