"""Ctrl-C, counted: the first asks a driver to drain, the second to stop now."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """Counts SIGINT and SIGTERM while entered; in other threads than the main one it only counts calls."""

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[int, Any] = {}

    def press(self, number: int = 0, frame: FrameType | None = None) -> None:
        """One more request to stop."""
        self.count += 1

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self.press)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
