"""What lives in a Ray actor: a process that runs one attempt after the other and keeps its caches."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from nas.records import AttemptEnd, Cause, Event, Metrics, Request
from workers.failures import is_device_lost
from workers.printed import Printed
from workers.run import failed, run_attempt, stopped, worker_name
from workers.slots.deaths import kills_here
from workers.slots.probe import Probe
from workers.slots.slot import Kills

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Member:
    """A worker that has joined: its host:pid, its node of the cluster, the kernel's kills there by then."""

    name: str
    node: str
    kills: Kills
    unseen: str = ""
    """Why it cannot read the artifacts; empty if it can."""


class Actor:
    """One slot's worker. It imports torch at the first request that trains, not before.

    `run`, `stop` and `ping`, and `live` are called from three threads of the process; a stop takes effect
    between epochs.
    """

    def __init__(self, threads: int) -> None:
        for variable in THREAD_VARIABLES:
            os.environ[variable] = str(threads)  # read by torch when it is imported
        self._stop: tuple[int, int] | None = None
        self._final = False
        self._over = threading.Event()
        self._printed = Printed()

    def join(self, probe: Probe | None) -> Member:
        """The process is up; whether it reads the probe too."""
        import ray

        node = ray.get_runtime_context().get_node_id()
        unseen = probe.unseen() if probe is not None else ""
        return Member(worker_name(), node, kills_here(), unseen)

    def live(self) -> None:
        """Answers when this process is of no more use; if it dies, its caller gets an error instead."""
        self._over.wait()

    def ping(self) -> Kills:
        """Not stuck, at least."""
        return kills_here()

    def stop(self, key: tuple[int, int], final: bool) -> None:
        """Ask the attempt of this key to end at its next epoch; heeded even if it has not begun."""
        self._final = final
        self._stop = key

    def run(self, request: Request) -> Iterator[Event]:
        """The events of an attempt."""
        if self._over.is_set():
            yield failed(request, Cause.PREEMPTED, "its worker has lost its device, and ends")
            return
        self._printed.begin(request)
        for event in self._events(request):
            if isinstance(event, AttemptEnd):
                if event.cause is not None and is_device_lost(event.message):
                    self._over.set()  # whatever it did next would fail too
                self._printed.end(event)
            else:
                self._printed.renew()
            yield event

    def _events(self, request: Request) -> Iterator[Event]:
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
