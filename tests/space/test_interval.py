"""Intervals hold every result, so what is shaved off is surely refused."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from nas.space.interval import Interval, UnsureError, shaved

EXPRESSIONS: list[Callable[[Any, float], Any]] = [
    lambda x, c: x + c,
    lambda x, c: c - x,
    lambda x, c: x * c - x,
    lambda x, c: c / x,
    lambda x, c: x / c,
    lambda x, c: x // c,
    lambda x, c: x**3,
    lambda x, c: 2**x,
    lambda x, c: -abs(x - c),
    lambda x, c: round(x) + math.floor(x) - math.ceil(x),
    lambda x, c: x * x * x - c * x,
]
NUMBERS = st.floats(-20, 20, allow_subnormal=False)


@given(st.sampled_from(EXPRESSIONS), NUMBERS, NUMBERS, st.floats(0, 1), NUMBERS)
def test_every_result_is_inside(
    expression: Callable[[Any, float], Any], one: float, other: float, part: float, c: float
) -> None:
    low, high = sorted((one, other))
    x = min(high, max(low, low + part * (high - low)))
    try:
        inside = expression(Interval(low, high), c)
    except (UnsureError, ArithmeticError):
        return
    value = expression(x, c)
    slack = 1e-9 * max(1.0, abs(value))
    assert inside.low - slack <= value <= inside.high + slack


def test_comparisons_come_out_only_where_all_numbers_agree() -> None:
    x = Interval(1, 2)
    assert x > 0
    assert x < 3
    assert x <= 2.1
    assert x != 5
    touching = (lambda: x >= 2, lambda: x <= 2, lambda: Interval(3, 3) == 3)
    for unsure in (lambda: x < 1.5, lambda: x == 1, lambda: bool(Interval(-1, 1)), *touching):
        with pytest.raises(UnsureError):
            unsure()
    for strange in (lambda: x + "a", lambda: 1 / Interval(-1, 1), lambda: Interval(-1, 1) ** 0.5):
        with pytest.raises(UnsureError):
            strange()


def refused(keeps: Callable[[Any], bool]) -> Callable[[Interval], bool]:
    def never(numbers: Interval) -> bool:
        try:
            return not keeps(numbers)
        except UnsureError:
            return False

    return never


def test_ends_are_found_by_bisection() -> None:
    assert shaved(0, 10, refused(lambda x: 2 * x + 1 >= 4)) == pytest.approx((1.5, 10))
    assert shaved(0, 10, refused(lambda x: 1 < x**2 < 4)) == pytest.approx((1, 2))
    assert shaved(0, 10, refused(lambda x: x > 11)) is None
    assert shaved(3, 3, refused(lambda x: x > 1)) == (3, 3)


@given(NUMBERS, st.floats(0, 20), NUMBERS, st.floats(0.1, 9))
def test_nothing_that_is_kept_is_shaved_off(low: float, width: float, bound: float, factor: float) -> None:
    def keeps(x: Any) -> bool:
        return bool(factor * x - x / factor <= bound)

    ends = shaved(low, low + width, refused(keeps))
    for x in (low + width * i / 50 for i in range(51)):
        if keeps(x):
            assert ends is not None
            assert ends[0] <= x <= ends[1]
