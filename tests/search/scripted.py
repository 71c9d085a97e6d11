"""Slots with a virtual clock that play what a script says: a real implementation of the protocol."""

import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from nas.records import AttemptEnd, Cause, EpochReport, Event, Metrics, Request
from nas.search.events import DriverEvent

Step = tuple[float, Metrics | Cause | str]
"""Seconds after the step before, then an epoch's metrics, a cause to fail with, or an error's text."""

T = TypeVar("T")

Script = Callable[[Request], Iterable[Step]]


class VirtualClock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.time += seconds


class ScriptedSlots:
    """Each request plays its script; a stop takes effect at the next epoch."""

    def __init__(self, total: int, script: Script, clock: VirtualClock) -> None:
        self.total, self.script, self.clock = total, script, clock
        self.running: dict[tuple[int, int], Request] = {}
        self.submitted: list[Request] = []
        self.stopped: set[tuple[int, int]] = set()
        self.finally_stopped: set[tuple[int, int]] = set()
        self.busy_s = 0.0
        self.closed = False
        self._due: list[tuple[float, int, Event]] = []
        self._count = 0

    def free(self) -> int:
        return self.total - len(self.running)

    def submit(self, request: Request) -> None:
        assert self.free(), "submitted beyond the slots"
        assert request.key not in self.running
        self.running[request.key] = request
        self.submitted.append(request)
        self._play(request)

    def _play(self, request: Request) -> None:
        when, epoch = self.clock.now(), 0
        metrics: Metrics = {}
        number, attempt = request.key
        for wait, what in self.script(request):
            when += wait
            if isinstance(what, Cause | str):
                cause = what if isinstance(what, Cause) else Cause.ERROR
                self._add(when, AttemptEnd(number, attempt, cause=cause, message=str(what)))
                break
            epoch, metrics = epoch + 1, dict(what)
            self._add(when, EpochReport(number, attempt, epoch, metrics, when))
        else:
            self._add(when, AttemptEnd(number, attempt, metrics))
        self.busy_s += when - self.clock.now()

    def _add(self, when: float, event: Event) -> None:
        self._count += 1
        heapq.heappush(self._due, (when, self._count, event))

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        if key in self.running:
            self.stopped.add(key)
            if final:
                self.finally_stopped.add(key)

    def events(self, timeout_s: float) -> Sequence[Event]:
        found: list[Event] = []
        limit = self.clock.now() + timeout_s
        while self._due and (self._due[0][0] <= (self.clock.now() if found else limit)):
            when, _, event = heapq.heappop(self._due)
            self.clock.time = max(self.clock.time, when)
            found += self._deliver(event)
        if not found:
            self.clock.time = max(self.clock.time, limit)
        return found

    def _deliver(self, event: Event) -> list[Event]:
        key = (event.number, event.attempt)
        if key not in self.running:
            return []
        if key in self.stopped:
            event = AttemptEnd(*key, metrics=event.metrics, stopped=True)
            self.stopped.discard(key)
        if isinstance(event, AttemptEnd):
            del self.running[key]
        return [event]

    def close(self) -> None:
        self.closed = True


class Recorder:
    """A listener that keeps everything, and may act on it."""

    def __init__(self, act: Callable[[DriverEvent], None] | None = None) -> None:
        self.events: list[DriverEvent] = []
        self.act = act

    def on_event(self, event: DriverEvent) -> None:
        self.events.append(event)
        if self.act is not None:
            self.act(event)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]
