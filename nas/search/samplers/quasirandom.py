"""Quasi-random search: points of Sobol's sequence, scrambled, more even than chance (Bergstra & Bengio
2012, Random Search for Hyper-Parameter Optimization; Owen 1998, doi:10.1006/jcom.1998.0487)."""

import warnings
from typing import Any

import numpy as np

from nas.search.axes import labels_of, quantile
from nas.search.keys import draw_rng, draw_seed
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals
from nas.space.domains import Domain
from nas.space.space import Space


@SAMPLERS.register("quasirandom", "points of Sobol's sequence: more even than random draws")
class QuasirandomSampler:
    """Draw d is point d of the study's sequence, label by label along the walk through the space.

    Optuna's QMCSampler would need the labels of a first trial, and leaves conditional ones to chance.
    """

    abilities = Abilities(several=True)

    def __init__(self) -> None:
        self._known: tuple[Space, dict[str, int]] | None = None

    def propose(self, ask: Ask) -> Proposals:
        """One point of the sequence per draw, whatever came of the others."""
        axes = self._axes(ask.space)
        rows = _sobol(max(1, len(axes)), ask.seed, ask.draw, ask.count)
        draws = range(ask.draw, ask.draw + ask.count)
        return Proposals(
            [Proposal(draw, _point(ask, axes, row, draw)) for draw, row in zip(draws, rows, strict=True)]
        )

    def _axes(self, space: Space) -> dict[str, int]:
        if self._known is None or self._known[0] is not space:
            self._known = space, {label: axis for axis, label in enumerate(labels_of(space))}
        return self._known[1]


def _sobol(axes: int, seed: int, first: int, count: int) -> Any:
    """Points `first, first + 1, …` of a scrambled sequence: rows of numbers in [0, 1)."""
    from scipy.stats import qmc  # takes a second, and most studies do not need it

    sequence = qmc.Sobol(axes, scramble=True, rng=np.random.default_rng(draw_seed(seed, 0)))
    if first:
        sequence.fast_forward(first)
    with warnings.catch_warnings():  # it wants powers of two; draws come as they are needed
        warnings.simplefilter("ignore", UserWarning)
        return sequence.random(count)


def _point(ask: Ask, axes: dict[str, int], row: Any, draw: int) -> dict[str, Any]:
    rng = draw_rng(ask.seed, draw)

    def choose(label: str, domain: Domain) -> Any:
        return quantile(domain, float(row[axes[label]]) if label in axes else float(rng.random()))

    return ask.space.walk(choose)
