"""Time that passes only when it is told to: what is measured is then known exactly, on any machine."""

import pytest

from workers.measure import timing


class Clock:
    """Stands in for the module `time`."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def perf_counter(self) -> float:
        """What time it is."""
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which calls are timed in this test."""
    made = Clock()
    monkeypatch.setattr(timing, "time", made)
    return made
