"""The time of a driver's slots, which come and go: what its use of them is measured by."""

from collections.abc import Callable

from nas.records import Slots


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
