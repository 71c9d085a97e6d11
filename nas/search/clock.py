"""Time as an argument: loops take a clock, so that tests and simulations bring their own."""

import time
from typing import Protocol


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
