"""What trials are worth, as one number each: what a model of a single value learns from."""

from collections.abc import Sequence

import numpy as np

from nas.records import Objective, TrialState
from nas.search.history import Past, losses
from nas.search.surrogate.features import Array, quantiles

SUM = 0.05
"""ParEGO's share of the sum: of two rows equal in their worst loss the better one."""


def worth(told: Sequence[Past], objectives: Sequence[Objective], rng: np.random.Generator) -> Array:
    """(trials,): normal quantiles of the ranks by loss, less being better.

    Ranks, because errors have long tails: a network that learned nothing is worth as little as one that
    learned next to nothing. Several losses are weighed at random, each scaled to its own range (Knowles
    2006). A trial beyond a limit comes after all that keep it; a pruned one, whose loss is of an earlier
    epoch, not before the middle of the complete ones.
    """
    loss = _scalar(told, objectives, rng)
    complete = np.array([past.state is TrialState.COMPLETE for past in told])
    if complete.any():
        loss = np.where(complete, loss, np.maximum(loss, np.median(loss[complete])))
    excess = np.array([past.violation for past in told])
    order = np.lexsort((loss, excess))
    if not excess.any():
        return quantiles(loss)
    places = np.empty(len(told))
    places[order] = np.arange(len(told))
    return quantiles(places)


def _scalar(told: Sequence[Past], objectives: Sequence[Objective], rng: np.random.Generator) -> Array:
    if len(objectives) == 1:
        return np.array([losses(past, objectives)[0] for past in told])
    weights = rng.dirichlet(np.ones(len(objectives)))
    table = np.array([_whole(losses(past, objectives), len(objectives)) for past in told])
    low, high = np.nanmin(table, axis=0), np.nanmax(table, axis=0)
    scaled = np.nan_to_num((table - low) / np.where(high > low, high - low, 1.0), nan=1.0) * weights
    weighed: Array = scaled.max(axis=1) + SUM * scaled.sum(axis=1)
    return weighed


def _whole(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    """A pruned trial may lack objectives."""
    return (*values, *[float("nan")] * (count - len(values)))
