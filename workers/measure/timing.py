"""How long a call takes: its median over enough runs, and how sure that is. Imports no torch."""

import math
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

PRECISION = 0.02
"""The median is known well enough when half its 95 % interval is at most this share of it."""
FEWEST = 6
"""Runs below which there is no 95 % interval: six all lie on one side of the median once in 32 times."""
WARM_SHARE = 0.1
"""Share of the budget that runs before the clock counts: kernels are chosen, caches and clocks warm up."""


@dataclass(frozen=True)
class Timing:
    """A measured call."""

    median_s: float
    half_width: float
    """Of the median's 95 % interval, as a share of the median; infinite below `FEWEST` runs."""
    runs: int
    """Runs that counted."""


def time_call(
    call: Callable[[], object], *, budget_s: float, wait: Callable[[], object] = lambda: None
) -> Timing:
    """The median wall time of `call` plus `wait` (for the device), one run after the other.

    It is run to warm up, then until the median is known to ±2 % or `budget_s` is over, once at
    least each. Runs from which the scheduler took a core away for others (involuntary context
    switches of the process) do not count if there are any others: beside two busy processes on two
    cores the median of all runs of a ResNet-20 was 12 to 23 ms, of those that count 2.3 ms, on an
    idle machine 1.8 ms. What neighbours take from caches and clocks stays in: measurements some
    seconds apart differ by 5 %. The interval is that of order statistics, free of a distribution.
    (`torch.utils.benchmark.Timer` always uses its whole time, and counts every run.)
    """
    ends = time.perf_counter() + budget_s
    _warm_up(call, wait, WARM_SHARE * budget_s)
    clean: list[float] = []
    every: list[float] = []
    look = FEWEST
    while not every or time.perf_counter() < ends:
        taken, disturbed = _run(call, wait)
        every.append(taken)
        if not disturbed:
            clean.append(taken)
        if len(clean) >= look:
            look = math.ceil(1.25 * len(clean))
            if half_width(clean) <= PRECISION:
                break
    counted = clean or every
    return Timing(median(counted), half_width(counted), len(counted))


def half_width(times_s: Sequence[float]) -> float:
    """Half the 95 % interval of the median, as a share of it: order statistics, normal approximation."""
    count = len(times_s)
    if count < FEWEST:
        return math.inf
    ordered, reach = sorted(times_s), 0.98 * math.sqrt(count)  # 1.96 standard deviations of a binomial
    low = max(0, math.floor(count / 2 - reach))
    high = min(count - 1, math.ceil(count / 2 + reach))
    return (ordered[high] - ordered[low]) / 2 / median(ordered)


def _warm_up(call: Callable[[], object], wait: Callable[[], object], seconds: float) -> None:
    until = time.perf_counter() + seconds
    while True:
        call()
        wait()
        if time.perf_counter() >= until:
            return


def _run(call: Callable[[], object], wait: Callable[[], object]) -> tuple[float, bool]:
    """Seconds, and whether the process lost a core meanwhile."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    started = time.perf_counter()
    call()
    wait()
    taken = time.perf_counter() - started
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw > before
