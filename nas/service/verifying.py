"""What a proxy, or a short training, is worth on a study: how far it orders networks as full training does.

The networks' own sizes stand beside them: a proxy that orders no better than the number of parameters is
worth nothing. White et al. 2021, How Powerful are Performance Predictors in Neural Architecture Search?,
arXiv:2104.01177, compare predictors so.
"""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nas.errors import NasError
from nas.records import AttemptEnd, Request, Screen
from nas.search.analysis import Ahead, Ranks, ahead, best_ordering, rank_correlation
from nas.search.analysis.ranks import LEAST
from nas.service.early import Curves, curves_of
from nas.service.plain import counted
from nas.service.results import Results, refuse_nothing, results
from nas.service.screening import screen_of
from nas.service.values import bounded
from nas.service.views.columns import Array, Floats, evenly
from nas.space.load import shipped_names
from nas.store import Store
from nas.store.rows import TrialRow
from workers.spaces import space_of

SCORED = 200
"""Networks that a proxy is computed of, if nobody says how many."""
HOPELESS = 3
"""A proxy that fails on the first so many networks is not tried on others."""
FEW = 8
"""Epochs that are taken where none of them is a power of 2."""
TRIVIAL = ("params", "macs")

OnScored = Callable[[str, int, int], None]
"""Hears of a proxy, how many networks it has scored, and of how many."""


@dataclass(frozen=True)
class Score:
    """One way to foretell the results of full training."""

    name: str
    kind: str
    """`epochs`: the same metric early in the training; `proxy`; `cost`: a size, more being better."""
    ranks: Ranks | None
    """How well it orders networks; None where `why_not`."""
    ahead: Ahead | None
    """Of the better one of the sizes, on the same networks; of these none, and none where all networks have
    the same sizes."""
    beside: str
    """Which of the sizes that is."""
    seconds: float | None
    """A network, the median; of a short training None."""
    failed: int
    """Networks that have no such score."""
    why_not: str

    @property
    def worth(self) -> bool:
        """Whether it surely says more than the networks' sizes do; where these say nothing, anything."""
        if self.ahead is not None:
            return self.ahead.ci_low > 0
        return self.ranks is not None and self.ranks.ci_low > 0


@dataclass(frozen=True)
class Verified:
    """What foretells the results of a study."""

    study: str
    space: str
    """By which it is searched again; empty where it is not shipped, or where nothing is trained."""
    data: str
    metric: str
    minimize: bool
    n: int
    """Complete networks with a finite value."""
    scores: list[Score]
    """Short trainings by epochs, then proxies, then sizes."""


def verify(
    store: Store,
    name: str,
    *,
    proxies: Sequence[str] = (),
    epochs: Sequence[int] | None = None,
    metric: str | None = None,
    limit: int = SCORED,
    on_scored: OnScored | None = None,
) -> Verified:
    """Rank correlations with what complete trials of a study ended with, by default the first objective.

    `proxies` are computed now, here, of up to `limit` networks, evenly over all; in a study on a table they
    are its columns, as `--screen` takes them. `epochs`: the metric after so many; None: after 1, 2, 4, … as
    far as the study has curves. Networks with repeats have their mean as truth, their first trial's curve.

    Raises:
        UnknownNameError: no such metric or proxy.
        NasError: fewer than four networks, no curves, or a proxy that fails on them.
    """
    bounded(limit, "--limit", low=LEAST)
    row = store.study(name)
    found = results(store, row, metric)
    refuse_nothing(found)
    if len(found.values) < LEAST or not np.ptp(found.values):
        raise NasError(
            f"study {name!r} has {len(found.values)} complete networks with {found.aim.metric}: a rank "
            f"correlation takes at least {LEAST}, and not all equal; nas resume {name} --trials +24"
        )
    screens = [screen_of(text, row.spec.evaluator, space_of(row.spec.space)) for text in proxies]
    scores = _short(store, found, epochs)
    scores += [_proxy(store, found, screen, limit, on_scored) for screen in screens if screen]
    scores += [_sized(found, size) for size in TRIVIAL if size != found.aim.metric]
    shipped = row.spec.evaluator == "train" and row.spec.space_name in shipped_names()
    space = row.spec.space_name if shipped else ""
    return Verified(
        name, space, row.spec.data, found.aim.metric, found.aim.minimize, len(found.values), scores
    )


