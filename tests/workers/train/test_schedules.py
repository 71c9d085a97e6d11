"""Schedules are functions of the share of training that is done."""

import pytest

from workers.train.schedules import SHAPES, rate


@pytest.mark.parametrize("schedule", SHAPES)
def test_rates_lie_between_nothing_and_the_highest(schedule: str) -> None:
    factors = [rate(schedule, step, 200, 0.1) for step in range(200)]
    assert all(0 < factor <= 1 for factor in factors)
    assert max(factors) == pytest.approx(1, abs=5e-3)
    assert factors[:20] == sorted(factors[:20])
    assert factors[20:] == sorted(factors[20:], reverse=True)


def test_steps_fall_by_ten_after_half_and_after_three_quarters() -> None:
    factors = [rate("step", step, 100, 0.0) for step in range(100)]
    assert factors == [1.0] * 50 + [0.1] * 25 + [0.01] * 25
