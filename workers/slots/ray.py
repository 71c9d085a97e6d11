"""A pool of long-lived Ray actors, one per slot: requests in, streamed events out, deaths noticed at once.

It follows its cluster: slots come when a node joins and go when one leaves. Measured on 2 cores: a trial that
returns at once costs 1.3 ms, the death of an actor is an event within 20 ms, 16 slots are up after 6 s.
"""

import time
from collections.abc import Callable, Sequence

from nas.errors import ClusterError, NasError
from nas.records import AttemptEnd, Cause, Event, Request
from workers.settings import stuck_s
from workers.slots.connect import Connection, connect
from workers.slots.deaths import Inquests
from workers.slots.pool import Pool
from workers.slots.probe import write_probe
from workers.slots.room import Need, need_of, refuse_hopeless
from workers.slots.slot import CONTROL, Pings, Slot
from workers.slots.watch import Watch

TIMEOUT_GRACE_S = 5.0
"""A worker that did not end an attempt this long after its time is killed: it hangs."""
CLOSE_GRACE_S = 3.0
"""Attempts stopped by `close` have this long to write their checkpoints."""
STALL_S = 5.0
"""Who has not looked for so long was asleep himself (stopped, suspended): that time does not count."""


class RaySlots:
    """Slots on a local Ray (no `address`) or on a cluster; they come up in waves, `free` counts those up.

    Without `total` there are as many as the nodes hold, each of `cpus_per_trial` (default 1) and
    `gpus_per_trial` (default: one where there are any); with it never more, and those that do not fit wait as
    Ray's demand. Where an autoscaler reads that, it grows and shrinks with the work: see `Pool`.
    A local Ray's cores are shared by `total` slots. Raises `ClusterError` if there can be none.
    Given the study's `artifacts`, only workers join that can read there what this driver writes.
    """

    def __init__(
        self,
        total: int | None = None,
        address: str | None = None,
        cpus_per_trial: float | None = None,
        gpus_per_trial: float | None = None,
        artifacts: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        limit_s = stuck_s()
        self._clock, self._looked = clock, clock()
        self._cluster = connect(address)
        ray = self._ray = self._cluster.ray
        self._watch = Watch(ray, clock)
        try:
            need = _need(self._cluster, self._watch, total, address, cpus_per_trial, gpus_per_trial)
            self._probe = write_probe(artifacts) if artifacts is not None else None
        except NasError:
            self._watch.close()
            self._cluster.close()
            raise
        self.pool = Pool(ray, self._watch, need, total, self._probe, clock)
        self._scaled = address is not None and self._cluster.is_scaled()
        self._pings, self._inquests = Pings(ray, clock, limit_s), Inquests(ray, clock)
        self._told: list[Event] = []
        self.pool.follow()

    @property
    def total(self) -> int:
        """How many slots there are or are about to be, by now."""
        return self.pool.total

    def free(self) -> int:
        """How many actors are up and wait; one that died meanwhile is replaced."""
        self._look()
        return len(self.pool.idle)

    def aim(self, trials: int) -> None:
        """So many trials could run at once; only where an autoscaler starts and ends nodes it matters."""
        if self._scaled:
            self.pool.aim = trials

    def submit(self, request: Request) -> None:
        """Hand an attempt to an actor that waits."""
        assert self.pool.idle, "no slot is free"
        slot = self.pool.idle[0]
        slot.request, slot.stopping = request, False
        if request.timeout_s is not None:
            slot.deadline = self._clock() + request.timeout_s + TIMEOUT_GRACE_S
        slot.stream = slot.actor.run.options(num_returns="streaming").remote(request)

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        """Ask an attempt to end at its next epoch; a key that does not run is ignored."""
        for slot in self.pool.slots:
            if slot.request is not None and slot.request.key == key and not slot.stopping:
                slot.stopping = True
                slot.actor.stop.options(concurrency_group=CONTROL).remote(key, final)

    def events(self, timeout_s: float) -> Sequence[Event]:
        """Events since the last call; waits for the first, returning early too when a slot came up."""
        until = self._clock() + timeout_s
        while True:
            self._look()
            up = self.pool.up
            events = [event for slot in list(self.pool.slots) for event in self._collect(slot)]
            events += [*self._told, *self._inquests.ended()]
            self._told = []
            left = until - self._clock()
            if events or left <= 0 or self.pool.up > up:
                return events
            self._wait(self.pool.slots, left)

    def close(self) -> None:
        """Stop what runs, give it a moment to write its checkpoints, let go of all actors."""
        until = self._clock() + CLOSE_GRACE_S
        for slot in self.pool.slots:
            if slot.request is not None:
                self.stop(slot.request.key)
        while (busy := self._busy) and not self._watch.hushed and self._clock() < until:
            self._wait(busy, until - self._clock())
            for slot in busy:
                self._collect(slot)
        self._watch.close()
        self.pool.close()
        if self._probe is not None:
            self._probe.remove()
        self._cluster.close()

    @property
    def _busy(self) -> list[Slot]:
        return [slot for slot in self.pool.slots if slot.stream is not None]

    def _look(self) -> None:
        """See who came, died, got stuck or went; raises `ClusterLostError` if that is the head."""
        now = self._clock()
        if (slept := now - self._looked) > STALL_S:
            self._watch.excuse(slept)
            self._pings.excuse(self.pool.slots, slept)
        self._looked = now
        self._watch.refuse_loss()
        for slot in self._pings.silent(self.pool.slots):
            told = f"worker {slot.worker} is stuck: no answer for {self._pings.limit_s:g} s, killed"
            self._give_up(slot, Cause.PREEMPTED, told)
        self.pool.follow()

    def _wait(self, slots: Sequence[Slot], timeout_s: float) -> None:
        """Until something may have happened to one of these."""
        timeout_s = max(0.0, min(timeout_s, 1.0))  # deadlines are looked at every second
        pending = [slot.next for slot in slots] + self._inquests.pending
        if pending:
            self._ray.wait(pending, num_returns=1, timeout=timeout_s)
        else:
            time.sleep(min(timeout_s, 0.1))

    def _collect(self, slot: Slot) -> list[Event]:
        """What a slot has to tell now."""
        events: list[Event] = []
        if slot.ready is not None:
            self.pool.welcome(slot)
        while slot.stream is not None and slot.stream.next_ready():
            events += self._take(slot)
        if slot.stream is not None and self._clock() > slot.deadline:
            assert slot.request is not None
            told = f"no answer {TIMEOUT_GRACE_S:.0f} s after its {slot.request.timeout_s:g} s: worker killed"
            self._give_up(slot, Cause.TIMEOUT, told)
        return events

    def _take(self, slot: Slot) -> list[Event]:
        """The next event of a stream; errors of Ray become the attempt's end."""
        event: Event | None
        try:
            event = self._ray.get(next(slot.stream))
        except self._ray.exceptions.RayTaskError as error:
            event = slot.end(Cause.ERROR, str(error))
        except (self._ray.exceptions.RayError, StopIteration) as error:
            event = self._inquests.hold(slot, error, slot.node in self._watch.nodes)
            self.pool.remove(slot)
            slot.rest()
        if isinstance(event, AttemptEnd):
            slot.rest()
        return [event] if event is not None else []

    def _give_up(self, slot: Slot, cause: Cause, message: str) -> None:
        """Kill a worker that will not end by itself."""
        if slot.request is not None:
            self._told.append(slot.end(cause, message))
        slot.rest()
        self.pool.remove(slot)


def _need(
    cluster: Connection,
    watch: Watch,
    total: int | None,
    address: str | None,
    cpus: float | None,
    gpus: float | None,
) -> Need:
    """What a trial gets; raises `ClusterError` if no node could ever hold one."""
    nodes = list(watch.nodes.values())
    need = need_of(nodes, total if address is None else None, cpus, gpus)
    try:
        refuse_hopeless(need, nodes, f"the cluster at {address}" if address else "this machine")
    except ClusterError:
        if not cluster.is_scaled():
            raise
    return need
