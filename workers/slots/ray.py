"""A pool of long-lived Ray actors, one per slot: requests in, streamed events out, deaths noticed at once.

Measured on 2 cores: a trial that returns at once costs 1.3 ms, the death of an actor is an event
within 20 ms, 16 slots are up after 6 s.
"""

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nas.errors import ClusterError
from nas.records import AttemptEnd, Cause, Event, Request
from workers.slots.actor import Actor
from workers.slots.cluster import (
    Connection,
    authenticate,
    capacity,
    death_cause,
    death_message,
    knock,
    own_sigterm,
)
from workers.slots.probe import write_probe

logger = logging.getLogger(__name__)

START_TIMEOUT_S = 120.0
"""An actor that is not up by then never will be."""
START_ATTEMPTS = 3
CONTROL = "control"
"""The thread of an actor that hears `stop`. (`ray.cancel` would drop what is in the stream, and
reading a cancelled stream blocks until its task yields, for all slots.)"""
PULSE = "pulse"
"""The thread of an actor whose call `live` ends only with the actor: so is one missed that died idle."""
TIMEOUT_GRACE_S = 5.0
"""A worker that did not end an attempt this long after its time is killed: it hangs."""
CLOSE_GRACE_S = 3.0
"""Attempts stopped by `close` have this long to write their checkpoints."""


@dataclass
class Slot:
    """One actor and what it does: it starts (`ready` is pending), waits, or runs (`stream`)."""

    actor: Any
    ready: Any
    pulse: Any
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
    cluster; with it, the slots share the cores. Raises `ClusterError` if they cannot be had. Given
    the study's `artifacts`, only workers join that can read there what this driver writes.
    """

    def __init__(
        self,
        total: int | None = None,
        address: str | None = None,
        cpus_per_slot: float | None = None,
        gpus_per_slot: float = 0.0,
        artifacts: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cluster = connect(address)
        self._ray, self._clock = self._cluster.ray, clock
        try:
            resources = self._ray.cluster_resources()
            self.total, cpus = capacity(resources, total, cpus_per_slot, gpus_per_slot)
        except ClusterError:
            self._cluster.close()
            raise
        self._wave = max(2, int(resources.get("CPU", 1)))
        self._threads = max(1, int(cpus))
        self._kind = self._ray.remote(concurrency_groups={CONTROL: 1, PULSE: 1}, num_cpus=0)(Actor).options(
            num_cpus=cpus, num_gpus=gpus_per_slot, max_restarts=0, scheduling_strategy="SPREAD"
        )
        self._slots: list[Slot] = []
        self._failed_starts = 0
        self._probe = write_probe(artifacts) if artifacts is not None else None
        self._grow()

    def free(self) -> int:
        """How many actors are up and wait; one that died meanwhile is replaced."""
        self._bury()
        return self._up

    def submit(self, request: Request) -> None:
        """Hand an attempt to an actor that waits."""
        slot = next((slot for slot in self._slots if slot.idle), None)
        assert slot is not None, "no slot is free"
        slot.request, slot.stopping = request, False
        if request.timeout_s is not None:
            slot.deadline = self._clock() + request.timeout_s + TIMEOUT_GRACE_S
        slot.stream = slot.actor.run.options(num_returns="streaming").remote(request)

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        """Ask an attempt to end at its next epoch; a key that does not run is ignored."""
        for slot in self._slots:
            if slot.request is not None and slot.request.key == key and not slot.stopping:
                slot.stopping = True
                slot.actor.stop.options(concurrency_group=CONTROL).remote(key, final)

    def events(self, timeout_s: float) -> Sequence[Event]:
        """Events since the last call; waits for the first, returning early too when a slot came up."""
        until = self._clock() + timeout_s
        while True:
            self._bury()
            up = self._up
            events = [event for slot in list(self._slots) for event in self._collect(slot)]
            self._grow()
            left = until - self._clock()
            if events or left <= 0 or self._up > up:
                return events
            self._wait(self._slots, left)

    def close(self) -> None:
        """Stop what runs, give it a moment to write its checkpoints, let go of all actors."""
        until = self._clock() + CLOSE_GRACE_S
        for slot in self._slots:
            if slot.request is not None:
                self.stop(slot.request.key)
        while (busy := [slot for slot in self._slots if slot.stream is not None]) and self._clock() < until:
            self._wait(busy, until - self._clock())
            for slot in busy:
                self._collect(slot, replace=False)
        for slot in self._slots:
            self._ray.kill(slot.actor)
        self._slots.clear()
        if self._probe is not None:
            self._probe.remove()
        self._cluster.close()

    @property
    def _up(self) -> int:
        return sum(slot.idle for slot in self._slots)

    def _grow(self) -> None:
        """Start actors up to the total, never more than a wave at once: each one loads the machine."""
        starting = sum(slot.ready is not None for slot in self._slots)
        for _ in range(min(self.total - len(self._slots), self._wave - starting)):
            self._slots.append(self._start())

    def _start(self) -> Slot:
        actor = self._kind.remote(self._threads)
        pulse = actor.live.options(concurrency_group=PULSE).remote()
        return Slot(actor, actor.join.remote(self._probe), pulse, self._clock())

    def _bury(self) -> None:
        """Replace actors that died while they waited: no attempt shall be handed to them."""
        waiting = {slot.pulse: slot for slot in self._slots if slot.idle}
        if waiting:
            for pulse in self._ray.wait([*waiting], num_returns=len(waiting), timeout=0)[0]:
                self._replace(waiting[pulse])

    def _replace(self, slot: Slot) -> None:
        self._ray.kill(slot.actor)
        self._slots[self._slots.index(slot)] = self._start()

    def _wait(self, slots: Sequence[Slot], timeout_s: float) -> None:
        """Until something may have happened to one of these."""
        timeout_s = max(0.0, min(timeout_s, 1.0))  # deadlines are looked at every second
        pending = [slot.ready or slot.stream or slot.pulse for slot in slots]
        self._ray.wait(pending, num_returns=1, timeout=timeout_s)

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
        except ClusterError as error:  # Ray gives its own error this type too
            self._turn_away(slot, error)
        except self._ray.exceptions.RayError as error:
            self._failed_starts += 1
            if self._failed_starts >= START_ATTEMPTS:
                raise ClusterError(f"workers do not start: {error}") from None
            self._replace(slot)

    def _turn_away(self, slot: Slot, error: ClusterError) -> None:
        """Do without a worker that does not see the artifacts: it would begin every trial anew."""
        reason = str(getattr(error, "cause", error))
        self._ray.kill(slot.actor)
        self._slots.remove(slot)
        self.total -= 1
        logger.warning("%s; %d slots are left", reason, self.total)
        if not self.total:
            raise ClusterError(f"no worker may join: {reason}") from None

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


def connect(address: str | None) -> Connection:
    """Ray, connected; quiet, without dashboard and usage reports."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray prints deaths of workers and warnings to stdout, where they spoil `--json`; they are events here.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    if address is None:
        authenticate()
    import ray

    if ray.is_initialized():
        return Connection(ray)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        options |= {"address": "local", "include_dashboard": False, "object_store_memory": 100_000_000}
    else:
        options["address"] = address
    try:
        knock(address)
        with own_sigterm():
            context: Any = ray.init(**options)
    except (OSError, RuntimeError, ValueError) as error:
        where = f"the Ray cluster at {address!r}" if address else "a local Ray"
        raise ClusterError(f"cannot reach {where}: {error}; give --address HOST:PORT of its head") from None
    session = context.address_info["session_dir"] if address is None else None
    return Connection(ray, mine=True, session=session)
