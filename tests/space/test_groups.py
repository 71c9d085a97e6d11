"""Points are drawn in groups, quickly, and by the law that plain rejection has."""

import time
from collections import Counter as Tally
from collections.abc import Callable, Mapping
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import nas
from nas.errors import InfeasibleError, SpaceError
from nas.space.load import shipped_names
from nas.space.space import Space
from tests.space.making import feasible, space

Point = dict[str, Any]
DIGIT = {"int": [0, 9]}


def names_of(made: Space) -> list[list[str]]:
    return [list(group.parameters) for group in made.groups.groups]


def check_law(draw: Callable[[], Point], shares: Mapping[str, float], draws: int = 6000) -> None:
    """Chi-square of the draws against the shares, four standard deviations wide."""
    tally = Tally(str(draw()) for _ in range(draws))
    assert set(tally) <= set(shares)
    chi2 = sum((tally[name] - share * draws) ** 2 / (share * draws) for name, share in shares.items())
    free = len(shares) - 1
    assert abs(chi2 - free) < 4 * sqrt(2 * free)


BRANCHED = {
    "n": {"int": [1, 3]},
    "widths": {"choice": [8, 16], "length": "n"},
    "act": {"choice": ["relu", "leaky"]},
    "slope": {"int": [1, 4], "when": "act == 'leaky'"},
}
CONV = {"conv": {"out": "=8 * n", "kernel": 1}}
SPACES: dict[str, tuple[dict[str, Any], list[str], list[list[str]]]] = {
    "pairs": (dict.fromkeys("nbcd", DIGIT), ["n + b == 3", "c * d == 8"], [["n", "b"], ["c", "d"]]),
    "tries": ({c: {"int": [1, 6]} for c in "nbcd"}, ["n < b", "c < d"], [["n", "b"], ["c", "d"]]),
    "chain": (dict.fromkeys("nbcd", DIGIT), ["n + b == 4", "b == c", "c < d"], [["n", "b", "c", "d"]]),
    "most pass": ({"n": DIGIT, "b": DIGIT, "c": DIGIT}, ["n != 3", "b != c"], [["n", "b", "c"]]),
    "narrowed": ({"n": DIGIT, "b": DIGIT, "c": DIGIT}, ["n % 4 == 1", "b == 7"], [["n", "b", "c"]]),
    "conditional": (
        BRANCHED,
        ["sum(widths) >= 24 or n == 1", "act != 'leaky' or slope % 2 == 0"],
        [["n", "widths", "act", "slope"]],
    ),
    "a vector of few": (
        {**BRANCHED, "k": DIGIT},
        ["sum(widths) == 24", "n > 1", "act == 'leaky' and slope == k"],
        [["n", "widths"], ["act", "slope", "k"]],
    ),
    "and a price": (
        {**BRANCHED, "k": {"int": [0, 4]}},
        ["n == k", "act == 'relu' or slope < 3", "params > 200 or sum(widths) == 8"],
        [["n", "widths", "k"], ["act", "slope"]],
    ),
}


@pytest.mark.parametrize("name", SPACES)
def test_samples_are_uniform_over_the_feasible_points(name: str) -> None:
    parameters, rules, groups = SPACES[name]
    made, rng = space(CONV, parameters=parameters, constraints=rules), np.random.default_rng(5)
    kept = feasible(made)
    check_law(lambda: made.sample(rng), {str(point): 1 / len(kept) for point in kept})
    assert names_of(made) == groups


@pytest.mark.parametrize(
    "rules",
    [
        ["sum(widths) > 8", "act == 'relu' or slope < 3"],
        ["sum(widths) == 24 and act == 'leaky' and n * slope < 5"],
    ],
)
def test_with_a_continuum_each_value_still_follows_its_own_law(rules: list[str]) -> None:
    """Then n is drawn first and evenly, whatever number of widths it allows; f < n passes n times in 4."""
    linked = [*rules, "f < n"] if len(rules) > 1 else rules
    made = space(parameters={**BRANCHED, "f": {"float": [0.0, 4.0]}}, constraints=linked)
    rng, shares = np.random.default_rng(6), dict[str, float]()
    for point in feasible(space(parameters=BRANCHED, constraints=rules)):
        share = (point["n"] / 4 if linked != rules else 1) / 2 ** len(point["widths"])
        shares[str(point)] = share / (4 if "slope" in point else 1)
    whole = sum(shares.values())

    def draw() -> Point:
        point = made.sample(rng)
        assert point.pop("f") < (point["n"] if linked != rules else 4)
        return point

    check_law(draw, {name: share / whole for name, share in shares.items()})


def test_a_logarithmic_domain_keeps_its_law_when_it_is_narrowed() -> None:
    rule = ["x >= 4", "x <= 20", "x % 3 != 0"]
    made = space(parameters={"x": {"int": [1, 64], "log": True}}, constraints=rule)
    rng, kept = np.random.default_rng(7), [x for x in range(4, 21) if x % 3]
    weights = [np.log((x + 0.5) / (x - 0.5)) for x in kept]
    shares = {str({"x": x}): float(w / sum(weights)) for x, w in zip(kept, weights, strict=True)}
    check_law(lambda: made.sample(rng), shares)


