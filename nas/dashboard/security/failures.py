"""Who fails to show a token too often waits."""

import time
from collections import OrderedDict
from collections.abc import Callable

FAILURES = 10
"""So many of one address in a window are let pass."""
WINDOW_S = 60.0
ADDRESSES = 4096
"""So many are remembered; of more the longest known are forgotten."""
ALL_FAILURES = 600
"""So many of all addresses together: guessing from many hosts is slow too."""


class Failures:
    """Counts failures by address in windows of a minute. Used from the event loop only."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._all = (clock(), 0)

    def wait_s(self, address: str) -> float:
        """How long an address has to wait; 0: it may try."""
        now = self._clock()
        began, count = self._known.get(address, (now, 0))
        all_began, all_count = self._all
        waits = [began + WINDOW_S - now] * (count >= FAILURES)
        waits += [all_began + WINDOW_S - now] * (all_count >= ALL_FAILURES)
        return max(0.0, *waits, 0.0)

    def add(self, address: str) -> None:
        """An address has failed."""
        now = self._clock()
        began, count = self._known.pop(address, (now, 0))
        if now - began >= WINDOW_S:
            began, count = now, 0
        self._known[address] = (began, count + 1)
        if len(self._known) > ADDRESSES:
            self._known.popitem(last=False)
        all_began, all_count = self._all
        self._all = (now, 1) if now - all_began >= WINDOW_S else (all_began, all_count + 1)
