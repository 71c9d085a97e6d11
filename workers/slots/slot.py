"""One actor of a pool, and what is known of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nas.records import AttemptEnd, Cause, Request

Kills = tuple[str, int] | None
"""A file that counts the kernel's kills for want of memory, and its count; None: there is none."""

CONTROL = "control"
"""The thread of an actor that hears `stop` and `ping`. (`ray.cancel` would drop what is in the stream, and
reading a cancelled stream blocks until its task yields, for all slots.)"""
PULSE = "pulse"
"""The thread of an actor whose call `live` ends only with the actor: so is one missed that died idle."""


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
    """host:pid, once it is up."""
    node: str = ""
    kills: Kills = None
    """The kernel's kills on its machine when it was last heard of."""
    ping: Any = None
    """A question that waits for its answer."""
    asked: float = 0.0

    @property
    def idle(self) -> bool:
        """Whether a request can be handed over."""
        return self.ready is None and self.stream is None

    @property
    def next(self) -> Any:
        """What will tell something new of it."""
        return self.ready or self.stream or self.pulse

    def end(self, cause: Cause, message: str) -> AttemptEnd:
        """The end of what it ran, as told by others."""
        assert self.request is not None
        return AttemptEnd(*self.request.key, cause=cause, message=message, worker=self.worker)

    def rest(self) -> None:
        """What it ran has ended."""
        self.stream, self.request, self.stopping, self.deadline = None, None, False, float("inf")


class Pings:
    """Finds actors whose process does not answer, though Ray believes it alive: stopped, or deadlocked."""

    def __init__(self, ray: Any, clock: Callable[[], float], limit_s: float) -> None:
        self._ray, self._clock, self.limit_s = ray, clock, limit_s
        self._every_s = limit_s / 6
        self._heard = clock()

    def silent(self, slots: Sequence[Slot]) -> list[Slot]:
        """Those that have owed an answer for longer than the limit; asks the others now and then."""
        now = self._clock()
        if now - self._heard < min(1.0, self._every_s):
            return []
        self._heard = now
        self._hear([slot for slot in slots if slot.ping is not None])
        for slot in slots:
            if slot.ready is None and slot.ping is None and now - slot.asked >= self._every_s:
                slot.ping, slot.asked = slot.actor.ping.options(concurrency_group=CONTROL).remote(), now
        return [slot for slot in slots if slot.ping is not None and now - slot.asked > self.limit_s]

    def excuse(self, slots: Sequence[Slot], seconds: float) -> None:
        """So long this process itself was asleep, and heard nobody."""
        for slot in slots:
            slot.asked += seconds

    def _hear(self, asked: Sequence[Slot]) -> None:
        if not asked:
            return
        answered = set(self._ray.wait([slot.ping for slot in asked], num_returns=len(asked), timeout=0)[0])
        for slot in asked:
            if slot.ping in answered:
                with suppress(self._ray.exceptions.RayError):  # it is dead: its stream or pulse tells so too
                    slot.kills = self._ray.get(slot.ping)
                slot.ping = None
