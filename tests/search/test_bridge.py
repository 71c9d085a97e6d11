"""What Optuna is offered: domains without what the rules refuse, the same ones for all that is told."""

import warnings
from functools import cache

import numpy as np
import pytest

from nas.errors import InfeasibleError
from nas.records import TrialState
from nas.search.bridge import frozen
from nas.search.history import Past
from nas.search.samplers import SAMPLERS, Ask, abilities
from nas.space.space import Space
from tests.search.playing import able, slow
from tests.search.spaces import tiny

LAST_IS = {
    "a number": ({"a": {"int": [1, 100]}, "width": {"int": [1, 100]}}, ["a + width == 60"]),
    "a grid": (
        {"width": {"int": [1, 9]}, "f": {"float": [0.0, 1.0], "step": 0.05}},
        ["10 * f < width", "width > 3"],
    ),
    "a continuum": ({"width": {"int": [1, 9]}, "f": {"float": [0.0, 1.0]}}, ["10 * f < width", "width > 3"]),
    "a vector's": (
        {"width": {"int": [2, 4]}, "v": {"int": [1, 50], "length": "width"}},
        ["sum(v) == 25 * width"],
    ),
    "conditional": (
        {
            "width": {"int": [8, 64], "step": 8},
            "kind": {"choice": ["plain", "wide"]},
            "k": {"int": [1, 64], "when": "kind == 'wide'"},
        },
        ["width != 16", "kind == 'plain' or width % k == 0 and k > 2"],
    ),
    "a choice": (
        {"width": {"choice": [8, 16, 32, 48]}, "g": {"choice": [1, 2, 3, 4]}},
        ["width > 8", "g != 3"],
    ),
}


def told(space: Space, count: int) -> list[Past]:
    """Trials of points that keep the rules, better the smaller their width."""
    rng, rows = np.random.default_rng(0), []
    for number in range(1, count + 1):
        point = space.sample(rng)
        rows.append(Past(number, TrialState.COMPLETE, space.labels(point), (float(point["width"]),)))
    return rows


@cache
def known(last: str) -> tuple[Space, list[Past]]:
    """A space with forty trials of it, which no test changes."""
    space = tiny(*LAST_IS[last])
    return space, told(space, 40)


@pytest.mark.parametrize("name", SAMPLERS.names())
@pytest.mark.parametrize("last", LAST_IS)
@pytest.mark.parametrize("length", [0, 40])
def test_proposals_keep_rules_whose_last_parameter_can_be_narrowed(name: str, last: str, length: int) -> None:
    (space, history), kept = known(last), 0
    if not able(name, space):
        pytest.skip(f"{name} does not claim such spaces")
    count = 5 if slow(name) else 20
    ask = Ask(space=space, history=history[:length], seed=3, draw=length, count=count)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        items = SAMPLERS[name]().propose(ask).items
    for item in items:
        point = space.validate(item.point)
        try:
            space.architecture(point)
        except InfeasibleError:
            continue
        kept += 1
    least = {"a vector's": 4, "a number": 8, "conditional": 8}.get(last, 20)
    if abilities(name).counts and last == "a vector's":
        least = 0  # a grid leaves out what a rule refuses only where such points can be counted
    assert kept >= (min(least, 1) if slow(name) else least)
    assert len({str(item.point) for item in items}) > 2


def test_all_that_is_told_has_the_same_domains() -> None:
    parameters, rules = LAST_IS["conditional"]
    space = tiny(parameters, rules)
    found = [frozen(past, space).distributions for past in told(space, 60)]
    for label in ("width", "kind", "k"):
        assert len({str(d[label]) for d in found if label in d}) == 1
    assert (found[0]["width"].low, found[0]["width"].step) == (8, 8)
    choices = tiny(*LAST_IS["a choice"])
    assert frozen(told(choices, 1)[0], choices).distributions["g"].choices == (0, 1, 2)


def test_tpe_still_learns_where_ranges_differ() -> None:
    space = tiny({"a": {"int": [1, 100]}, "width": {"int": [1, 100]}}, ["a + width <= 101"])
    history = told(space, 60)
    ask = Ask(space=space, history=history, seed=1, draw=60, count=20)
    widths = [item.point["width"] for item in SAMPLERS["tpe"]().propose(ask).items]
    assert np.median(widths) < np.median([past.values[0] for past in history]) / 2
