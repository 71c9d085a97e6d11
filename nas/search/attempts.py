"""The attempts on a driver's slots: their epochs and ends on the way into the store."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nas.records import AttemptEnd, Cause, EpochReport, Event, Request, Slots, TrialState
from nas.search.clock import Clock
from nas.search.curves import Curves
from nas.search.events import Listener, TrialEnded, TrialRequeued, TrialStarted
from nas.search.failures import Failures
from nas.search.outcome import missing_metric
from nas.search.running import Key, Running
from nas.search.study import Study
from nas.store.rows import Outcome

DEATHS = 5
"""Workers that may die under a trial, before it counts as failed."""


class Attempts:
    """What runs on some slots for a study, and what is not yet written of it."""

    def __init__(self, study: Study, slots: Slots, clock: Clock, listener: Listener) -> None:
        self._study, self._slots, self.clock, self._listener = study, slots, clock, listener
        self.failures = Failures()
        self.mean_s = 0.0
        """How long an attempt takes, lately."""
        self._ended_s = 0.0
        self._running: dict[Key, Running] = {}
        self._curves = Curves(study)
        self._reports: list[EpochReport] = []
        self._ends: dict[Key, AttemptEnd] = {}
        self._scoring: dict[Key, float] = {}
        """When each request for a proxy began."""

    @property
    def scoring(self) -> bool:
        """Whether proxies run."""
        return bool(self._scoring)

    @property
    def busy_s(self) -> float:
        """Seconds of slots that attempts have taken, those that run included."""
        now = self.clock.now()
        return self._ended_s + sum(now - running.started for running in self._running.values())

    @property
    def active(self) -> int:
        """How many run whose results count."""
        return sum(not running.lost for running in self._running.values())

    @property
    def any(self) -> bool:
        """Whether anything runs."""
        return bool(self._running or self._scoring)

    @property
    def ended(self) -> bool:
        """Whether an end waits to be written."""
        return bool(self._ends)

    def start(self, requests: Iterable[Request]) -> None:
        """Hand claimed trials to free slots."""
        for request in requests:
            self._running[request.key] = Running(request, self._study.driver_id, self.clock.now())
            self._curves.begin(request)
            self._slots.submit(request)
            self._listener.on_event(TrialStarted(request, self._study.cost(request)))

    def score(self, requests: Iterable[Request]) -> None:
        """Hand requests for a proxy to free slots."""
        for request in requests:
            self._scoring[request.key] = self.clock.now()
            self._slots.submit(request)

    def stop(self, final: bool = False) -> None:
        """Ask all to stop; `final`: nobody will go on with them."""
        for key in (*self._running, *self._scoring):
            self._slots.stop(key, final=final)

    def lose(self) -> None:
        """The lease on them is gone: they stop, and what comes of them counts no more."""
        self.stop()
        self._reports.clear()
        self._curves = Curves(self._study)
        for running in self._running.values():
            running.lost = True

    def catch_up(self, revision: int) -> None:
        """See how trials of other drivers have got on, up to a revision of the study."""
        self._curves.catch_up(revision)

    # Events

    def absorb(self, events: Iterable[Event]) -> None:
        """Take what slots have to tell; `write` writes it."""
        for event in events:
            key = (event.number, event.attempt)
            if key in self._scoring:
                self._scored(event)
                continue
            running = self._running.get(key)
            if running is None or key in self._ends:
                continue
            if isinstance(event, AttemptEnd):
                self._end(event)
            elif not running.lost and running.decided is None:
                self._report(event, running)

    def _scored(self, event: Event) -> None:
        """A proxy's end is no trial's: the study's screening hears of it."""
        if isinstance(event, AttemptEnd):
            self._ended_s += self.clock.now() - self._scoring.pop((event.number, event.attempt))
            self._study.scored(event)

    def _end(self, end: AttemptEnd) -> None:
        """Evaluators may give the metric of a limit at the end only; one that does not never will."""
        self._ends[(end.number, end.attempt)] = end
        ended = end.cause is None and not end.stopped
        if ended and (fault := missing_metric(end.metrics, self._study.spec.limits)):
            self.failures.condemn(fault)

    def _report(self, report: EpochReport, running: Running) -> None:
        key, spec = running.request.key, self._study.spec
        report = replace(report, metrics={**report.metrics, **running.request.costs})
        if fault := missing_metric(report.metrics, spec.objectives):
            self._ends[key] = AttemptEnd(*key, report.metrics, cause=Cause.ERROR, message=fault)
            self._slots.stop(key, final=True)
            self.failures.condemn(fault)
            return
        self._reports.append(report)
        self._listener.on_event(report)
        if self._curves.hopeless(report, running.request.recipe.get("epochs")):
            running.decided = report
            self._slots.stop(key, final=True)

    # Into the store

    def write(self) -> int:
        """Write epochs and ends; how many trials went back to the queue."""
        reports, self._reports = self._reports, []
        ends, self._ends = self._ends, {}
        self._study.report(reports)
        outcomes = [self._judge(end) for end in ends.values()]
        self._tell([outcome for outcome in outcomes if isinstance(outcome, Outcome)])
        return sum(outcome is TrialState.QUEUED for outcome in outcomes)

    def _judge(self, end: AttemptEnd) -> Outcome | TrialState | None:
        """The outcome to tell; queued if its trial waits for the next attempt, None if it was lost."""
        running = self._running.pop((end.number, end.attempt))
        wall_s = self.clock.now() - running.started
        self._ended_s += wall_s
        pruned = running.decided is not None
        if running.decided is not None:
            end = AttemptEnd(*running.request.key, running.decided.metrics, stopped=True, worker=end.worker)
        cause = _interruption(end, pruned)
        if running.lost:
            if cause is None:
                self._study.tell_late(running.driver_id, self._outcome(end, pruned, wall_s))
            return None
        self.mean_s = 0.8 * self.mean_s + 0.2 * wall_s if self.mean_s else wall_s
        if cause is not None and not (cause is Cause.PREEMPTED and self._deaths(end) >= DEATHS):
            self._requeue(end, cause)
            return TrialState.QUEUED
        return self._outcome(end, pruned, wall_s)

    def _outcome(self, end: AttemptEnd, pruned: bool, wall_s: float) -> Outcome:
        stopped_as = TrialState.PRUNED if pruned else None
        return self._study.outcome(end, wall_s=wall_s, stopped_as=stopped_as)

    def _deaths(self, end: AttemptEnd) -> int:
        """Workers that have died under a trial, this one included; pauses and lost leases are none."""
        tries = self._study.store.attempts(self._study.row.id, end.number)
        return 1 + sum(row.cause is Cause.PREEMPTED for row in tries)

    def _requeue(self, end: AttemptEnd, cause: Cause) -> None:
        self._study.requeue(end, cause)
        self._listener.on_event(TrialRequeued(end.number, end.attempt, cause, end.message))

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        for outcome, accepted in zip(outcomes, self._study.tell(outcomes), strict=True):
            if accepted:
                self.failures.add(outcome)
            self._listener.on_event(TrialEnded(outcome, accepted))


def _interruption(end: AttemptEnd, pruned: bool) -> Cause | None:
    """Why an attempt ended through no fault of its trial; None if it has a result."""
    if end.stopped:
        return None if pruned else Cause.RELEASED
    return Cause.PREEMPTED if end.cause is Cause.PREEMPTED else None
