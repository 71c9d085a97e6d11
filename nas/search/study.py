"""A study as its drivers use it: propose, claim, report, tell. All state is in the store.

study = Study(store, "vgg-1")
with study.joined():
    for request in study.ask(4):
        ...                      # run it anywhere
        study.tell([study.outcome(end, wall_s=1.0)])
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from nas.errors import SamplerError, StoreError
from nas.records import AttemptEnd, Cause, EpochReport, Objective, Request, TrialState
from nas.search.draws import SLOTS
from nas.search.lease import Lease, lease_s as usual_lease_s
from nas.search.memory import Memory
from nas.search.outcome import named_costs, outcome_of
from nas.search.patience import Patience, patient
from nas.search.presence import bury, here
from nas.search.refuse import DUPLICATE
from nas.search.screened import ScreenedProposer, proposer_of
from nas.search.stoppers import STOPPERS
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, Claim, Outcome, TrialRow


class Study:
    """One study of a store, with what its sampler may know kept up to date between calls."""

    def __init__(self, store: Store, name: str, *, lease_s: float | None = None) -> None:
        self.lease_s = usual_lease_s() if lease_s is None else lease_s
        self.patience, self._impatient = Patience(), store
        self.store, self.row = patient(store, self.patience), store.study(name)
        self.spec = self.row.spec
        self.space = Space.from_document(self.spec.space)
        self.stopper = STOPPERS[self.spec.stopper]()
        self.driver_id = 0
        self.lease: Lease | None = None
        self.memory = Memory(self.store, self.row, self.space)
        self.proposer = proposer_of(self.store, self.row, self.space, self.memory)
        self._costs: dict[int, Mapping[str, int]] = {}
        self._held: set[int] = set()
        """Numbers of the trials that this driver runs."""

    # A driver's time in the study

    def join(self) -> None:
        """Take a lease, renewed from a thread until `leave`."""
        bury(self.store, self.row.id)
        self.driver_id = self.store.start_driver(self.row.id, here(), os.getpid(), self.lease_s)
        driver_id = self.driver_id
        self._held.clear()
        self.proposer.begin(driver_id)
        self.lease = Lease(lambda: self._impatient.renew(driver_id), self.lease_s)

    def leave(self) -> None:
        """Give the lease back; trials still running wait for another attempt."""
        if self.lease is None:
            return
        self.lease.close()
        self.lease = None
        with suppress(StoreError):  # a store that is gone finds out by the end of the lease
            self._impatient.end_driver(self.driver_id)
            self.proposer.end(self._impatient)

    def reap(self) -> list[int]:
        """Put the trials of silent drivers back into the queue, and tell their numbers; none as long as the
        silence may have been the store's: see `Lease.settled`."""
        assert self.lease is not None, "join first"
        lease = self.lease
        return self.store.reap(self.row.id, but=self.driver_id, sure=lambda: lease.settled)

    @contextmanager
    def joined(self) -> Iterator["Study"]:
        """`join`, and `leave` at the end."""
        self.join()
        try:
            yield self
        finally:
            self.leave()

    # Ask

    def ask(self, count: int = 1) -> list[Request]:
        """Claim up to `count` trials: those that wait for another attempt, then new ones.

        Raises:
            SamplerError: see `refuse_screen`.
        """
        self.refuse_screen()
        requests = self.claim_queued(count)
        while len(requests) < count and not self.proposer.exhausted:
            self.proposer.prepare(count - len(requests))
            granted, spent = self.claim(count - len(requests))
            requests += granted
            if spent:
                break
        return requests

    def refuse_screen(self) -> None:
        """Raise `SamplerError` if a proxy advises: it runs on a driver's slots, and who asks has none."""
        if (screen := self.spec.screen) is not None:
            name = self.row.name
            raise SamplerError(
                f"study {name!r} is screened by {screen.proxy}, which only its own drivers run: "
                f"type nas resume {name}, or begin a study without --screen"
            )

    def claim(self, count: int) -> tuple[list[Request], bool]:
        """Make trials of up to `count` prepared candidates; and whether there is no more to be had now:
        the budget is spent, or the lease lost."""
        if not (candidates := self.proposer.take(count)):
            return [], False
        requests: list[Request] = []
        spent = False
        for answer in self.store.claim(self.row.id, self.driver_id, candidates):
            if isinstance(answer, Claim):
                self.proposer.claimed(answer.candidate)
                self._held.add(answer.number)
                requests.append(self._request(answer.number, answer.attempt, answer.candidate))
            elif answer.reason == DUPLICATE:
                self.proposer.known()
            else:
                self.proposer.give_back(answer.candidate)
                spent = True
                self._doubt_lease(answer.reason == "lease")
        return requests, spent

    def claim_queued(self, limit: int) -> list[Request]:
        """Claim trials that wait: enqueued by a user, or given back by a driver or worker that is gone."""
        waits = self.patience.waits
        rows = self.store.claim_queued(self.row.id, self.driver_id, limit)
        if self.patience.waits > waits:  # a claim whose answer was lost has started trials nobody runs
            running = self.store.trials(self.row.id, states=[TrialState.RUNNING])
            rows = [
                row for row in running if row.driver_id == self.driver_id and row.number not in self._held
            ]
        self._held.update(row.number for row in rows)
        return [self._request(row.number, row.attempt, row) for row in rows]

    def scoring(self, limit: int) -> list[Request]:
        """Up to `limit` requests for a proxy, which no trial is counted for."""
        if not isinstance(self.proposer, ScreenedProposer):
            return []
        candidates = self.proposer.screening.take(limit)
        return [self._scoring(number, candidate) for number, candidate in candidates]

    def scored(self, end: AttemptEnd) -> None:
        """A request for a proxy has ended."""
        assert isinstance(self.proposer, ScreenedProposer), end
        self.proposer.screening.hear(end)

    # Tell

    def report(self, reports: Sequence[EpochReport]) -> None:
        """Append epochs."""
        if reports:
            self.store.report(self.row.id, self.driver_id, reports)

    def outcome(self, end: AttemptEnd, *, wall_s: float, stopped_as: TrialState | None = None) -> Outcome:
        """What an attempt's end means under this study's objectives."""
        spec = self.spec
        if end.cause is None:
            end = replace(end, metrics={**end.metrics, **self._named_costs(end.number)})
        return outcome_of(end, spec.objectives, spec.limits, stopped_as=stopped_as, wall_s=wall_s)

    def tell(self, outcomes: Sequence[Outcome]) -> list[bool]:
        """Record outcomes; False for each that came too late to count."""
        if not outcomes:
            return []
        waits = self.patience.waits
        accepted = self.store.tell(self.row.id, self.driver_id, outcomes)
        if self.patience.waits > waits:  # told before already, and only the answer lost
            accepted = [good or self._is_told(o) for good, o in zip(accepted, outcomes, strict=True)]
        self._held.difference_update(outcome.number for outcome in outcomes)
        self._doubt_lease(not all(accepted) and not self.store.renew(self.driver_id))
        return accepted

    def requeue(self, end: AttemptEnd, cause: Cause) -> None:
        """An attempt has ended through no fault of its trial, which waits for the next one."""
        self.store.requeue(self.row.id, self.driver_id, end.number, end.attempt, cause, end.message)
        self._held.discard(end.number)

    def _is_told(self, outcome: Outcome) -> bool:
        """Whether the store has the attempt's result: only its own driver's can be accepted."""
        tries = self.store.attempts(self.row.id, outcome.number)
        return any(row.attempt == outcome.attempt and row.accepted for row in tries)

    def tell_late(self, driver_id: int, outcome: Outcome) -> bool:
        """Leave a note of a result that an earlier lease of this process had asked for."""
        return self.store.tell(self.row.id, driver_id, [outcome])[0]

    def take_duty(self, duty: str) -> bool:
        """Take on what only one driver of the study may do at a time; False if another one is at it."""
        return self.store.take_duty(self.row.id, self.driver_id, duty)

    def note_slots(self, total: int, slot_s: float = 0.0) -> None:
        """Keep with the study how many slots this driver has from now on, and their seconds until now: what
        its use of them is measured by."""
        since_s = self.store.now_s()
        self.remember(f"{SLOTS}{self.driver_id}", {"total": total, "since_s": since_s, "slot_s": slot_s})

    def remember(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep plain JSON data with the study under a name."""
        self.store.set_study_attributes(self.row.id, {name: value})

    def _doubt_lease(self, lost: bool) -> None:
        """The store may say that the lease is lost before its thread finds out."""
        if lost and self.lease is not None:
            self.lease.lost.set()

    def cost(self, request: Request) -> Mapping[str, int]:
        """The costs of a claimed trial's network."""
        return self._costs[request.number]

    def _scoring(self, number: int, candidate: Candidate) -> Request:
        screen = self.spec.screen
        assert screen is not None, number
        aim = (Objective(screen.proxy, screen.minimize),)
        request = self._request(number, 1, candidate)
        return replace(request, evaluator=screen.evaluator, objectives=aim, limits=(), costs={})

    def _named_costs(self, number: int) -> dict[str, float]:
        return named_costs(self._costs.get(number, {}), self.spec.objectives)

    def _request(self, number: int, attempt: int, what: Candidate | TrialRow) -> Request:
        self._costs[number] = what.cost
        return Request(
            study=self.row.name,
            number=number,
            attempt=attempt,
            space=self.space.document,
            point=what.point,
            evaluator=self.spec.evaluator,
            data=self.spec.data,
            recipe=self.space.recipe(what.point),
            seed=what.seed,
            artifacts=self.row.artifacts,
            timeout_s=self.spec.timeout_s,
            objectives=self.spec.objectives,
            limits=self.spec.limits,
            costs=self._named_costs(number),
        )
