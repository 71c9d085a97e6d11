"""What a parameter may be: the sets that points are drawn from."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nas.space.typed import YES_NO, typed, words

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

    def read(self, value: Any) -> Any:
        """The value that somebody typed, as the choice has it.

        A word of the choice wins over what it would be elsewhere (`none`, `true`, `2`), and yes and no are
        true and false. What is none of its values comes back as it is.
        """
        return next((known for known in self.values if _means(value, known)), value)

    def suits(self, value: Any) -> bool:
        """Whether `value` is of the kind of its values, one of them or not."""
        return _kind(value) in map(_kind, self.values)

    def __str__(self) -> str:
        listed = (f"[{words(v)}]" if isinstance(v, tuple) else words(v) for v in self.values)
        return f"one of {', '.join(listed)}"


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

    def read(self, value: Any) -> Any:
        """The value that somebody typed: as it is."""
        return value

    def suits(self, value: Any) -> bool:
        """Whether `value` is a whole number, inside or not."""
        return isinstance(value, int) and not isinstance(value, bool)

    @property
    def count(self) -> int:
        """How many values there are."""
        return (self.high - self.low) // self.step + 1

    def __str__(self) -> str:
        step = f" in steps of {self.step}" if self.step != 1 else ""
        return f"a whole number from {self.low} to {self.high}{step}{_scale(self.log)}"


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

    def read(self, value: Any) -> Any:
        """The value that somebody typed: as it is."""
        return value

    def suits(self, value: Any) -> bool:
        """Whether `value` is a number, inside or not."""
        return isinstance(value, int | float) and not isinstance(value, bool)

    @property
    def count(self) -> int | None:
        """How many values there are; None for a continuum."""
        return None if self.step is None else math.floor((self.high - self.low) / self.step + 1e-9) + 1

    def __str__(self) -> str:
        step = f" in steps of {self.step:.12g}" if self.step is not None else ""
        return f"a number from {self.low:.12g} to {self.high:.12g}{step}{_scale(self.log)}"


Domain = Choice | Int | Float


def _scale(log: bool) -> str:
    return ", on a logarithmic scale" if log else ""


def _means(value: Any, known: Any) -> bool:
    """Whether what was typed as `value` means `known`."""
    if isinstance(known, str):
        read = typed(known)
        return value == known or (read == value and read.__class__ is value.__class__)
    if isinstance(known, tuple) and isinstance(value, tuple):
        return len(known) == len(value) and all(map(_means, value, known))
    if isinstance(known, bool):
        return value is known or (isinstance(value, str) and YES_NO.get(value.lower()) is known)
    return bool(value == known) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.__class__.__name__
    return "number"
