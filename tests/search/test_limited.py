"""Samplers prefer what keeps the limits, and what misses them by little."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nas.records import Limit, Objective, TrialState
from nas.search.generations import _winner as parent_of
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask
from nas.search.samplers.evolution import POPULATION, _winner
from nas.space.space import Space
from tests.search.playing import ERROR
from tests.search.spaces import tiny

LIMIT = Limit("latency_ms", 40.0)


def numbers() -> Space:
    return tiny({f"x{i}": {"int": [0, 20]} for i in range(4)} | {"width": {"int": [1, 4]}})


def total(labels: Mapping[str, Any]) -> float:
    """Of up to 80; the more the better, but 40 are allowed."""
    return float(sum(labels[f"x{i}"] for i in range(4)))


def played(name: str, count: int, *, limited: bool, seed: int = 0) -> list[Past]:
    sampler, rows, attributes = SAMPLERS[name](), list[Past](), {}
    space = numbers()
    while len(rows) < count:
        ask = Ask(space=space, history=rows, seed=seed, draw=len(rows), attributes=attributes)
        proposals = sampler.propose(ask)
        attributes = dict(proposals.attributes or attributes)
        for item in proposals.items:
            labels = space.labels(item.point)
            excess = (LIMIT.excess(total(labels)),) if limited else ()
            told = (-total(labels),)
            state = TrialState.COMPLETE
            rows.append(Past(len(rows) + 1, state, labels, told, 1, item.attributes, excess=excess))
    return rows


@pytest.mark.parametrize("name", ["tpe", "nsga2", "nsga3", "evolution", "cmaes"])
def test_a_limited_search_stays_below_its_limit_and_comes_near_it(name: str) -> None:
    late = [
        [total(past.labels) for past in played(name, 160, limited=limited)[-60:]] for limited in (True, False)
    ]
    kept = [sum(value <= LIMIT.bound for value in values) / 60 for values in late]
    assert kept[0] > 0.5 > kept[1], late
    assert max(value for value in late[0] if value <= LIMIT.bound) >= 36


def rivals() -> list[Past]:
    """The better its value, the further each lies beyond a limit; the last two keep it."""
    rows = [
        Past(n, TrialState.COMPLETE, {}, (float(n),), excess=(30.0 - n, -1.0))
        for n in range(1, POPULATION - 1)
    ]
    keep = [
        Past(POPULATION - 1, TrialState.COMPLETE, {}, (99.0,), excess=(0.0, -1.0)),
        Past(POPULATION, TrialState.COMPLETE, {}, (98.0,), excess=(-0.5, 0.0)),
    ]
    return [*rows, *keep]


@pytest.mark.parametrize("winner", [_winner, parent_of], ids=["evolution", "generations"])
def test_a_tournament_goes_to_who_keeps_the_limits_then_to_who_misses_them_by_least(winner: Any) -> None:
    rng, rows = np.random.default_rng(0), rivals()
    ask = Ask(space=numbers(), history=rows, seed=0, draw=0, objectives=ERROR)
    two = [winner(ask, rows[-2:] * 3, rng).number for _ in range(40)]
    assert set(two) <= {POPULATION - 1, POPULATION}
    wins = [winner(ask, rows, rng).number for _ in range(300)]
    assert np.mean(wins) > POPULATION / 2 + 2


def test_two_objectives_and_a_limit() -> None:
    """Survivors of a generation are those that keep the limit, whatever the others are worth."""
    from nas.search.generations import POPULATION as SIZE
    from nas.search.samplers.nsga2 import Nsga2Sampler

    aims = (Objective("error"), Objective("macs"))
    rng, space = np.random.default_rng(0), numbers()
    rows = []
    for number in range(1, 2 * SIZE + 1):
        beyond = number <= SIZE
        value = (0.0, float(number)) if beyond else (1.0 + number, 100.0 - number)
        labels = space.labels(space.draw(rng))
        generation = {"generation": 0 if beyond else 1}
        excess = (1.0 if beyond else 0.0,)
        rows.append(Past(number, TrialState.COMPLETE, labels, value, 1, generation, excess=excess))
    ask = Ask(
        space=space,
        history=rows,
        seed=0,
        draw=100,
        objectives=aims,
        attributes={"generation": 1, "parents": list(range(1, SIZE + 1))},
    )
    attributes = Nsga2Sampler().propose(ask).attributes
    assert attributes is not None
    assert attributes["parents"] == list(range(SIZE + 1, 2 * SIZE + 1))
