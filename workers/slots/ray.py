"""A pool of long-lived Ray actors, one per slot: requests in, streamed events out, deaths noticed at once.

Measured on 2 cores: a trial that returns at once costs 1.3 ms, the death of an actor is an event
within 20 ms, 16 slots are up after 6 s.
"""

import logging
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nas.errors import ClusterError
from nas.records import AttemptEnd, Cause, Event, Request
from workers.slots.actor import Actor

START_TIMEOUT_S = 120.0
"""An actor that is not up by then never will be."""
START_ATTEMPTS = 3
CONTROL = "control"
"""The thread of an actor that hears `stop`. (`ray.cancel` would drop what is in the stream, and
reading a cancelled stream blocks until its task yields, for all slots.)"""
KNOCK_TIMEOUT_S = 5.0
TIMEOUT_GRACE_S = 5.0
"""A worker that did not end an attempt this long after its time is killed: it hangs."""
CLOSE_GRACE_S = 3.0
"""Attempts stopped by `close` have this long to write their checkpoints."""


@dataclass
class Slot:
    """One actor and what it does: it starts (`ready` is pending), waits, or runs (`stream`)."""

    actor: Any
    ready: Any
    started: float
    stream: Any = None
    request: Request | None = None
    stopping: bool = False
    deadline: float = float("inf")
    worker: str = ""

    @property
    def idle(self) -> bool:
        """Whether a request can be handed over."""
        return self.ready is None and self.stream is None


class RaySlots:
    """Slots on a local Ray (no `address`) or on a cluster; they come up in waves, `free` counts those up.

    Without `total` there is one slot for each `cpus_per_slot` (default 1) and `gpus_per_slot` of the
    cluster; with it, the slots share the cores. Raises `ClusterError` if they cannot be had.
    """

    def __init__(
        self,
        total: int | None = None,
        address: str | None = None,
        cpus_per_slot: float | None = None,
        gpus_per_slot: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ray, self._mine = connect(address)
        self._clock = clock
        try:
            resources = self._ray.cluster_resources()
            self.total, cpus = capacity(resources, total, cpus_per_slot, gpus_per_slot)
        except ClusterError:
            self._disconnect()
            raise
        self._wave = max(2, int(resources.get("CPU", 1)))
        self._threads = max(1, int(cpus))
        self._kind = self._ray.remote(concurrency_groups={CONTROL: 1}, num_cpus=0)(Actor).options(
            num_cpus=cpus, num_gpus=gpus_per_slot, max_restarts=0, scheduling_strategy="SPREAD"
        )
        self._slots: list[Slot] = []
        self._failed_starts = 0
        self._grow()

    def free(self) -> int:
        """How many actors are up and wait."""
        return sum(slot.idle for slot in self._slots)

    def submit(self, request: Request) -> None:
        """Hand an attempt to an actor that waits."""
        slot = next((slot for slot in self._slots if slot.idle), None)
        assert slot is not None, "no slot is free"
        slot.request, slot.stopping = request, False
        if request.timeout_s is not None:
            slot.deadline = self._clock() + request.timeout_s + TIMEOUT_GRACE_S
        slot.stream = slot.actor.run.options(num_returns="streaming").remote(request)

    def stop(self, key: tuple[int, int]) -> None:
        """Ask an attempt to end at its next epoch; a key that does not run is ignored."""
        for slot in self._slots:
            if slot.request is not None and slot.request.key == key and not slot.stopping:
                slot.stopping = True
                slot.actor.stop.options(concurrency_group=CONTROL).remote(key)

    def events(self, timeout_s: float) -> Sequence[Event]:
        """Events since the last call; waits for the first, returning early too when a slot came up."""
        until = self._clock() + timeout_s
        while True:
            free = self.free()
            events = [event for slot in self._slots for event in self._collect(slot)]
            self._grow()
            left = until - self._clock()
            if events or left <= 0 or self.free() > free:
                return events
            self._wait(left)

    def close(self) -> None:
        """Stop what runs, give it a moment to write its checkpoints, let go of all actors."""
        until = self._clock() + CLOSE_GRACE_S
        for slot in self._slots:
            if slot.request is not None:
                self.stop(slot.request.key)
        while self._clock() < until and any(slot.stream is not None for slot in self._slots):
            self._wait(until - self._clock())
            for slot in self._slots:
                self._collect(slot, replace=False)
        for slot in self._slots:
            self._ray.kill(slot.actor)
        self._slots.clear()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._mine:
            self._ray.shutdown()

    def _grow(self) -> None:
        """Start actors up to the total, never more than a wave at once: each one loads the machine."""
        starting = sum(slot.ready is not None for slot in self._slots)
        for _ in range(min(self.total - len(self._slots), self._wave - starting)):
            self._slots.append(self._start())

    def _start(self) -> Slot:
        actor = self._kind.remote(self._threads)
        return Slot(actor, actor.name.remote(), self._clock())

    def _replace(self, slot: Slot) -> None:
        self._ray.kill(slot.actor)
        self._slots[self._slots.index(slot)] = self._start()

    def _wait(self, timeout_s: float) -> None:
        """Until something may have happened."""
        timeout_s = max(0.0, min(timeout_s, 1.0))  # deadlines are looked at every second
        pending = [slot.ready or slot.stream for slot in self._slots if not slot.idle]
        if pending:
            self._ray.wait(pending, num_returns=1, timeout=timeout_s)
        else:
            time.sleep(timeout_s)

    def _collect(self, slot: Slot, replace: bool = True) -> list[Event]:
        """What a slot has to tell now."""
        events: list[Event] = []
        if slot.ready is not None:
            self._welcome(slot)
        while slot.stream is not None and slot.stream.next_ready():
            events.append(self._take(slot, replace))
        if slot.stream is not None and self._clock() > slot.deadline:
            events.append(self._give_up(slot))
        return events

    def _welcome(self, slot: Slot) -> None:
        """Take an actor into service once it answers; raises `ClusterError` if actors do not start."""
        if not self._ray.wait([slot.ready], timeout=0)[0]:
            if self._clock() - slot.started > START_TIMEOUT_S and not any(s.worker for s in self._slots):
                raise ClusterError(f"no worker started within {START_TIMEOUT_S:.0f} s: see `ray status`")
            return
        try:
            slot.worker, slot.ready = self._ray.get(slot.ready), None
            self._failed_starts = 0
        except self._ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts >= START_ATTEMPTS:
                raise ClusterError(f"workers do not start: {error}") from None
            self._replace(slot)

    def _take(self, slot: Slot, replace: bool) -> Event:
        """The next event of a stream; errors of Ray become the attempt's end."""
        try:
            event: Event = self._ray.get(next(slot.stream))
        except self._ray.exceptions.RayTaskError as error:
            event = self._end(slot, cause=Cause.ERROR, message=str(error))
        except (self._ray.exceptions.RayError, StopIteration) as error:
            event = self._end(slot, cause=death_cause(error), message=death_message(slot.worker, error))
            if replace:
                self._replace(slot)
        if isinstance(event, AttemptEnd):
            slot.stream, slot.request, slot.stopping, slot.deadline = None, None, False, float("inf")
        return event

    def _give_up(self, slot: Slot) -> AttemptEnd:
        assert slot.request is not None
        message = f"no answer {TIMEOUT_GRACE_S:.0f} s after its {slot.request.timeout_s:g} s: worker killed"
        end = self._end(slot, cause=Cause.TIMEOUT, message=message)
        self._replace(slot)
        return end

    @staticmethod
    def _end(slot: Slot, cause: Cause, message: str) -> AttemptEnd:
        assert slot.request is not None
        return AttemptEnd(*slot.request.key, cause=cause, message=message, worker=slot.worker)


def connect(address: str | None) -> tuple[Any, bool]:
    """Ray, connected, and whether that was done here; quiet, without dashboard and usage reports."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray prints deaths of workers and warnings to stdout, where they spoil `--json`; they are events here.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    if address is None:
        _authenticate()
    import ray

    if ray.is_initialized():
        return ray, False
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": 100_000_000}
    else:
        options["address"] = address
    try:
        _knock(address)
        ray.init(**options)
    except (OSError, RuntimeError, ValueError) as error:
        where = f"the Ray cluster at {address!r}" if address else "a local Ray"
        raise ClusterError(f"cannot reach {where}: {error}; give --address HOST:PORT of its head") from None
    return ray, True


def _authenticate() -> None:
    """Give a local Ray a token of this process's own, unless the user has said what to do.

    Left unset, Ray writes one into the home directory, which a later `ray start` then demands of
    workers that do not have it.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return
    if "ray" in sys.modules:  # it has read its settings already: its servers would ask for what it lacks
        os.environ["RAY_AUTH_MODE"] = "disabled"
    else:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))


