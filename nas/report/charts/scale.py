"""Scales: from a value to its place in pixels, with ticks where people expect them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDE = 30
"""From this ratio of ends on, positive values are drawn on a logarithmic scale."""
UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Scale:
    """From `low` ... `high` to `start` ... `end` in pixels; `log`: by magnitude."""

    low: float
    high: float
    log: bool = False
    start: float = 0.0
    end: float = 1.0

    def __call__(self, value: float) -> float:
        """The place of a value; of one beyond the ends, the end."""
        low, high = self._on(self.low), self._on(self.high)
        if self.log and value <= 0:
            return self.start
        share = (self._on(value) - low) / (high - low)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def _on(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def at(self, start: float, end: float) -> "Scale":
        """The same between other places."""
        return Scale(self.low, self.high, self.log, start, end)

    def ticks(self, most: int = 6) -> list[float]:
        """Up to about `most` round values inside."""
        found = _log_ticks(self.low, self.high, most) if self.log else _ticks(self.low, self.high, most)
        return found if len(found) > 1 or not self.log else _ticks(self.low, self.high, most)

    def labels(self, most: int = 6) -> list[tuple[float, str]]:
        """The ticks with what is written beside them."""
        values = self.ticks(most)
        return list(zip(values, written(values), strict=True))


def scale(values: Iterable[float], *, log: bool | None = None, zero: bool = False) -> Scale:
    """A scale around finite values with a little room; from 0 if asked, logarithmic if they are far apart.

    Nothing at all gives 0 to 1, one single value a scale around it, and so do those that only rounding tells
    apart.
    """
    good = [value for value in values if math.isfinite(value)]
    if not good:
        return Scale(0.0, 1.0)
    low, high = min(good), max(good)
    if log is None:
        log = low > 0 and high / low >= WIDE
    if log and low > 0:
        room = max((high / low) ** 0.04, 1.02)
        return Scale(low / room, high * room, True)
    if zero and low >= 0:
        return Scale(0.0, high * 1.05 or 1.0)
    apart = high - low > 1e-9 * max(abs(low), abs(high))
    room = (high - low) * 0.04 if apart else abs(high) * 0.1 or 0.5
    floor = low - room
    return Scale(0.0 if low >= 0 > floor else floor, high + room)


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [_clean(place * step) for place in range(first, last + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten, and where those are few their multiples by 2 and 5, or by all digits."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1,), (1, 3), (1, 2, 5)):
        found = [f * 10.0**power for power in range(first, last + 1) for f in factors]
        found = [value for value in found if low * 0.999 <= value <= high * 1.001]
        if len(found) >= min(4, most):
            break
    jump = math.ceil(len(found) / max(most, 1))
    return [_clean(value) for value in found[:: max(jump, 1)]]


def _clean(value: float) -> float:
    return float(f"{value:.10g}")


def written(values: Sequence[float]) -> list[str]:
    """Values with the digits that tell them apart, and an SI prefix where they are large; without one alike
    in their decimals."""
    largest = max((abs(value) for value in values), default=0.0)
    if largest >= 10_000:
        return [_short(value) for value in values]
    if largest and min((abs(v) for v in values if v), default=1.0) < largest / 20:
        return [f"{value:g}" for value in values]
    decimals = next((d for d in range(9) if all(_is_whole(v * 10**d) for v in values)), 9)
    if decimals > 5:
        return [f"{value:.3g}" for value in values]
    return [f"{value:.{decimals}f}" for value in values]


def _is_whole(value: float) -> bool:
    return abs(value - round(value)) < 1e-6 * max(1.0, abs(value))


def _short(value: float) -> str:
    """30 M, 1.5 k: without zeros that say nothing."""
    for size, prefix in UNITS:
        if abs(value) >= size * 0.9995:
            return f"{value / size:.3g} {prefix}"
    return f"{value:g}"
