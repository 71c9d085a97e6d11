"""The one loop: propose, refuse, claim, run on a slot, report, stop or tell.

The driver is the only process that writes. It keeps no truth of its own: killed at any line, its
trials return to the queue when its lease is over, and any driver goes on.
"""

from collections.abc import Sequence

from nas.records import Ending, Event, Slots, TrialState, Wanted
from nas.search.attempts import Attempts
from nas.search.clock import Clock, WallClock, clock_of
from nas.search.events import Ended, Joined, Leased, Listener, Note, Progress, Silence
from nas.search.interrupts import Interrupts
from nas.search.slot_time import Elastic, SlotTime
from nas.search.study import Study

POLL_S = 0.5
"""How often the driver reads what is wanted, looks for lapsed leases and writes epochs."""

LONG_S = 5.0
"""Trials longer than this are proposed when a slot is free, from all that is known by then; shorter
ones ahead of need, because then an ask costs more than what one more result teaches."""

BATCH = 4
"""Candidates asked for at once: enough to share the cost of rebuilding a sampler, few enough that the
first of many slots need not wait for the last one's candidate, nor all trials end at one instant."""


class Driver:
    """Drives one study on some slots until it ends or is told to stop."""

    def __init__(
        self,
        study: Study,
        slots: Slots,
        *,
        clock: Clock | None = None,
        listener: Listener | None = None,
        interrupts: Interrupts | None = None,
        poll_s: float = POLL_S,
    ) -> None:
        self.study, self.slots, self.poll_s = study, slots, poll_s
        self.clock = clock or WallClock()
        self.listener = listener or Silence()
        self.interrupts = interrupts or Interrupts()
        # The store and those who use it live in the real time, trials in that of their slots.
        self.attempts = Attempts(study, slots, clock or clock_of(slots), self.listener)
        self._room, self._waiting, self._open = 0, True, 0
        self._polled: float | None = None
        self._time = SlotTime(slots, self.attempts.clock.now)
        self._wanted = Wanted.RUN
        self._presses = 0

    def run(self) -> Ended:
        """The loop. The caller keeps the slots, and closes them."""
        self.study.patience.on_wait = lambda message: self.listener.on_event(Note(message, grave=True))
        self.study.patience.is_over = lambda: self.interrupts.count > 1
        self._join()
        try:
            self.listener.on_event(Joined(self.study.row, self._time.total))
            while (ended := self._turn()) is None:
                pass
            self.study.store.set_ending(self.study.row.id, ended.ending)
        finally:
            self.attempts.stop(final=self._wanted is Wanted.CANCEL)
            self.study.leave()
        self.listener.on_event(ended)
        return ended

    def _join(self) -> None:
        self.study.join()
        self._time.join()
        self.study.note_slots(self._time.total)
        self.listener.on_event(Leased(self.study.row.name, self.study.driver_id))

    def _turn(self) -> Ended | None:
        self._heed_interrupts()
        if self._due():
            self._poll()
        if (ended := self._halt()) is not None:
            return ended
        self._fill()
        self.attempts.absorb(self._wait())
        if self.attempts.ended or self._due():
            self._write()
        return self._done()

    def _due(self) -> bool:
        """Whether it is time to poll, and to write epochs that no end has brought along."""
        return self._polled is None or self.clock.now() - self._polled >= self.poll_s

    def _write(self) -> None:
        self._waiting = self.attempts.write() > 0 or self._waiting

    # What others want

    def _heed_interrupts(self) -> None:
        if self.interrupts.count > self._presses:
            self._presses = self.interrupts.count
            active = self.attempts.active
            if self._presses == 1 and active:
                plural = "s end" if active > 1 else " ends"
                said = f"draining: {active} running trial{plural} first; Ctrl-C again stops now"
                self.listener.on_event(Note(f"{said}; nas resume {self.study.row.name} goes on later"))

    def _poll(self) -> None:
        study, store = self.study, self.study.store
        if study.lease is not None and study.lease.lost.is_set():
            self._lose()
        self._polled = self.clock.now()
        self._count_slots()
        study.reap()
        row = store.study_by_id(study.row.id)
        self._wanted = row.wanted
        self._room = row.budget - row.used
        self._waiting = row.counts[TrialState.QUEUED] > 0
        self.attempts.catch_up(row.revision)
        self._open = row.counts[TrialState.QUEUED] + row.counts[TrialState.RUNNING]
        self._aim(row.counts[TrialState.QUEUED])
        best = store.best(row.id)
        found = (best[0].number, best[0].values) if best else None
        shares = study.proposer.refusals.acceptance, self._utilisation()
        self.listener.on_event(Progress(row.budget, row.counts, found, study.memory.told(), *shares))

    def _aim(self, queued: int) -> None:
        """Say how many slots there is work for, where their number follows that."""
        if isinstance(self.slots, Elastic):
            fresh = 0 if self.study.proposer.exhausted else max(0, self._room)
            self.slots.aim(self.attempts.active + (0 if self._closing else queued + fresh))

    def _count_slots(self) -> None:
        """Slots come and go with the nodes of a cluster."""
        before = self._time.look()
        if before is not None:
            self.study.note_slots(self._time.total, self._time.leased_s)
            self.listener.on_event(Note(f"slots: {self._time.total} now, {before} before"))

    def _utilisation(self) -> float | None:
        """The share of the slots' time since the driver began in which they were busy."""
        slot_s = self._time.seconds
        return min(1.0, self.attempts.busy_s / slot_s) if slot_s > 0 else None

    def _lose(self) -> None:
        """The lease is gone (this process was asleep, or the store away): begin again under a new one."""
        self.attempts.lose()
        self.listener.on_event(
            Note("the lease on this driver's trials ran out; taking up work again", grave=True)
        )
        self.study.leave()
        self._join()

    @property
    def _closing(self) -> bool:
        """Whether no attempt may be started any more."""
        return self._presses > 0 or self._wanted is not Wanted.RUN or bool(self.attempts.failures.detail)

    def _halt(self) -> Ended | None:
        """Stop at once where that is asked for: what runs goes back to the queue, or is cancelled.

        The epochs that it has told are written before.
        """
        ended: Ended | None = None
        if self._wanted is Wanted.CANCEL:
            ended = Ended(Ending.CANCELLED)
        elif self._wanted is Wanted.PAUSE or self._presses > 1:
            ended = Ended(Ending.PAUSED)
        elif detail := self.attempts.failures.detail:
            ended = Ended(Ending.FAILING, detail)
        if ended is not None:
            self._write()
        if self._wanted is Wanted.CANCEL:
            self.study.store.cancel_trials(self.study.row.id, self.study.driver_id)
        return ended

    # Work for free slots

    def _fill(self) -> None:
        if self._closing:
            return
        free = self.slots.free()
        if free and self._waiting:
            requests = self.study.claim_queued(free)
            self._waiting = len(requests) == free
            self.attempts.start(requests)
            free -= len(requests)
        wanted = min(free, self._room)
        if wanted > 0:
            if not self.study.proposer.prepared:
                self.study.proposer.prepare(min(wanted, BATCH))
            requests, spent = self.study.claim(wanted)
            self._room = 0 if spent else self._room - len(requests)
            self.attempts.start(requests)
            self.attempts.score(self.study.scoring(min(self.slots.free(), self._room)))

    def _ahead(self) -> int:
        """How many candidates to prepare before slots are free for them; none with a single slot, where
        the next point must follow from the last result whenever it was stopped in between."""
        if self._closing or self.slots.total < 2 or self.attempts.mean_s > LONG_S:
            return 0
        return min(self.slots.total, self._room)

    def _wait(self) -> Sequence[Event]:
        """Events of the slots; while there are none, candidates are prepared, a few at a time."""
        events = self.slots.events(0.0) if self._busy() else ()
        if not events and self.study.proposer.prepared < self._ahead():
            more = min(self.study.proposer.prepared + BATCH, self._ahead())
            if self.study.proposer.prepare(more):
                return self.slots.events(0.0)
        return events or self._idle()

    @property
    def _hopeful(self) -> bool:
        """Whether there may be more to start."""
        return self._room > 0 and not self.study.proposer.exhausted and not self._closing

    def _busy(self) -> bool:
        return self.slots.total > 1 and self.attempts.any

    def _idle(self) -> Sequence[Event]:
        now = self.clock.now()
        left = self.poll_s - (now - (self._polled or 0.0))
        if not self.attempts.any and self.slots.free():
            if not self._hopeful and self._open and not self._closing:
                self.clock.sleep(max(left, 0.0))
            return ()
        if self._hopeful and self.slots.free() and not self.attempts.scoring:  # all proposed was refused
            return self.slots.events(0.0)
        before = now
        events = self.slots.events(max(left, 0.0))
        if not events and self.clock.now() - before < 0.001:
            self.clock.sleep(0.005)  # slots that are still starting need not block
        return events

    # The end

    def _done(self) -> Ended | None:
        """Whether all is done. Others' running trials are waited for: they may come back to the queue."""
        if self.attempts.active:
            return None
        if self._presses or self._wanted is Wanted.DRAIN:
            return Ended(Ending.DRAINED)
        exhausted = self.study.proposer.exhausted
        if self._room > 0 and not exhausted:
            return None
        self._poll()
        if self._open or self._wanted is not Wanted.RUN:
            return None
        if self._room <= 0:
            return Ended(Ending.FINISHED)
        return Ended(Ending.EXHAUSTED, self.study.proposer.refusals.why()) if exhausted else None


def drive(
    study: Study,
    slots: Slots,
    *,
    clock: Clock | None = None,
    listener: Listener | None = None,
    interrupts: Interrupts | None = None,
    poll_s: float = POLL_S,
) -> Ended:
    """Drive a study on some slots until it ends, and say why."""
    driver = Driver(study, slots, clock=clock, listener=listener, interrupts=interrupts, poll_s=poll_s)
    return driver.run()