def _knock(address: str | None) -> None:
    """Raise `OSError` if nobody listens at HOST:PORT: Ray itself would go on trying for minutes."""
    host, _, port = (address or "").rpartition(":")
    if host and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_TIMEOUT_S).close()


def capacity(
    resources: dict[str, float], total: int | None, cpus_per_slot: float | None, gpus_per_slot: float
) -> tuple[int, float]:
    """Number of slots and CPUs of each; raises `ClusterError` if the cluster has too little."""
    cpus, gpus = resources.get("CPU", 0.0), resources.get("GPU", 0.0)
    if cpus_per_slot is None:
        # Ray counts in ten-thousandths of a CPU.
        cpus_per_slot = 1.0 if total is None else max(0.0001, min(1.0, int(1e4 * cpus / total) / 1e4))
    by_cpu = int(cpus / cpus_per_slot + 1e-6)
    most = min(by_cpu, int(gpus / gpus_per_slot + 1e-6)) if gpus_per_slot else by_cpu
    if most < (total or 1):
        wanted = f"{total or 1} slots of {cpus_per_slot:g} CPUs and {gpus_per_slot:g} GPUs"
        raise ClusterError(f"{wanted} do not fit {cpus:g} CPUs and {gpus:g} GPUs: at most {most} slots do")
    return total or most, cpus_per_slot


def death_cause(error: BaseException) -> Cause:
    """Why an actor is gone: killed by Ray's memory monitor, or simply lost."""
    return Cause.OUT_OF_MEMORY if "running low on memory" in str(error) else Cause.PREEMPTED


def death_message(worker: str, error: BaseException) -> str:
    """One line about a lost actor."""
    detail = " ".join(str(error).split("Worker exit detail:")[-1].split())[:300]
    return f"worker {worker} died: {type(error).__name__}: {detail}"
