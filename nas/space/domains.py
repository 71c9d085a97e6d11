"""What a parameter may be: the sets that points are drawn from."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Rng = np.random.Generator


@dataclass(frozen=True)
class Choice:
    """One of `values`, in no order."""

    values: tuple[Any, ...]

    def sample(self, rng: Rng) -> Any:
        """One value, all alike."""
        return self.values[int(rng.integers(len(self.values)))]

    def contains(self, value: Any) -> bool:
        """Whether `value` is one of them (true is not 1)."""
        for v in self.values:  # noqa: SIM110 (every point that is priced passes here)
            if value == v and (value.__class__ is bool) == (v.__class__ is bool):
                return True
        return False

    @property
    def count(self) -> int:
        """How many values there are."""
        return len(self.values)

    def __str__(self) -> str:
        return "one of " + ", ".join(map(str, self.values))


@dataclass(frozen=True)
class Int:
    """A whole number in [low, high], `step` apart from low; `log` samples magnitudes evenly."""

    low: int
    high: int
    step: int = 1
    log: bool = False

    def sample(self, rng: Rng) -> int:
        """One value; on a log scale when `log`."""
        if self.log:
            raw = math.exp(rng.uniform(math.log(self.low - 0.5), math.log(self.high + 0.5)))
            return min(self.high, max(self.low, round(raw)))
        return self.low + self.step * int(rng.integers(self.count or 1))

    def contains(self, value: Any) -> bool:
        """Whether `value` is a whole number on the grid."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole and self.low <= value <= self.high and (value - self.low) % self.step == 0

    @property
    def count(self) -> int:
        """How many values there are."""
        return (self.high - self.low) // self.step + 1

    def __str__(self) -> str:
        step = f" in steps of {self.step}" if self.step != 1 else ""
        return f"a whole number from {self.low} to {self.high}{step}"


@dataclass(frozen=True)
class Float:
    """A number in [low, high], on a grid from low when `step` is given; `log` as for `Int`."""

    low: float
    high: float
    step: float | None = None
    log: bool = False

    def sample(self, rng: Rng) -> float:
        """One value; on a log scale when `log`."""
        if self.step is not None:
            return self.value(int(rng.integers(self.count or 1)))
        if self.log:
            return math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        return float(rng.uniform(self.low, self.high))

    def value(self, index: int) -> float:
        """The grid's value number `index`, free of the dust of floating point."""
        assert self.step is not None
        return round(self.low + index * self.step, 12)

    def contains(self, value: Any) -> bool:
        """Whether `value` is a number inside, and on the grid to 1e-9 of a step."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        if not self.low <= value <= self.high:
            return False
        if self.step is None:
            return True
        steps = (value - self.low) / self.step
        return abs(steps - round(steps)) < 1e-9 * max(1.0, steps)

    @property
    def count(self) -> int | None:
        """How many values there are; None for a continuum."""
        return None if self.step is None else math.floor((self.high - self.low) / self.step + 1e-9) + 1

    def __str__(self) -> str:
        step = f" in steps of {self.step:g}" if self.step is not None else ""
        return f"a number from {self.low:g} to {self.high:g}{step}"


Domain = Choice | Int | Float
