"""A Gaussian process with expected improvement, Optuna's (Jones et al. 1998; Ament et al. 2023,
arXiv:2310.20708, for its logarithm; Daulton et al. 2020, arXiv:2006.05078, for several objectives)."""

from typing import Any

from optuna.samplers import GPSampler as OptunaGP

from nas.records import TrialState
from nas.search.bridge import frozen, memory_study, walk
from nas.search.children import Taken
from nas.search.history import bounded
from nas.search.keys import draw_rng, draw_seed
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals, uniform

STARTUP = 10
"""Random points before the first fit, as in Optuna."""

BEST, LATEST = 60, 60
"""The history it is fitted to; a fit grows with the cube of it."""


@SAMPLERS.register("gp", "a Gaussian process: few, dear trials over numbers that are always there")
class GpSampler:
    """Optuna's GP, fitted once more for every draw: half a second each, so for trials of minutes.

    Running trials count as if they had ended as the process expects (Optuna's qLogEI).
    """

    abilities = Abilities(several=True, conditional=False, trials=1000)

    def propose(self, ask: Ask) -> Proposals:
        """Points in draw order; later ones of a batch see the earlier ones as running."""
        rows = bounded(ask.history, ask.objectives, best=BEST, latest=LATEST)
        complete = [past for past in rows if past.state is TrialState.COMPLETE]
        taken = Taken(ask.space, rows)
        draws = range(ask.draw, ask.draw + ask.count)
        if len(complete) < STARTUP:
            points = [taken.near(uniform(ask, draw), draw_rng(ask.seed, draw)) for draw in draws]
            return Proposals([Proposal(draw, point) for draw, point in zip(draws, points, strict=True)])
        return Proposals(self._fitted(ask, rows, taken))

    def _fitted(self, ask: Ask, rows: Any, taken: Taken) -> list[Proposal]:
        """One sampler for the batch, so that each fit begins where the one before ended."""
        sampler = OptunaGP(seed=draw_seed(ask.seed, ask.draw), n_startup_trials=STARTUP)
        study = memory_study([frozen(past, ask.space) for past in rows], sampler, ask.objectives)
        items = []
        for draw in range(ask.draw, ask.draw + ask.count):
            point = walk(ask.space, study.ask())
            items.append(Proposal(draw, taken.near(point, draw_rng(ask.seed, draw))))
        return items
