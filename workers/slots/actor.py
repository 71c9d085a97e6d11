"""What lives in a Ray actor: a process that runs one attempt after the other and keeps its caches."""

import os
from collections.abc import Iterator

from nas.records import AttemptEnd, Event, Metrics, Request
from workers.run import run_attempt, worker_name

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Actor:
    """One slot's worker. It imports torch at the first request that trains, not before.

    `run` and `stop` are called from two threads of the process; a stop takes effect between epochs.
    """

    def __init__(self, threads: int) -> None:
        for variable in THREAD_VARIABLES:
            os.environ[variable] = str(threads)  # read by torch when it is imported
        self._stop: tuple[int, int] | None = None

    def name(self) -> str:
        """host:pid; the answer tells that the process is up."""
        return worker_name()

    def stop(self, key: tuple[int, int]) -> None:
        """Ask the attempt of this key to end at its next epoch; heeded even if it has not begun."""
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
        steps.close()
        self._stop = None
        yield AttemptEnd(*request.key, metrics, stopped=True, worker=worker_name())
