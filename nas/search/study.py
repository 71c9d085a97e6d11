"""A study as its drivers use it: propose, claim, report, tell. All state is in the store.

study = Study(store, "vgg-1")
with study.joined():
    for request in study.ask(4):
        ...                      # run it anywhere
        study.tell([study.outcome(end, wall_s=1.0)])
"""

import os
from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from nas.errors import InfeasibleError, StoreError
from nas.records import AttemptEnd, EpochReport, Point, Request, TrialState
from nas.search.draws import SLOTS, Draws
from nas.search.frontier import Told
from nas.search.history import TOLD, Past
from nas.search.lease import LEASE_S, Lease
from nas.search.outcome import excess_of, named_costs, outcome_of
from nas.search.patience import Patience, patient
from nas.search.presence import bury, here
from nas.search.pricing import Prices
from nas.search.refuse import DUPLICATE, Pricer, Refusals
from nas.search.remaining import Remaining
from nas.search.replicas import Replicas
from nas.search.samplers import SAMPLERS, Ask, Proposal, abilities
from nas.search.screening import LEFT, Screening, screening_of
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
        self._prices = Prices(self.space, self._is_known)
        self.screening = screening_of(self.spec)
        self._remaining = Remaining(self.space, self._pricer)
        self._replicas = Replicas(self.spec.repeat)
        self._past: dict[int, Past] = {}
        self._keys: dict[str, None] = {}
        self._drawn: set[int] = set()
        self._pool: list[Candidate] = []
        self._draws = Draws(self.store, self.row.id)
        self._costs: dict[int, Mapping[str, int]] = {}
        self._revision = 0

    # A driver's time in the study

    def join(self) -> None:
        """Take a lease, renewed from a thread until `leave`."""
        bury(self.store, self.row.id)
        self.driver_id = self.store.start_driver(self.row.id, here(), os.getpid(), self.lease_s)
        driver_id = self.driver_id
        self._pool.clear()
        self._draws = Draws(self.store, self.row.id, driver_id)
        self.refusals.begin(self._draws.refused)
        self._load_scores()
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
        assert self.screening is None, "proxies run on a driver's slots"
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

    def prepare(self, count: int) -> bool:
        """Propose until `count` new feasible candidates are prepared, or for a bounded number of draws;
        whether anything was drawn or prepared."""
        if not self._pool:
            self._complete()
        if self.screening is not None:
            return self._screen(self.screening, count)
        drawn = self._propose(lambda: count - len(self._pool), count + TRIES)
        self._write_refusals()
        return drawn

    def _propose(self, missing: Callable[[], int], tries: int) -> bool:
        """Draw until nothing is missing, for a bounded number of draws; whether there were any."""
        drawn = False
        while tries > 0 and not self.refusals.exhausted and (wanted := missing()) > 0:
            for proposal in self._draw(wanted):
                self._admit(proposal)
                drawn = True
            tries -= wanted
        return drawn

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
                if self.screening is None:  # else it was taken when it was drawn
                    self.refusals.accept(answer.candidate.draw)
                requests.append(self._request(answer.number, answer.attempt, answer.candidate))
            elif answer.reason == DUPLICATE:
                if self.spec.repeat == 1:  # else another driver was quicker with a repeat
                    self.refusals.refuse(DUPLICATE)
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
        spec = self.spec
        if end.cause is None:
            end = replace(end, metrics={**end.metrics, **self._named_costs(end.number)})
        return outcome_of(end, spec.objectives, spec.limits, stopped_as=stopped_as, wall_s=wall_s)

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

    def note_slots(self, total: int) -> None:
        """Keep with the study how many slots this driver has: what its use of them is measured by."""
        self.remember(f"{SLOTS}{self.driver_id}", {"total": total})

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
            self._keys[row.key] = None
            self._drawn.add(row.draw)
            self._replicas.note(row)
            if row.state in TOLD or row.state is TrialState.RUNNING:
                self._past[row.number] = self._as_past(row)
            else:
                self._past.pop(row.number, None)
        return [self._past[number] for number in sorted(self._past)]

    def told(self) -> list[Told]:
        """The complete trials of a study with several objectives, by number."""
        if len(self.spec.objectives) == 1:
            return []
        rows = (past for past in self.history() if past.state is TrialState.COMPLETE)
        return [Told(past.number, past.values, past.feasible) for past in rows]

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
            excess_of(row.metrics, self.spec.limits) if row.state in TOLD else (),
        )

    def _draw(self, count: int) -> Sequence[Proposal]:
        if self.refusals.stuck and (found := self._last_resort(count)) is not None:
            return found
        draws = self._draws.take(count, ahead=self.refusals.stuck)
        ask = self._ask(draws.start, len(draws))
        proposals = self.sampler.propose(ask)
        if proposals.attributes is not None:
            self.remember("sampler", proposals.attributes)
        return proposals.items

    def _ask(self, draw: int, count: int) -> Ask:
        pending = [
            Past(10**9 + c.draw, TrialState.RUNNING, c.labels, (), 1, c.attributes, c.cost, c.arch_id)
            for c in self._pool
        ]
        return Ask(
            space=self.space,
            history=self._replicas.means([*self.history(), *pending]),
            seed=self.spec.seed,
            draw=draw,
            count=count,
            objectives=self.spec.objectives,
            attributes=self.store.study_attributes(self.row.id).get("sampler", {}),
            prices=self._prices,
            screening=self.screening is not None,
        )

    def _is_known(self, point: Point) -> bool:
        return self._pricer.keys(point)[0] in self._known_keys()

    def _known_keys(self) -> Collection[str]:
        """The keys of trials and of candidates."""
        pool = {candidate.key: None for candidate in self._pool}
        return ChainMap(pool, self._keys, self.screening.keys if self.screening is not None else {})

    # Screening

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing new to try."""
        left = self.screening is not None and not self.screening.empty
        return self.refusals.exhausted and not left

    def _load_scores(self) -> None:
        if self.screening is None:
            return
        self.history()
        rows = self.store.screened(self.row.id, limit=LEFT)
        left = [row for row in rows if row.key not in self._keys]
        judged = [(self._pricer.candidate(Proposal(row.draw, row.point)), row.score) for row in left]
        self.screening.load(self.store.screened_total(self.row.id), judged)

    def _screen(self, screening: Screening, count: int) -> bool:
        """Draw what a proxy should judge next, and choose what it has judged enough for."""
        before = self.prepared
        wanted = count * screening.screen.pool
        drawn = self._propose(lambda: screening.missing(self._chosen(), count - self.prepared), wanted + TRIES)
        while self.prepared < count and screening.ready(self._chosen(), self.refusals.exhausted):
            self.store.screen(self.row.id, screening.flush(), self.refusals.take())
            chosen = screening.choose(self.sampler, self._ask(self._chosen(), 1))
            self._pool += self._pricer.repeats(Proposal(chosen.draw, chosen.point, chosen.attributes))
        return drawn or self.prepared > before

    def _chosen(self) -> int:
        """How many networks became trials, or are about to."""
        self.history()
        return len(self._drawn.union(candidate.draw for candidate in self._pool) - {-1})

    def scoring(self, limit: int) -> list[Request]:
        """Up to `limit` requests for a proxy, to run before any trial."""
        if self.screening is None:
            return []
        return self.screening.requests(limit, lambda candidate: self._request(0, 1, candidate))

    def _admit(self, proposal: Proposal) -> None:
        try:
            candidates = self._pricer.repeats(proposal)
        except InfeasibleError as error:
            self.refusals.refuse(error.reason)
            return
        if candidates[0].key in self._known_keys():
            self.refusals.refuse(DUPLICATE)
        elif self.screening is not None:
            self.refusals.accept(proposal.draw)
            self.screening.add(candidates[0])
        else:
            self._pool += candidates

    def _complete(self) -> None:
        """Prepare the repeats that networks lack, because the driver that began with them has gone."""
        if self.spec.repeat > 1:
            self.history()
            every = (c for proposal in self._replicas.lacking() for c in self._pricer.repeats(proposal))
            self._pool += (candidate for candidate in every if candidate.key not in self._keys)

    def _last_resort(self, count: int) -> Sequence[Proposal] | None:
        """Points where a sampler has found no new network for long: uniform draws, in a small space of what
        is left; none while it is priced, and None if the sampler should go on."""
        if self._remaining.due(self.refusals.streak):
            if not self._remaining.advance():
                return ()
            self.history()
            draws = self._draws.take(count, ahead=False)
            found = self._remaining.draw(self.spec.seed, draws, self._known_keys())
            if not found and not self._pool:
                self.refusals.give_up(self._remaining.said)
            return found
        if abilities(self.spec.sampler).counts:
            return None
        draws = self._draws.take(count, ahead=True)
        ask = Ask(space=self.space, history=(), seed=self.spec.seed, draw=draws.start, count=len(draws))
        return self._fallback.propose(ask).items

    def _write_refusals(self) -> None:
        counts = self.refusals.take()
        if counts:
            self.store.count_refusals(self.row.id, counts)

    def cost(self, request: Request) -> Mapping[str, int]:
        """The costs of a claimed trial's network."""
        return self._costs[request.number]

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
