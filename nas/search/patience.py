"""A store that does not answer for a moment is asked again: what workers compute meanwhile is not lost.

It may take longer than a lease: then others may have taken the trials, which the store says once it is back.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from nas.errors import StoreAwayError
from nas.store import Store

T = TypeVar("T")
PATIENCE_S = 600.0
"""How long a driver waits for its store: a database that fails over or is upgraded is back by then."""
FIRST_S, LONGEST_S = 0.05, 1.0
"""The first pause between two asks, and the longest: each is twice the one before."""


class Patience:
    """Repeats a call while the store is away, for `limit_s` seconds after it was first found so."""

    def __init__(self, limit_s: float = PATIENCE_S) -> None:
        self.limit_s = limit_s
        self.on_wait: Callable[[str], None] = lambda message: None
        """Hears once a wait what is waited for."""
        self.is_over: Callable[[], bool] = lambda: False
        """Whether somebody wants no more waiting."""
        self.waits = 0
        """Calls that were repeated: an earlier try of theirs may have been done, and only its answer lost."""

    def __call__(self, call: Callable[[], T]) -> T:
        """The call's answer; its last error when patience is over."""
        until, pause_s = 0.0, FIRST_S
        while True:
            try:
                return call()
            except StoreAwayError as error:
                if not until:
                    self.waits += 1
                    until = time.monotonic() + self.limit_s
                    self.on_wait(
                        f"{error}; trying again for {self.limit_s:g} s, unless Ctrl-C is pressed twice"
                    )
                left_s = until - time.monotonic()
                if left_s <= 0 or self.is_over():
                    raise
                time.sleep(min(pause_s, left_s))
                pause_s = min(2 * pause_s, LONGEST_S)


class _Patient:
    """A store whose every public method is called with patience."""

    def __init__(self, store: Store, patience: Patience) -> None:
        self._store, self._patience = store, patience

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name.startswith("_") or not callable(found):
            return found
        return lambda *args, **options: self._patience(lambda: found(*args, **options))


def patient(store: Store, patience: Patience) -> Store:
    """The store, asked with patience (a patient one is not made more so)."""
    return cast(Store, _Patient(vars(store).get("_store", store), patience))
