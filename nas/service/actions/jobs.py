"""Drivers on a Ray cluster, as the service sees them: asked for in a helper process that loads Ray."""

import hashlib
import threading
import time
from dataclasses import dataclass, field

from nas.errors import NasError
from nas.service.engines import EngineOptions
from nas.service.helper import ask
from workers.slots import jobs
from workers.slots.jobs import JobView

FRESH_S, SOON_S = 10.0, 1.0
"""So long an answer of the cluster is good enough for a page; and that a driver is alive, which is asked of
those alone that the store does not call running: they are about to be, or to end."""
TIMEOUT_S = 60.0


@dataclass
class Jobs:
    """What was last heard of each job."""

    _heard: dict[str, tuple[float, JobView]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def submit(self, name: str, words: list[str], slots: EngineOptions, store_url: str) -> JobView:
        """Start the driver of this name on the cluster, unless it is alive there. Raises `ClusterError`."""
        assert slots.address is not None
        view = ask(jobs.submit, slots.address, name, words, {"NAS_STORE": store_url}, timeout_s=TIMEOUT_S)
        self._hear(name, view)
        return view

    def look(self, name: str, slots: EngineOptions) -> JobView:
        """How it is, or was some seconds ago; not there if the cluster cannot be asked."""
        with self._lock:
            at_s, view = self._heard.get(name, (0.0, JobView(there=False)))
        fresh_s = SOON_S if view.alive else FRESH_S
        return view if time.monotonic() - at_s < fresh_s else self.read(name, slots, 0)

    def read(self, name: str, slots: EngineOptions, lines: int) -> JobView:
        """How it is now, with the last lines of its log."""
        assert slots.address is not None
        try:
            view = ask(jobs.look, slots.address, name, lines, timeout_s=TIMEOUT_S)
        except NasError as error:
            view = JobView(there=False, log=str(error))
        self._hear(name, view)
        return view

    def stop(self, name: str, slots: EngineOptions) -> None:
        """Interrupt it. Raises `ClusterError` if the cluster cannot be reached."""
        assert slots.address is not None
        ask(jobs.stop, slots.address, name, timeout_s=TIMEOUT_S)

    def _hear(self, name: str, view: JobView) -> None:
        with self._lock:
            self._heard[name] = (time.monotonic(), view)


def job_name(key: str, store_url: str) -> str:
    """The same for a study wherever its service runs, and another one for each store.

    `key`: see `nas.service.actions.records.key_of`. `store_url` is without a password: the name is to be the
    same after that has changed.
    """
    return f"nas-{key}-{hashlib.sha256(store_url.encode()).hexdigest()[:8]}"
