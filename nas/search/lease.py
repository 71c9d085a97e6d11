"""A driver's lease on its trials, renewed from a thread of its own so that nothing else can delay it."""

import threading
import time
from collections.abc import Callable

from nas.errors import StoreError

LEASE_S = 15.0
"""How long a silent driver keeps its trials."""


class Lease:
    """Calls `renew` four times a lease; `lost` is set once it says no, or fails for a whole lease."""

    def __init__(self, renew: Callable[[], bool], lease_s: float = LEASE_S) -> None:
        self.lost = threading.Event()
        self._renew, self._lease_s = renew, lease_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop renewing."""
        self._done.set()
        self._thread.join(timeout=self._lease_s)

    def _run(self) -> None:
        renewed = time.monotonic()
        while not self._done.wait(self._lease_s / 4):
            try:
                held = self._renew()
            except StoreError:  # the store may come back before the lease is over
                held = time.monotonic() - renewed < self._lease_s
            else:
                renewed = time.monotonic()
            if not held:
                self.lost.set()
                return
