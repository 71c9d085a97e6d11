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
from typing import Any

from nas.errors import InfeasibleError, StoreError
from nas.records import AttemptEnd, EpochReport, Request, TrialState
from nas.search.history import TOLD, Past
from nas.search.lease import LEASE_S, Lease
from nas.search.outcome import outcome_of
from nas.search.patience import Patience, patient
from nas.search.presence import bury, here
from nas.search.refuse import Pricer, Refusals
from nas.search.samplers import SAMPLERS, Ask, Proposal, abilities
from nas.search.stoppers import STOPPERS
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, Claim, Outcome, TrialRow

TRIES = 64
"""Draws per call of `propose` beyond those asked for, so that a caller's loop goes on turning."""


class Study:
    """One study of a store, with what its sampler may know kept up to date between calls."""

    def __init__(self, store: Store, name: str, *, lease_s: float = LEASE_S) -> None:
        self.patience, self._impatient = Patience(lease_s), store
        self.store, self.row, self.lease_s = patient(store, self.patience), store.study(name), lease_s
        self.spec = self.row.spec
        self.space = Space.from_document(self.spec.space)
        self.sampler, self.stopper = SAMPLERS[self.spec.sampler](), STOPPERS[self.spec.stopper]()
        self.refusals = Refusals()
        self.driver_id = 0
        self.lease: Lease | None = None
        self._fallback = SAMPLERS["random"]()
        self._pricer = Pricer(self.space, self.spec)
        self._past: dict[int, Past] = {}
        self._keys: set[str] = set()
        self._pool: list[Candidate] = []
        self._costs: dict[int, Mapping[str, int]] = {}
        self._revision = 0

    # A driver's time in the study

    def join(self) -> None:
        """Take a lease, renewed from a thread until `leave`."""
        bury(self.store, self.row.id)
        self.driver_id = self.store.start_driver(self.row.id, here(), os.getpid(), self.lease_s)
        driver_id = self.driver_id
        self.lease = Lease(lambda: self._impatient.renew(driver_id), self.lease_s)

    def leave(self) -> None:
        """Give the lease back; trials still running wait for another attempt."""
        if self.lease is None:
            return
        self.lease.close()
        self.lease = None
        with suppress(StoreError):  # a store that is gone finds out by the end of the lease
            self._impatient.end_driver(self.driver_id)
            self._write_refusals()

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
        """Claim up to `count` trials: those that wait for another attempt, then new ones."""
        requests = self.claim_queued(count)
        while len(requests) < count and not self.refusals.exhausted:
            self.prepare(count - len(requests))
            granted, spent = self.claim(count - len(requests))
            requests += granted
            if spent:
                break
        return requests

    @property
    def prepared(self) -> int:
        """How many candidates are proposed and priced, but not claimed."""
        return len(self._pool)

    def prepare(self, count: int) -> None:
        """Propose until `count` new feasible candidates are prepared, or for a bounded number of draws."""
        tries = count + TRIES
        while (missing := count - len(self._pool)) > 0 and tries > 0 and not self.refusals.exhausted:
            for proposal in self._draw(missing):
                self._admit(proposal)
            tries -= missing
        self._write_refusals()

    def claim(self, count: int) -> tuple[list[Request], bool]:
        """Make trials of up to `count` prepared candidates; and whether there is no more to be had now:
        the budget is spent, or the lease lost."""
        candidates, self._pool = self._pool[:count], self._pool[count:]
        if not candidates:
            return [], False
        requests: list[Request] = []
        spent = False
        for answer in self.store.claim(self.row.id, self.driver_id, candidates):
            if isinstance(answer, Claim):
                self.refusals.accept()
                requests.append(self._request(answer.number, answer.attempt, answer.candidate))
            elif answer.reason == "duplicate":
                self.refusals.refuse("duplicate")
            else:  # kept for when there is room again, or for the next lease
                self._pool.append(answer.candidate)
                spent = True
                self._doubt_lease(answer.reason == "lease")
        return requests, spent

    def claim_queued(self, limit: int) -> list[Request]:
        """Claim trials that wait: enqueued by a user, or given back by a driver or worker that is gone."""
        rows = self.store.claim_queued(self.row.id, self.driver_id, limit)
        return [self._request(row.number, row.attempt, row) for row in rows]

    # Tell

    def report(self, reports: Sequence[EpochReport]) -> None:
        """Append epochs."""
        if reports:
            self.store.report(self.row.id, self.driver_id, reports)

    def outcome(self, end: AttemptEnd, *, wall_s: float, stopped_as: TrialState | None = None) -> Outcome:
        """What an attempt's end means under this study's objectives."""
        return outcome_of(end, self.spec.objectives, stopped_as=stopped_as, wall_s=wall_s)

    def tell(self, outcomes: Sequence[Outcome]) -> list[bool]:
        """Record outcomes; False for each that came too late to count."""
        if not outcomes:
            return []
        accepted = self.store.tell(self.row.id, self.driver_id, outcomes)
        self._doubt_lease(not all(accepted) and not self.store.renew(self.driver_id))
        return accepted

    def tell_late(self, driver_id: int, outcome: Outcome) -> bool:
        """Leave a note of a result that an earlier lease of this process had asked for."""
        return self.store.tell(self.row.id, driver_id, [outcome])[0]

    def take_duty(self, duty: str) -> bool:
        """Take on what only one driver of the study may do at a time; False if another one is at it."""
        return self.store.take_duty(self.row.id, self.driver_id, duty)

    def remember(self, name: str, value: Mapping[str, Any]) -> None:
        """Keep plain JSON data with the study under a name."""
        self.store.set_study_attributes(self.row.id, {name: value})

    def _doubt_lease(self, lost: bool) -> None:
        """The store may say that the lease is lost before its thread finds out."""
        if lost and self.lease is not None:
            self.lease.lost.set()

    # What samplers and stoppers know

    def history(self) -> list[Past]:
        """Told and running trials, by number, as of now."""
        for row in self.store.history(self.row.id, after=self._revision):
            self._revision = max(self._revision, row.revision)
            self._keys.add(row.key)
            if row.state in TOLD or row.state is TrialState.RUNNING:
                self._past[row.number] = self._as_past(row)
            else:
                self._past.pop(row.number, None)
        return [self._past[number] for number in sorted(self._past)]

    def _as_past(self, row: TrialRow) -> Past:
        return Past(
            row.number,
            row.state,
            self.space.labels(row.point),
            row.values,
            max(row.epoch, 1),
            row.attributes,
            row.cost,
            row.arch_id,
        )

    def _draw(self, count: int) -> Sequence[Proposal]:
        pending = [
            Past(10**9 + c.draw, TrialState.RUNNING, c.labels, (), 1, c.attributes, c.cost, c.arch_id)
            for c in self._pool
        ]
        ask = Ask(
            space=self.space,
            history=[*self.history(), *pending],
            seed=self.spec.seed,
            draw=self.store.reserve_draws(self.row.id, count),
            count=count,
            objectives=self.spec.objectives,
            attributes=self.store.study_attributes(self.row.id).get("sampler", {}),
        )
        gives_way = self.refusals.stuck and not abilities(self.spec.sampler).counts
        sampler = self._fallback if gives_way else self.sampler
        proposals = sampler.propose(ask)
        if proposals.attributes is not None:
            self.remember("sampler", proposals.attributes)
        return proposals.items

    def _admit(self, proposal: Proposal) -> None:
        try:
            candidate = self._pricer.candidate(proposal)
        except InfeasibleError as error:
            self.refusals.refuse(error.reason)
            return
        if candidate.key in self._keys or any(candidate.key == other.key for other in self._pool):
            self.refusals.refuse("duplicate")
            return
        self._pool.append(candidate)

    def _write_refusals(self) -> None:
        counts = self.refusals.take()
        if counts:
            self.store.count_refusals(self.row.id, counts)

    def cost(self, request: Request) -> Mapping[str, int]:
        """The costs of a claimed trial's network."""
        return self._costs[request.number]

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
        )
