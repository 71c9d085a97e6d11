"""A driver's slots, which come and go: the time there was of them, and those that follow the work."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from nas.records import Slots


@runtime_checkable
class Elastic(Protocol):
    """Slots on nodes that somebody starts and ends as they are needed."""

    def aim(self, trials: int) -> None:
        """So many trials could run at once by now: no more nodes need be asked for, or kept."""
        ...


class SlotTime:
    """Adds up the seconds of slots."""

    def __init__(self, slots: Slots, now: Callable[[], float]) -> None:
        self._slots, self._now = slots, now
        self.total, self._at = slots.total, now()
        self.seconds = 0.0
        """Since the driver began."""
        self._before = 0.0

    def join(self) -> None:
        """The driver begins under a new lease."""
        self.look()
        self._before = self.seconds

    @property
    def leased_s(self) -> float:
        """Since it has had its lease."""
        return self.seconds - self._before

    def look(self) -> int | None:
        """Add the time that has passed; how many slots there were before, if they are more or fewer now."""
        now = self._now()
        self.seconds += self.total * (now - self._at)
        self._at, before, self.total = now, self.total, self._slots.total
        return before if before != self.total else None
