"""The median and its interval on calls whose time is known."""

import math
import time

import numpy as np
import pytest

from tests.workers.measure.conftest import Clock
from workers.measure import timing
from workers.measure.timing import half_width, time_call


def _sleep() -> None:
    time.sleep(0.002)


def test_a_call_of_known_length_is_measured(clock: Clock) -> None:
    found = time_call(lambda: clock.sleep(0.002), budget_s=2.0)
    assert found.median_s == pytest.approx(0.002)
    assert found.runs >= 6
    assert found.half_width < math.inf


def test_a_steady_call_needs_a_fraction_of_the_budget(clock: Clock) -> None:
    time_call(lambda: clock.sleep(0.01), budget_s=10.0)
    assert clock.now_s < 2.0


def test_waiting_for_the_device_counts() -> None:
    found = time_call(lambda: None, wait=_sleep, budget_s=0.05)
    assert found.median_s >= 0.002


@pytest.mark.parametrize("budget_s", [0.0, 0.001])
def test_a_call_longer_than_the_budget_is_run_twice(budget_s: float) -> None:
    calls: list[float] = []

    def long() -> None:
        calls.append(time.perf_counter())
        time.sleep(0.02)

    found = time_call(long, budget_s=budget_s)
    assert len(calls) == 2  # to warm up, and for the clock
    assert (found.runs, found.half_width) == (1, math.inf)


def test_disturbed_runs_do_not_count(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Every second run lasts longer, because the process lost its core: as the kernel would tell."""
    runs = iter(range(10**6))

    def run(*_: object) -> tuple[float, bool]:
        clock.sleep(0.0005)
        disturbed = next(runs) % 2 == 0
        return (0.005 if disturbed else 0.001), disturbed

    monkeypatch.setattr(timing, "_run", run)
    assert time_call(lambda: clock.sleep(0.0005), budget_s=0.05).median_s == 0.001
    monkeypatch.setattr(timing, "_run", lambda *_: (clock.sleep(0.001), (0.005, True))[1])
    assert time_call(lambda: clock.sleep(0.001), budget_s=0.01).median_s == 0.005  # there are no others


def test_a_lost_core_is_seen() -> None:
    """Sleeping is no loss: the process gave its core away itself."""
    assert not all(timing._run(_sleep, lambda: None)[1] for _ in range(50))


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    for count in (6, 10, 30, 100):
        held = 0
        for _ in range(1_000):
            times = rng.exponential(size=count) + 1.0
            reach = 0.98 * math.sqrt(count)
            ordered = np.sort(times)
            low = max(0, math.floor(count / 2 - reach))
            high = min(count - 1, math.ceil(count / 2 + reach))
            assert half_width(times.tolist()) == pytest.approx(
                (ordered[high] - ordered[low]) / 2 / np.median(times)
            )
            held += bool(ordered[low] <= 1.0 + math.log(2) <= ordered[high])
        assert held >= 940
    assert half_width([1.0] * 5) == math.inf
    assert half_width([1.0] * 6) == 0.0
