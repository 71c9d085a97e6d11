"""The actors of a driver: as many as its cluster has room for, or as were asked for."""

import logging
from collections.abc import Callable
from typing import Any

from nas.errors import ClusterError
from workers.slots.actor import Actor
from workers.slots.probe import Probe
from workers.slots.room import Need
from workers.slots.slot import CONTROL, PULSE, Slot
from workers.slots.watch import Watch

logger = logging.getLogger(__name__)

START_ATTEMPTS = 3
START_S = 20.0
"""Actors that fail to start one after the other, for so long, while none is up: none ever will."""
ROOM_S = 15.0
"""An actor that has not started by then waits for room."""


class Pool:
    """`slots` follow the nodes of the cluster; with `most` there are never more, and those that do not fit
    wait as Ray's demand.

    An autoscaler reads that demand, and ends nodes on which nobody has a slot. Where there is one, `aim` is
    set to the number of trials that could run: as many slots wait then as the nodes hold, so that these
    double while there is work, and slots beyond the work go.
    """

    def __init__(
        self,
        ray: Any,
        watch: Watch,
        need: Need,
        most: int | None,
        probe: Probe | None,
        clock: Callable[[], float],
    ) -> None:
        self._ray, self._watch, self._need, self._most = ray, watch, need, most
        self._probe, self._clock = probe, clock
        self.slots: list[Slot] = []
        self.aim: int | None = None
        self._blind: set[str] = set()
        """Nodes that do not see the artifacts."""
        self._failures = 0
        self._up_at = clock()
        self._said: set[str] = set()
        self._kind = ray.remote(concurrency_groups={CONTROL: 1, PULSE: 1}, num_cpus=0)(Actor).options(
            num_cpus=need.cpus, num_gpus=need.gpus, max_restarts=0, scheduling_strategy="SPREAD"
        )

    @property
    def idle(self) -> list[Slot]:
        """Those that wait for a request."""
        return [slot for slot in self.slots if slot.idle]

    @property
    def up(self) -> int:
        """How many have started."""
        return sum(slot.ready is None for slot in self.slots)

    @property
    def total(self) -> int:
        """How many are up or about to be; those that wait for room do not count."""
        now, fitting = self._clock(), min(self._goal, self._room)
        waiting = sum(slot.ready is not None and now - slot.started > ROOM_S for slot in self.slots)
        beyond = max(0, len(self.slots) - fitting)
        return max(self.up, fitting - max(0, waiting - beyond))

    @property
    def wave(self) -> int:
        """How many start at once: each one loads its machine."""
        return max(2, int(sum(node.get("CPU", 0.0) for node in self._watch.nodes.values())))

    @property
    def _room(self) -> int:
        """How many the nodes would hold, if nobody else used them."""
        nodes = self._watch.nodes
        return self._need.room(nodes[node] for node in nodes if node not in self._blind)

    @property
    def _goal(self) -> int:
        """How many there should be, some of them even if they have to wait."""
        room = max(1, self._room)
        if self.aim is None:
            return self._most or room
        return min(self.aim, self._most or 2 * room)

    def follow(self) -> None:
        """Start what is missing and fits, a wave at a time, then what must wait for room. Those that have
        lost their room before they were up go, and idle ones beyond the aim; whoever runs stays for as long
        as its node."""
        self.bury()
        if self._watch.hushed:
            return
        goal, fitting, there = self._goal, min(self._goal, self._room), len(self.slots)
        starting = [slot for slot in self.slots if slot.ready is not None]
        more = goal - there
        if there < fitting:
            more = max(0, min(fitting - there, self.wave - len(starting)))
        for _ in range(more):
            self.slots.append(self._start())
        spare = [*reversed(starting), *(self.idle if self.aim is not None else [])]
        for slot in spare[: max(0, -more)]:
            self.remove(slot)
        self._tell()

    def bury(self) -> None:
        """Remove those that died while they waited: no attempt shall be handed to them."""
        waiting = {slot.pulse: slot for slot in self.idle}
        if waiting:
            for pulse in self._ray.wait([*waiting], num_returns=len(waiting), timeout=0)[0]:
                self.remove(waiting[pulse])

    def remove(self, slot: Slot) -> None:
        """Do without this one; its process ends, were it stopped or deadlocked, within 10 s."""
        self.slots.remove(slot)
        if not self._watch.hushed:
            self._ray.kill(slot.actor)

    def close(self) -> None:
        """Do without any."""
        for slot in list(self.slots):
            self.remove(slot)

    def _start(self) -> Slot:
        kind, threads = self._kind, max(1, int(self._need.cpus))
        if self._blind:
            others = f"!in({','.join(sorted(self._blind))})"
            kind = kind.options(label_selector={"ray.io/node-id": others})
        actor = self._watch.in_time(lambda: kind.remote(threads))
        pulse = actor.live.options(concurrency_group=PULSE).remote()
        return Slot(actor, actor.join.remote(self._probe), pulse, self._clock())

    def welcome(self, slot: Slot) -> None:
        """Take an actor into service once it answers; raises `ClusterError` if none ever will."""
        if not self._ray.wait([slot.ready], timeout=0)[0]:
            return
        try:
            member = self._ray.get(slot.ready)
        except self._ray.exceptions.RayError as error:
            self.remove(slot)
            self._count_failure(error)
            return
        slot.worker, slot.node, slot.kills, slot.ready = member.name, member.node, member.kills, None
        self._failures = 0
        if member.unseen:
            self._turn_away(slot, member.unseen)

    def _count_failure(self, error: BaseException) -> None:
        """An actor has failed to start: with its node, or because it cannot."""
        self._failures += 1
        long = self._clock() - self._up_at > START_S or "creation task" in str(error)
        if self._failures >= START_ATTEMPTS and long and not self.up:
            why = " ".join(str(error).split())[-500:]
            raise ClusterError(f"workers do not start: {why}; the same nas must be installed on all nodes")

    def _turn_away(self, slot: Slot, why: str) -> None:
        """Do without a node that does not see the artifacts: it would begin every trial anew."""
        assert self._probe is not None
        self.remove(slot)
        self._blind.add(slot.node)
        reason = f"worker {slot.worker} cannot read {self._probe.url}: {why}"
        if not self._room and not self.up:
            raise ClusterError(
                f"no worker may join: {reason}; workers share the artifacts: give --artifacts URL"
            )
        self._say(slot.node, f"{reason}; its node is left out")

    def _tell(self) -> None:
        """Say once what is waited for, each time that nothing is up for long."""
        now = self._clock()
        if self._most and 0 < self._room < self._most:
            fits = f"{self._room} of {self._most} slots of {self._need} fit into the cluster"
            self._say("room", f"{fits}; the others start when there is room")
        if self.up or self.aim == 0:
            self._up_at = now
            self._said.discard("none")
        elif now - self._up_at > ROOM_S:
            need = f"a slot of {self._need}"
            why = f"others use what {need} takes (ray status tells)"
            if not self._room:
                why = f"no node that has room for {need} is there (ray start --address=HOST:PORT adds one)"
            self._say("none", f"no worker is up: {why}; waiting for one, Ctrl-C stops")

    def _say(self, what: str, message: str) -> None:
        if what not in self._said:
            self._said.add(what)
            logger.warning("%s", message)
