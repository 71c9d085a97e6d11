"""What the first visitors would wait for, made beside the start of a service."""

import threading
from collections.abc import Callable
from itertools import chain

from nas.dashboard import static
from nas.dashboard.rendering import environment
from nas.errors import NasError
from nas.service.views.warming import steps
from nas.store import Store

PATIENCE_S = 5.0
"""So long an end waits for the step that is underway."""


class Warming:
    """A thread that goes through all steps, unless the service ends before."""

    def __init__(self, store: Store) -> None:
        self._first: list[Callable[[], object]] = [static.warm, _templates]
        self._store, self._ending = store, threading.Event()
        self._thread = threading.Thread(target=self._run, name="warm", daemon=True)

    def start(self, first: Callable[[], object]) -> None:
        """Begin, with a step of the caller's own."""
        self._first.insert(0, first)
        self._thread.start()

    def end(self) -> None:
        """Begin no further step: the store is closed after this."""
        self._ending.set()
        self.wait(PATIENCE_S)

    def wait(self, timeout_s: float | None = None) -> None:
        """Until all is done."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            for step in chain(self._first, steps(self._store)):
                if self._ending.is_set():
                    return
                step()
        except NasError:
            return  # whoever asks is told why


def _templates() -> None:
    for name in environment().list_templates():
        environment().get_template(name)
