"""One suite over all samplers of the registry."""

import numpy as np
import pytest

from nas.errors import UnknownNameError
from nas.records import Objective, TrialState
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask, Sampler
from nas.space.space import Space
from tests.search.spaces import conditional, tiny

SPACES = {"tiny": tiny, "conditional": conditional}


def past(space: Space, count: int, seed: int = 0, running: int = 2, pruned: int = 3) -> list[Past]:
    """A history of random trials whose value prefers large numbers."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(1, count + 1):
        labels = space.labels(space.draw(rng))
        numbers = [value for value in labels.values() if isinstance(value, int | float)]
        state = TrialState.COMPLETE
        values: tuple[float, ...] = (-float(sum(numbers)) / 100,)
        if number > count - running:
            state, values = TrialState.RUNNING, ()
        elif number % 10 < pruned:
            state = TrialState.PRUNED
        rows.append(Past(number, state, labels, values, epochs=number % 4 + 1))
    return rows


def ask(space: Space, history: list[Past], draw: int = 0, count: int = 1, seed: int = 7) -> Ask:
    return Ask(space=space, history=history, seed=seed, draw=draw, count=count)


@pytest.fixture(params=SAMPLERS.names())
def sampler(request: pytest.FixtureRequest) -> Sampler:
    return SAMPLERS[request.param]()


@pytest.fixture(params=list(SPACES))
def space(request: pytest.FixtureRequest) -> Space:
    return SPACES[request.param]()


@pytest.mark.parametrize("length", [0, 5, 30, 260])
def test_proposes_legal_points_in_draw_order(sampler: Sampler, space: Space, length: int) -> None:
    found = sampler.propose(ask(space, past(space, length), draw=40, count=5)).items
    assert [proposal.draw for proposal in found] == [40, 41, 42, 43, 44]
    for proposal in found:
        assert space.validate(proposal.point) == proposal.point


def test_a_fresh_one_proposes_what_a_used_one_does(sampler: Sampler, space: Space) -> None:
    history = past(space, 240, running=0)
    for length in (0, 9, 10, 50, 199, 200, 201, 240):
        request = ask(space, history[:length], draw=length, count=2)
        fresh = type(sampler)().propose(request)
        assert sampler.propose(request) == fresh
        assert sampler.propose(request) == fresh


def test_draws_and_seeds_make_a_difference(sampler: Sampler, space: Space) -> None:
    history = past(space, 20)
    points = [
        sampler.propose(ask(space, history, draw=draw, seed=seed)).items[0].point
        for draw in range(3)
        for seed in range(2)
    ]
    assert len({repr(point) for point in points}) > 3


def test_order_of_the_history_does_not_matter(sampler: Sampler, space: Space) -> None:
    history = past(space, 230)
    there, back = ask(space, history), ask(space, history[::-1])
    assert sampler.propose(there) == type(sampler)().propose(back)


def test_tpe_goes_where_it_was_good() -> None:
    space = tiny({"width": {"int": [1, 200]}})
    for minimize in (True, False):
        rows = [
            Past(n, TrialState.COMPLETE, {"width": w}, (float(abs(w - 150)) * (1 if minimize else -1),))
            for n, w in enumerate(range(5, 200, 5), 1)
        ]
        asked = Ask(
            space=space, history=rows, seed=1, draw=0, count=20, objectives=(Objective("x", minimize),)
        )
        widths = [item.point["width"] for item in SAMPLERS["tpe"]().propose(asked).items]
        assert 120 < float(np.median(widths)) < 180


def test_tpe_keeps_floats_on_their_grid() -> None:
    space = tiny({"a": {"float": [1.0, 2.0], "step": 0.05}, "width": {"int": [8, 64], "step": 8}})
    items = SAMPLERS["tpe"]().propose(ask(space, past(space, 60), count=50)).items
    assert {item.point["a"] for item in items} <= {round(1 + 0.05 * i, 12) for i in range(21)}


def test_unknown_sampler_lists_near_matches() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tpe'"):
        SAMPLERS["tpee"]


def test_tpe_is_cheap_with_a_long_history() -> None:
    """Loose: a bounded history keeps an ask far below 0.1 s however many trials there are."""
    import time

    space = tiny()
    history = past(space, 2000)
    sampler = SAMPLERS["tpe"]()
    sampler.propose(ask(space, history))
    began = time.process_time()
    sampler.propose(ask(space, history, count=10))
    assert (time.process_time() - began) / 10 < 0.05
