"""What lives in a Ray actor: a process that runs one attempt after the other and keeps its caches."""

import os
import threading
from collections.abc import Iterator

from nas.errors import ClusterError
from nas.records import AttemptEnd, Event, Metrics, Request
from workers.run import run_attempt, stopped, worker_name
from workers.slots.probe import Probe

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Actor:
    """One slot's worker. It imports torch at the first request that trains, not before.

    `run`, `stop` and `live` are called from three threads of the process; a stop takes effect between epochs.
    """

    def __init__(self, threads: int) -> None:
        for variable in THREAD_VARIABLES:
            os.environ[variable] = str(threads)  # read by torch when it is imported
        self._stop: tuple[int, int] | None = None
        self._final = False

    def join(self, probe: Probe | None) -> str:
        """host:pid: the process is up. Raises `ClusterError` if it cannot read the probe."""
        if probe is not None and not probe.is_seen():
            raise ClusterError(f"worker {worker_name()} cannot read {probe.url}: workers share the artifacts")
        return worker_name()

    def live(self) -> None:
        """Never answers: its caller learns of the end of the process by the error that comes instead."""
        threading.Event().wait()

    def stop(self, key: tuple[int, int], final: bool) -> None:
        """Ask the attempt of this key to end at its next epoch; heeded even if it has not begun."""
        self._final = final
        self._stop = key

    def run(self, request: Request) -> Iterator[Event]:
        """The events of an attempt."""
        metrics: Metrics = {}
        steps = run_attempt(request)
        while self._stop != request.key:
            event = next(steps)
            yield event
            if isinstance(event, AttemptEnd):
                return
            metrics = event.metrics
        end = stopped(request, steps, metrics, final=self._final)
        self._stop = None
        yield end