RULES = [
    "a + b == 4",
    "a < b",
    "b * c <= 6",
    "c != d",
    "sum(v) > d",
    "len(v) == c // 2 or d > 1",
    "not on or e != b",
    "e > b if on else b == 3",
    "a % 2 == 1",
    "[3, 2, 1][c] >= d",
    "a + b > 20",
]


@given(st.lists(st.sampled_from(RULES), max_size=5, unique=True), st.integers(0, 10**6))
def test_samples_keep_the_rules_and_counts_are_exact(rules: list[str], seed: int) -> None:
    made = space(
        parameters={
            **{name: {"int": [0, 3]} for name in "ab"},
            "c": {"int": [0, 2]},
            "d": {"choice": [0, 1, 2]},
            "v": {"int": [1, 2], "length": "c"},
            "on": {"choice": [True, False]},
            "e": {"int": [2, 4], "when": "on"},
        },
        constraints=rules,
    )
    kept, rng = [str(point) for point in feasible(made)], np.random.default_rng(seed)
    assert made.groups.share == pytest.approx(len(kept) / (made.counter.total or 0))
    if not kept:
        with pytest.raises(InfeasibleError, match="no feasible point found"):
            made.sample(rng)
        return
    assert all(str(made.sample(rng)) in kept for _ in range(5))
    assert all(str(made.draw(rng)) in kept for _ in range(5))


HUNDRED = {"int": [0, 99]}
ONE = {"float": [0.0, 1.0]}
HARD = {
    "pairs": (dict.fromkeys("abcdef", HUNDRED), ["a + b == 50", "c == d", "e - f == 3"]),
    "a chain": (dict.fromkeys("abcdef", HUNDRED), ["a < b", "b == c", "c + d == 90", "e == d", "f <= e + 2"]),
    "of a continuum": (
        dict.fromkeys("abcdef", ONE),
        ["abs(a - b) < 5e-3", "abs(c - d) < 5e-3", "abs(e - f) < 5e-3"],
    ),
}


@pytest.mark.parametrize("name", HARD)
def test_one_point_in_a_million_is_found_quickly(name: str) -> None:
    parameters, rules = HARD[name]
    made, began = space(parameters=parameters, constraints=rules), time.process_time()
    points = [made.sample(np.random.default_rng(seed)) for seed in range(50)]
    assert time.process_time() - began < 5
    assert len({str(point) for point in points}) == 50
    assert all(made.architecture(point) for point in points)
    assert (made.groups.share or 0) < 2e-6


def test_the_same_seed_gives_the_same_points() -> None:
    for parameters, rules, _ in SPACES.values():
        one, other = (space(CONV, parameters=parameters, constraints=rules) for _ in range(2))
        first = [one.sample(np.random.default_rng(seed)) for seed in range(20)]
        again = [other.sample(np.random.default_rng(seed)) for seed in reversed(range(20))]
        assert first == again[::-1]


def test_points_have_their_parameters_in_order() -> None:
    made = space(
        parameters=dict.fromkeys("abcd", HUNDRED),
        constraints=["d == a", "b + c == 7"],
        derived={"s": "a + d"},
    )
    point = made.sample(np.random.default_rng(0))
    assert list(point) == list("abcd")
    assert names_of(made) == [["a", "d"], ["b", "c"]]


def test_what_cannot_be_is_said_at_once() -> None:
    made = space(parameters=dict.fromkeys("abc", HUNDRED), constraints=["a + b > 500", "c < 50"])
    with pytest.raises(InfeasibleError, match=r"64 of 64 values of a, b were refused by 'a \+ b > 500'"):
        made.sample(np.random.default_rng(0))
    with pytest.raises(InfeasibleError, match=r"a \+ b > 500: a is"):
        made.architecture(made.draw(np.random.default_rng(0)))


def test_a_rule_that_is_wrong_is_told_not_hidden() -> None:
    parameters = {"a": DIGIT, "b": DIGIT}
    made = space(parameters=parameters, constraints=["b == 9", "a < b // 9", "[5][a] == 5"])
    assert made.sample(np.random.default_rng(0)) == {"a": 0, "b": 9}
    with pytest.raises(SpaceError, match="tuple index out of range"):
        space(parameters=parameters, constraints=["a == b", "[5][a] > 5"]).sample(np.random.default_rng(0))


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_spaces_draw_what_keeps_the_rules_on_parameters(name: str) -> None:
    made, rng = nas.load_space(name), np.random.default_rng(0)
    for _ in range(20):
        names = made.compiled.names_type(made.validate(made.draw(rng)))
        for rule in made.compiled.rules.early:
            rule.obey(names)


def test_a_space_without_parameters_has_one_point() -> None:
    made = space()
    assert made.sample(np.random.default_rng(0)) == made.draw(np.random.default_rng(0)) == {}
