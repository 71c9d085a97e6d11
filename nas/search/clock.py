"""Time as an argument: loops take a clock, so that tests and simulations bring their own."""

import time
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """Where a loop gets its time from; seconds since any moment, never going back."""

    def now(self) -> float:
        """Seconds."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class WallClock:
    """The real time."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        time.sleep(seconds)


class VirtualClock:
    """A time that passes only when somebody says so; it begins at 0."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Virtual seconds."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let time pass, at once."""
        self.advance(self._now + seconds)

    def advance(self, moment: float) -> None:
        """It is `moment` now, or later if it was."""
        self._now = max(self._now, moment)


@runtime_checkable
class Timed(Protocol):
    """Slots with a time of their own, by which their trials are timed."""

    @property
    def clock(self) -> Clock:
        """That time."""
        ...


def clock_of(slots: object) -> Clock:
    """The time of trials on some slots: their own, or the real one."""
    return slots.clock if isinstance(slots, Timed) else WallClock()