def epochs_of(text: str) -> list[int]:
    """The epochs that `--epochs 1,2,4` asks for."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise NasError(f"--epochs {text!r}: write whole numbers with commas, such as --epochs 1,2,4")
    return sorted({bounded(int(part), "--epochs") for part in parts})


# Short trainings


def _short(store: Store, found: Results, epochs: Sequence[int] | None) -> list[Score]:
    if epochs is not None and not epochs:
        return []
    curves = curves_of(store, found)
    early = curves.early
    if epochs and not early:
        raise NasError(
            f"--epochs {','.join(map(str, epochs))}: the trials of {found.study.name} have no curves; they "
            f"told {found.aim.metric} once, at their end"
        )
    return [_at(found, curves, epoch) for epoch in (_usual(early) if epochs is None else epochs)]


def _usual(early: Sequence[int]) -> list[int]:
    """1, 2, 4, … as far as there are curves; of a few other epochs all."""
    powers = [epoch for epoch in early if epoch & (epoch - 1) == 0]
    return powers or list(early[:FEW])


def _at(found: Results, curves: Curves, epoch: int) -> Score:
    """The metric after an epoch, of networks that were trained longer."""
    plural = "s" if epoch > 1 else ""
    score = Score(f"{found.aim.metric} after {epoch} epoch{plural}", "epochs", None, None, "", None, 0, "")
    if curves.flat:
        return replace(score, why_not="it is the same in all epochs, so that early ones foretell nothing")
    early = curves.after(epoch) * (-1 if found.aim.minimize else 1)
    return _judged(found, np.arange(len(early)), early, score)


# Proxies


def _proxy(store: Store, found: Results, screen: Screen, limit: int, on_scored: OnScored | None) -> Score:
    places = evenly(len(found.values), limit)
    rows = store.pick_trials(found.study.id, [found.numbers[place] for place in places])
    by_number = {row.number: row for row in rows}
    told: list[float] = []
    seconds: list[float] = []
    why = ""
    for done, place in enumerate(places, 1):
        begun = time.perf_counter()
        end = _scored(found, by_number[found.numbers[place]], screen)
        told.append(end.metrics.get(screen.proxy, math.nan) if end.cause is None else math.nan)
        if math.isfinite(told[-1]):
            seconds.append(time.perf_counter() - begun)
        else:
            why = (end.message.strip().splitlines() or ["its score is no number"])[-1]
        if done == HOPELESS and not seconds:
            raise NasError(f"--proxy {screen.proxy}: it fails on the first {done} networks: {why}")
        if on_scored is not None:
            on_scored(screen.proxy, done, len(places))
    values = np.array(told) * (-1 if screen.minimize else 1)
    score = Score(screen.proxy, "proxy", None, None, "", statistics.median(seconds), 0, "")
    return _judged(found, places, values, score)


def _scored(found: Results, trial: TrialRow, screen: Screen) -> AttemptEnd:
    """What the proxy says of a network, with the seed that its training had."""
    from workers.run import run_attempt

    study, space = found.study, space_of(found.study.spec.space)
    request = Request(
        study=study.name,
        number=trial.number,
        attempt=1,
        space=space.document,
        point=trial.point,
        evaluator=screen.evaluator,
        data=study.spec.data,
        recipe=space.recipe(trial.point),
        seed=trial.seed,
        artifacts=study.artifacts,
    )
    *_, end = run_attempt(request)
    assert isinstance(end, AttemptEnd)
    return end


# Sizes


def _sized(found: Results, size: str) -> Score:
    score = Score(size, "cost", None, None, "", 0.0, 0, "")
    return _judged(found, np.arange(len(found.values)), found.costs[size], score)


def _judged(found: Results, places: Array, values: Floats, score: Score) -> Score:
    """A score with what it is worth; `values` are of the networks at `places`, more being better."""
    known = np.isfinite(values)
    there, values = places[known], values[known]
    score = replace(score, failed=int((~known).sum()))
    if len(values) < LEAST:
        return replace(score, why_not=f"{counted(len(values), 'network')} with it: it takes {LEAST}")
    if not np.ptp(values):
        return replace(score, why_not="it says the same of all networks")
    truth = -found.losses[there]
    score = replace(score, ranks=rank_correlation(values, truth))
    sizes = {size: found.costs[size][there] for size in TRIVIAL if size != found.aim.metric}
    telling = {size: row for size, row in sizes.items() if np.ptp(row)}
    if score.kind == "cost" or not telling:
        return score
    beside = best_ordering(telling, truth)
    return replace(score, ahead=ahead(values, telling[beside], truth), beside=beside)
