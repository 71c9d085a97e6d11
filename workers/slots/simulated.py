"""Slots of virtual workers on a virtual clock: hours of trials in seconds, in the order of their ends.

An attempt lasts as long as its evaluator says: the metric `seconds` is taken for the virtual seconds since
the attempt began; an evaluator that tells none takes one second an epoch. Deciding takes no time, so a trial
that is stopped at an epoch ends there, and one that is stopped in between at its next epoch. Nothing else
is simulated: no start of workers, no transfers, no failures. Searches on tables of results are compared so
in Klein & Hutter 2019 (arXiv:1905.04970) and in Syne Tune (Salinas et al. 2022, its simulator back end).

Evaluators that compute work too, one epoch at a time in this process.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

from nas.records import AttemptEnd, Cause, EpochReport, Event, Metrics, Request
from nas.search.clock import VirtualClock
from workers.run import failed, run_attempt, stopped

EPOCH_S = 1.0
"""Virtual seconds of an epoch of an evaluator that tells none."""


@dataclass
class _Running:
    """An attempt on a virtual worker."""

    request: Request
    steps: Generator[Event, None, None]
    worker: int
    began: float
    wall_s: float = 0.0
    """Of its last event, since it began."""
    metrics: Metrics = field(default_factory=dict)
    coming: Event | None = None
    """What it will tell next; None: not worked out yet."""
    stopping: bool = False
    final: bool = False

    @property
    def due(self) -> float:
        """When it tells what is coming."""
        return self.began + self.wall_s


class SimulatedSlots:
    """`total` virtual workers; each call of `events` goes on to the next moment that has any."""

    def __init__(self, total: int, clock: VirtualClock | None = None) -> None:
        assert total >= 1, total
        self.total, self.clock = total, clock or VirtualClock()
        self._running: dict[tuple[int, int], _Running] = {}

    def free(self) -> int:
        """How many workers have nothing to do."""
        return self.total - len(self._running)

    def submit(self, request: Request) -> None:
        """Begin an attempt now, on the free worker of the lowest number."""
        assert self.free(), "submitted beyond the slots"
        assert request.key not in self._running, request.key
        taken = {running.worker for running in self._running.values()}
        worker = next(i for i in range(1, self.total + 1) if i not in taken)
        steps = run_attempt(replace(request, timeout_s=None))  # which would ask the real clock
        self._running[request.key] = _Running(request, steps, worker, self.clock.now())

    def stop(self, key: tuple[int, int], final: bool = False) -> None:
        """End the attempt now, if it has told its last epoch just now, else at its next one."""
        running = self._running.get(key)
        if running is not None and not running.stopping:
            running.stopping, running.final = True, final

    def events(self, timeout_s: float) -> Sequence[Event]:
        """All events of the next moment that has any, however far it is: virtual waiting costs nothing.

        With `timeout_s` 0 only events of the present moment.
        """
        for running in self._running.values():
            _work_out(running)
        now = self.clock.now()
        moment = min((running.due for running in self._running.values()), default=math.inf)
        if moment > now and (timeout_s <= 0 or moment == math.inf):
            if moment == math.inf:
                self.clock.advance(now + timeout_s)
            return ()
        self.clock.advance(moment)
        return [self._told(running) for running in list(self._running.values()) if running.due <= moment]

    def close(self) -> None:
        """End what runs."""
        for running in self._running.values():
            running.steps.close()
        self._running.clear()

    def _told(self, running: _Running) -> Event:
        """What the attempt tells at its moment."""
        event, running.coming = running.coming, None
        assert event is not None
        if running.stopping and not (isinstance(event, AttemptEnd) and event.stopped):
            event = _stopped(running)
        if isinstance(event, AttemptEnd):
            del self._running[running.request.key]
            return replace(event, worker=f"simulated:{running.worker}")
        running.metrics = event.metrics
        return event


def _work_out(running: _Running) -> None:
    """Make up an attempt's mind on what it tells next, and when."""
    if running.coming is not None:
        return
    if running.stopping:  # it was told so at the very moment of its last epoch
        running.coming = _stopped(running)
        return
    event = next(running.steps, None)
    if event is None:  # an interrupt went through the evaluator
        event = failed(running.request, Cause.PREEMPTED, "interrupted")
    if isinstance(event, EpochReport):
        told_s = event.metrics.get("seconds", event.epoch * EPOCH_S)
        running.wall_s = max(running.wall_s, told_s)
        event = _late(running) or replace(event, wall_s=running.wall_s)
    running.coming = event


def _late(running: _Running) -> AttemptEnd | None:
    """The end of an attempt that has taken longer than its time; None if it has not."""
    limit_s, took_s = running.request.timeout_s, running.wall_s
    if limit_s is None or took_s <= limit_s:
        return None
    stopped(running.request, running.steps, {}, final=True)
    running.wall_s = limit_s
    return failed(running.request, Cause.TIMEOUT, f"took {took_s:.1f} s, longer than its {limit_s:g} s")


def _stopped(running: _Running) -> AttemptEnd:
    return stopped(running.request, running.steps, running.metrics, final=running.final)
