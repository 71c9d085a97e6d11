"""Equations: the right root, or the reason why there is none."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nas.errors import InfeasibleError
from nas.space.functions import ExpressionError
from nas.space.polynomial import Polynomial, real_roots
from nas.space.schema import SolveModel
from nas.space.solve import solve_cost, solve_polynomial, split_equation


def model(**more: object) -> SolveModel:
    return SolveModel.model_validate({"solve": "x = 0", "domain": (-1e6, 1e6), **more})


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5, unique=True))
def test_polynomials_are_solved(roots: list[int]) -> None:
    def equation(x: Polynomial) -> Polynomial:
        result = x - roots[0]
        for root in roots[1:]:
            result = result * (x - root)
        return result

    assert np.allclose(real_roots(equation), sorted(roots), atol=1e-4)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_every_root_solves_its_quadratic(c: float, b: float, a: float) -> None:
    for root in real_roots(lambda x: a * x**2 + b * x + c):
        scale = max(1.0, abs(a) * root**2, abs(b * root), abs(c))
        assert abs(a * root**2 + b * root + c) <= 1e-9 * scale


def test_equations_that_are_no_polynomials_are_refused() -> None:
    for equation in (
        lambda x: 1 / x,
        lambda x: x**0.5,
        lambda x: x / x,
        lambda x: 2 if x > 1 else 3,
        lambda x: 0 * x,
    ):
        with pytest.raises(ExpressionError):
            real_roots(equation)


def test_rounding_and_domain() -> None:
    def at(root: float, **more: object) -> float:
        return solve_polynomial("x", model(**more), lambda x: x - root)

    assert at(2.5) == 2.5
    assert at(2.5, round="nearest") == 3
    assert at(2.5, round="down") == 2
    assert at(2.4, round="up") == 3
    assert at(20.1, round="nearest", multiple=8) == 24
    assert isinstance(at(2.0, round="nearest"), int)
    assert at(0.6, domain=(1, 9), round="nearest") == 1
    with pytest.raises(InfeasibleError, match=r"x has no solution: real roots 0.4; domain \[1, 9\]"):
        at(0.4, domain=(1, 9), round="nearest")


def test_several_roots_need_a_choice() -> None:
    def at(**more: object) -> float:
        return solve_polynomial("x", model(**more), lambda x: x**2 - 4)

    with pytest.raises(InfeasibleError, match="several solutions"):
        at()
    assert at(pick="max") == 2
    assert at(pick="min") == -2
    assert at(domain=(0, 9)) == 2


@pytest.mark.parametrize("text", ["x", "x == 2", "x = 2 = 3", "x <= 2", ""])
def test_an_equation_has_one_equals_sign(text: str) -> None:
    with pytest.raises(ValueError, match="is not an equation"):
        split_equation(text)


@given(st.integers(0, 400), st.sampled_from([1, 4, 8]))
def test_costs_are_met_as_nearly_as_the_grid_allows(target: int, step: int) -> None:
    grid = range(0, 41, step)
    asked = model(domain=(0, 40), step=float(step))

    def cost(value: float) -> int:
        return int(value * value) // 3

    if target > cost(40 // step * step):
        with pytest.raises(InfeasibleError, match="not between"):
            solve_cost("x", asked, cost, target)
    else:
        best = min(grid, key=lambda value: (abs(cost(value) - target), value))
        assert abs(cost(solve_cost("x", asked, cost, target)) - target) == abs(cost(best) - target)
