"""The default: expected improvement under a Gaussian process that knows what networks cost.

What a network costs is known before it is trained, and says much about what it is worth: the process sees
parameters, multiply-adds, activations, depth, receptive field and paths beside the point itself, and a
proxy's score where the study screens. Of a few hundred feasible, new candidates those are proposed that
promise most. Several objectives are taken one way at a time, by random weights (ParEGO, Knowles 2006).
Bayesian optimisation over architectures: White et al. 2021 (BANANAS, arXiv:1910.11858), Ru et al. 2021
(NAS-BOWL, arXiv:2006.07556).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nas.records import TrialState
from nas.search.children import Taken, point_of
from nas.search.history import Past, bounded
from nas.search.keys import draw_rng
from nas.search.samplers import SAMPLERS, Abilities, Ask, Proposal, Proposals, Scored
from nas.search.surrogate import Belief, Features, Process, Row, alone
from nas.search.surrogate.features import quantiles
from nas.search.worth import worth
from nas.space.moves import mutate, neighbour

START = 6
"""Results before the process speaks; until then points are drawn at random."""

POOL, TRIES = 256, 1024
"""Candidates of an ask, and draws for them: where few points are feasible, there are fewer."""

LOCAL, BEST, CLOSE = 0.2, 10, 0.5
"""Share of candidates that are the best trials, changed in one label, or, as often, in two."""

SURPRISE = 4
"""Of the candidates that a proxy is to judge, one in so many is any candidate: what looks bad here may
look good there."""

CHOSEN_FROM = 300
"""Scored candidates that are compared, the latest."""

Rng = np.random.Generator


@SAMPLERS.register("auto", "the default: a Gaussian process over points, costs and scores of proxies")
class AutoSampler:
    """Needs nothing but the history; bounded as TPE's is, so that an ask costs the same after any number
    of trials."""

    abilities = Abilities(several=True)

    def propose(self, ask: Ask) -> Proposals:
        """Random points until there are results, then the most promising candidates."""
        rows = bounded(ask.history, ask.objectives)
        rng = draw_rng(ask.seed, ask.draw)
        with alone().limit(limits=1):
            points = _ranked(ask, rows, rng) if len(_told(rows)) >= START else []
        draws = range(ask.draw, ask.draw + ask.count)
        items = [Proposal(draw, point) for draw, point in zip(draws, points, strict=False)]
        taken = Taken(ask.space, [*ask.history, *_as_past(ask, items)])
        for draw in draws[len(items) :]:  # no results or no candidates: anything
            rng = draw_rng(ask.seed, draw)
            items.append(Proposal(draw, taken.near(ask.space.draw(rng), rng)))
        return Proposals(items)

    def choose(self, ask: Ask, scored: Sequence[Scored]) -> int:
        """Which of the scored candidates to train: a proxy's score is one more thing the process knows."""
        rows = bounded(ask.history, ask.objectives)
        offset = max(len(scored) - CHOSEN_FROM, 0)
        late = [Row(each.labels, each.cost, _number(each.score)) for each in scored[offset:]]
        rng = draw_rng(ask.seed, ask.draw)
        if len(_told(rows)) < START:
            return offset + _sampled_best(late, rng)
        with alone().limit(limits=1):
            belief = _belief(ask, rows, late, rng)
        return offset + int(np.argmax(belief.improvement()))


def _ranked(ask: Ask, rows: Sequence[Past], rng: Rng) -> list[dict[str, Any]]:
    """Up to `ask.count` new points, the most promising first; each takes those before for done."""
    pool = _pool(ask, rows, rng)
    if not pool:
        return []
    belief = _belief(ask, rows, [row for _, row in pool], rng)
    left, found = np.ones(len(pool), dtype=bool), list[dict[str, Any]]()
    while len(found) < ask.count and left.any():
        surprise = ask.screening and len(found) % SURPRISE == SURPRISE - 1
        value = rng.random(len(pool)) if surprise else belief.improvement()
        place = int(np.argmax(np.where(left, value, -np.inf)))
        left[place] = False
        if ask.priced.new(pool[place][0]):
            belief.take(place)
            found.append(pool[place][0])
    return found


def _told(rows: Sequence[Past]) -> list[Past]:
    return [past for past in rows if past.state is not TrialState.RUNNING and past.values]


def _belief(ask: Ask, rows: Sequence[Past], pool: Sequence[Row], rng: Rng) -> Belief:
    """What is expected of the pool; what runs now is taken for done."""
    told, running = _told(rows), [past for past in rows if past.state is TrialState.RUNNING]
    known = [_row(past) for past in (*told, *running)]
    process = Process(Features(ask.space, [*known, *pool]), len(told))
    values = worth(told, ask.objectives, rng)
    process.fit(values)
    belief = process.believe(values)
    for place in range(len(running)):
        belief.take(place)
    return belief.without(len(running))


def _row(past: Past) -> Row:
    if "score" not in past.attributes:
        return Row(past.labels, past.cost)
    return Row(past.labels, past.cost, _number(past.attributes["score"]))


def _number(score: float | None) -> float:
    """A network that a proxy fails on is the worst."""
    return -np.inf if score is None else score


def _as_past(ask: Ask, items: Sequence[Proposal]) -> list[Past]:
    return [Past(10**9 + item.draw, TrialState.RUNNING, ask.space.labels(item.point)) for item in items]


def _pool(ask: Ask, rows: Sequence[Past], rng: Rng) -> list[tuple[dict[str, Any], Row]]:
    """Feasible points, most of them from anywhere."""
    leading = _leading(ask, rows, rng)
    found: dict[str, tuple[dict[str, Any], Row]] = {}
    for _ in range(TRIES):
        if len(found) == POOL:
            break
        point = _near(ask, leading, rng) if rng.random() < LOCAL else ask.space.draw(rng)
        labels, cost = ask.space.labels(point), ask.priced.cost(point)
        if cost is not None:
            found.setdefault(repr(sorted(labels.items())), (point, Row(labels, cost)))
    return list(found.values())


def _leading(ask: Ask, rows: Sequence[Past], rng: Rng) -> list[Past]:
    told = _told(rows)
    order = np.argsort(worth(told, ask.objectives, rng), kind="stable")
    return [told[i] for i in order[:BEST]]


def _near(ask: Ask, leading: Sequence[Past], rng: Rng) -> dict[str, Any]:
    point = point_of(ask.space, leading[int(rng.integers(len(leading)))], rng)
    if rng.random() < CLOSE:
        point = mutate(ask.space, point, rng)
    return (neighbour if rng.random() < CLOSE else mutate)(ask.space, point, rng)


def _sampled_best(pool: Sequence[Row], rng: Rng) -> int:
    """The best by a proxy that is believed half: its quantiles, and chance."""
    scores = quantiles(np.array([row.score for row in pool], float))
    return int(np.argmax(scores + 0.5 * rng.standard_normal(len(scores))))
