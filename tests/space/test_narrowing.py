"""Domains lose what is surely refused, and nothing else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nas.errors import NasError
from nas.space.domains import Choice, Domain, Float, Int
from nas.space.space import Space
from tests.space.making import feasible, space

CASES: list[tuple[dict[str, Any], str, Domain]] = [
    ({"int": [1, 30]}, "x % 4 == 0 and x > 5", Int(8, 28, step=4)),
    ({"int": [1, 30]}, "x == 7", Int(7, 7)),
    ({"int": [1, 30]}, "x in [2, 5, 9]", Int(2, 9)),
    ({"int": [1, 512], "log": True}, "32 <= x and x % 2 == 0", Int(32, 512, log=True)),
    ({"int": [0, 1_000_000], "step": 5}, "3 * x >= 1000", Int(335, 1_000_000, step=5)),
    ({"int": [0, 1_000_000]}, "x % 2 == 0", Int(0, 1_000_000)),
    ({"choice": [8, 16, "none", 32]}, "x != 'none' and x > 8", Choice((16, 32))),
    ({"float": [1.0, 2.0], "step": 0.05}, "x**2 < 2", Float(1.0, 1.4, step=0.05)),
    ({"float": [0.0, 1.0], "step": 1 / 3}, "x > 0.5", Float(0.0, 1.0, step=1 / 3)),
    ({"float": [0.0, 8.0]}, "x * x < 4", Float(0.0, 2.0)),
    ({"float": [0.001, 0.1], "log": True}, "0.01 <= x", Float(0.01, 0.1, log=True)),
    ({"float": [0.0, 1.0]}, "sqrt(x) > 0.5", Float(0.0, 1.0)),
    ({"int": [1, 30]}, "x > 99", Int(1, 30)),
    ({"int": [1, 30]}, "x", Int(1, 30)),
]


@pytest.mark.parametrize(("parameter", "rule", "expected"), CASES, ids=lambda case: str(case))
def test_a_rule_on_one_parameter_narrows_it_once(
    parameter: dict[str, Any], rule: str, expected: Domain
) -> None:
    made = space(parameters={"x": parameter, "y": {"int": [1, 9]}}, constraints=[rule])
    found = made.narrowing.domains["x"]
    assert type(found) is type(expected)
    for side in vars(expected):
        assert getattr(found, side) == pytest.approx(getattr(expected, side))
    assert made.narrowing.domains["y"] == Int(1, 9)


def test_what_follows_from_a_parameter_narrows_it_too() -> None:
    made = space(
        constants={"base": 3},
        parameters={"x": {"int": [0, 9]}, "t": {"float": [0.0, 9.0]}},
        derived={
            "cube": "base * x**3",
            "root": {"solve": "root**2 = 9 - x", "domain": [0, 2]},
            "half": "t / 2",
        },
        constraints=["cube < 2000", "root >= 1", "half + 1 < 2"],
    )
    assert made.narrowing.domains["x"] == Int(5, 8)
    assert made.narrowing.domains["t"].high == pytest.approx(2.0)  # type: ignore[union-attr]


def test_conditional_parameters_and_vectors_are_not_narrowed_once() -> None:
    made = space(
        parameters={
            "mode": {"choice": ["a", "b"]},
            "x": {"int": [1, 9], "when": "mode == 'a'"},
            "v": {"int": [1, 9], "length": 2},
        },
        constraints=["mode == 'b' or x > 3", "max(v) < 5"],
    )
    assert made.narrowing.domains == {name: p.domain for name, p in made.parameters.items()}


def offered(made: Space, values: dict[str, Any]) -> dict[str, Domain]:
    domains: dict[str, Domain] = {}

    def choose(label: str, domain: Domain) -> Any:
        domains[label] = domain
        return values[label]

    made.walk(choose)
    return domains


def test_the_last_parameter_of_a_rule_is_narrowed_given_the_others() -> None:
    made = space(
        parameters={
            "n": {"int": [1, 3]},
            "v": {"int": [1, 9], "length": "n"},
            "kind": {"choice": ["x", "y"]},
            "k": {"int": [1, 20], "when": "kind == 'x'"},
            "f": {"float": [0.0, 20.0]},
        },
        constraints=["sum(v) == 10", "kind != 'x' or k % n == 0", "f < n", "kind == 'x' or n > 1"],
    )
    values = {"n": 3, "v[0]": 4, "v[1]": 5, "v[2]": 1, "kind": "x", "k": 6, "f": 0.5}
    domains = offered(made, values)
    assert domains["v[0]"] == domains["v[1]"] == Int(1, 9)
    assert domains["v[2]"] == Int(1, 1)
    assert domains["kind"] == Choice(("x", "y"))
    assert domains["k"] == Int(3, 18, step=3)
    assert domains["f"].high == pytest.approx(3.0)  # type: ignore[union-attr]
    assert offered(made, {**values, "v[0]": 9, "v[1]": 9})["v[2]"] == Int(1, 9)


def test_choices_are_the_same_at_every_point() -> None:
    made = space(
        parameters={"a": {"choice": [1, 2, 3]}, "b": {"choice": [1, 2, 3]}}, constraints=["a > 1", "b < a"]
    )
    assert offered(made, {"a": 2, "b": 1}) == {"a": Choice((2, 3)), "b": Choice((1, 2, 3))}


def test_a_value_that_makes_a_rule_wrong_stays_until_it_is_told() -> None:
    made = space(parameters={"x": {"int": [0, 5]}}, constraints=["[1, 2, 3, 4][x] > 2"])
    assert made.narrowing.domains["x"] == Int(2, 5)
    with pytest.raises(NasError, match="tuple index out of range"):
        made.sample(np.random.default_rng(0))


RULES = [
    "a + b <= 6",
    "a * c % 3 == 0",
    "len(v) < a",
    "sum(v) > b",
    "a != c",
    "b == 2 or not odd",
    "c - b >= 0",
]


@given(st.lists(st.sampled_from(RULES), max_size=4, unique=True))
def test_every_feasible_point_can_still_be_walked_to(rules: list[str]) -> None:
    made = space(
        parameters={
            "a": {"int": [1, 4]},
            "b": {"choice": [0, 2, 4]},
            "v": {"int": [1, 3], "length": "a // 2"},
            "c": {"float": [0.0, 3.0], "step": 0.5, "when": "a > 1"},
        },
        derived={"odd": "a % 2 == 1"},
        constraints=[rule if "c" not in rule else f"a == 1 or {rule}" for rule in rules],
    )
    for point in feasible(made):
        labels = made.labels(point)
        domains = offered(made, labels)
        assert all(domains[label].contains(value) for label, value in labels.items())


def test_what_is_remembered_of_a_point_is_not_told_of_another() -> None:
    """Values that are equal, but not the same to a rule, and ones that only some points have."""
    made = space(
        parameters={
            "x": {"choice": [1, True, "1"]},
            "on": {"choice": [True, False]},
            "y": {"int": [1, 9], "when": "on"},
            "v": {"int": [0, 9], "length": 2},
        },
        constraints=["sum(v) == (4 if x == '1' else 3 * x)", "not on or v[1] >= y"],
    )

    def last(**given: Any) -> Domain:
        asked: dict[str, Domain] = {}

        def choose(label: str, domain: Domain) -> Any:
            asked[label] = domain
            return given[label.replace("[", "").rstrip("]")]

        made.walk(choose)
        return asked["v[1]"]

    for _ in range(2):
        assert last(x=1, on=False, v0=1, v1=2) == Int(2, 2)
        assert last(x="1", on=False, v0=1, v1=3) == Int(3, 3)
        assert last(x="1", on=True, y=2, v0=1, v1=3) == Int(3, 3)
        assert last(x="1", on=True, y=9, v0=1, v1=9) == Int(0, 9)  # nothing is left: as it was
        assert last(x="1", on=False, v0=0, v1=4) == Int(4, 4)
