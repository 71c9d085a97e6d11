"""A driver's lease on its trials, renewed from a thread of its own so that nothing else can delay it."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from nas.errors import NasError, StoreError

LEASE_S = 15.0
"""How long a silent driver keeps its trials, if NAS_LEASE_S does not say otherwise."""
SHORTEST_S, LONGEST_S = 2.0, 3600.0
AGAIN_S = 1.0
"""How soon a store that was away is asked again, at the latest."""


def lease_s() -> float:
    """Seconds of a lease: NAS_LEASE_S, for networks or databases that are away for longer than usual."""
    text = os.environ.get("NAS_LEASE_S") or str(LEASE_S)
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        allowed = f"{SHORTEST_S:g} to {LONGEST_S:g} seconds"
        raise NasError(f"NAS_LEASE_S={text}: a lease takes {allowed}; unset it for {LEASE_S:g}")
    return seconds


class Lease:
    """Calls `renew` four times a lease; `lost` is set once it says no.

    A store that is away says nothing: as long as nobody has taken the trials, they are this driver's,
    however late it asks.
    """

    def __init__(self, renew: Callable[[], bool], lease_s: float) -> None:
        self.lost = threading.Event()
        self._renew, self._lease_s = renew, lease_s
        self._heard = self._began = time.monotonic()
        """When the store last answered, and since when it has, without a gap."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self._thread.start()

    @property
    def settled(self) -> bool:
        """Whether the store has answered here for a whole lease, without a gap of half of one.

        Only then is a lease that is over its owner's fault. While a store is away all leases run out, those
        of the living too: they get one lease to renew theirs once it is back. Who has just come cannot
        know, and waits as long.
        """
        now = time.monotonic()
        return now - self._heard <= self._lease_s / 2 and now - self._began >= self._lease_s

    def close(self) -> None:
        """Stop renewing."""
        self._done.set()
        self._thread.join(timeout=self._lease_s)

    def _run(self) -> None:
        pause_s = self._lease_s / 4
        while not self._done.wait(pause_s):
            pause_s = min(self._lease_s / 4, AGAIN_S)
            with suppress(StoreError):
                if not self._renew():
                    self.lost.set()
                    return
                pause_s = self._lease_s / 4
                self._hear()

    def _hear(self) -> None:
        now = time.monotonic()
        if now - self._heard > self._lease_s / 2:
            self._began = now
        self._heard = now
