"""What a study tries next: proposed by its sampler, priced, and refused before anything is spent."""

from collections import ChainMap
from collections.abc import Callable, Collection, Sequence

from nas.errors import InfeasibleError
from nas.records import TrialState
from nas.search.draws import Draws
from nas.search.history import Past
from nas.search.memory import Memory
from nas.search.pricing import Prices
from nas.search.refuse import DUPLICATE, Pricer, Refusals
from nas.search.remaining import Remaining
from nas.search.samplers import SAMPLERS, Ask, Proposal, abilities
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, StudyRow

TRIES = 64
"""Draws per call of `prepare` beyond those asked for, so that a caller's loop goes on turning."""


class Proposer:
    """Keeps candidates ready for trials."""

    def __init__(self, store: Store, row: StudyRow, space: Space, memory: Memory) -> None:
        self._store, self._id, self._spec, self._space = store, row.id, row.spec, space
        self.memory, self.sampler = memory, SAMPLERS[row.spec.sampler]()
        self.refusals = Refusals()
        self.pool: list[Candidate] = []
        self._fallback = SAMPLERS["random"]()
        self._pricer = Pricer(space, row.spec)
        self._prices = Prices(space, lambda point: self._pricer.keys(point)[0] in self._known())
        self._remaining = Remaining(space, self._pricer)
        self._draws = Draws(store, row.id)

    def begin(self, driver_id: int) -> None:
        """Go on where the study stands, for a driver that has just joined."""
        self.pool.clear()
        self._draws = Draws(self._store, self._id, driver_id)
        self.refusals.begin(self._draws.refused)

    def end(self, store: Store) -> None:
        """Write what is not written yet, before the driver leaves."""
        self._write_refusals(store)

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing new to try, and nothing prepared."""
        return self.refusals.exhausted and not self.pool

    @property
    def prepared(self) -> int:
        """How many candidates are proposed and priced, but not claimed."""
        return len(self.pool)

    def prepare(self, count: int) -> bool:
        """Propose until `count` new feasible candidates are prepared, or for a bounded number of draws;
        whether anything was drawn or prepared."""
        if not self.pool:
            self._complete()
        drawn = self._propose(lambda: count - len(self.pool), count + TRIES)
        self._write_refusals(self._store)
        return drawn

    def take(self, count: int) -> list[Candidate]:
        """Up to `count` prepared candidates, to be claimed."""
        taken, self.pool = self.pool[:count], self.pool[count:]
        return taken

    def give_back(self, candidate: Candidate) -> None:
        """One that could not be claimed now: there is no room, or no lease."""
        self.pool.append(candidate)

    def claimed(self, candidate: Candidate) -> None:
        """A candidate has become a trial."""
        self.refusals.accept(candidate.draw)

    def known(self) -> None:
        """Another driver was quicker with a candidate's network, or with a repeat of it."""
        if self._spec.repeat == 1:
            self.refusals.refuse(DUPLICATE)

    def _propose(self, missing: Callable[[], int], tries: int) -> bool:
        """Draw until nothing is missing, for a bounded number of draws; whether there were any."""
        drawn = False
        while tries > 0 and not self.refusals.exhausted and (wanted := missing()) > 0:
            for proposal in self._draw(wanted):
                self._admit(proposal)
                drawn = True
            tries -= wanted
        return drawn

    def _draw(self, count: int) -> Sequence[Proposal]:
        if self.refusals.stuck and (found := self._last_resort(count)) is not None:
            return found
        draws = self._draws.take(count, ahead=self.refusals.stuck)
        ask = self._ask(draws.start, len(draws))
        proposals = self.sampler.propose(ask)
        if proposals.attributes is not None:
            self._store.set_study_attributes(self._id, {"sampler": proposals.attributes})
        return proposals.items

    def _ask(self, draw: int, count: int) -> Ask:
        pending = [
            Past(10**9 + c.draw, TrialState.RUNNING, c.labels, (), 1, c.attributes, c.cost, c.arch_id)
            for c in self.pool
        ]
        return Ask(
            space=self._space,
            history=self.memory.replicas.means([*self.memory.history(), *pending]),
            seed=self._spec.seed,
            draw=draw,
            count=count,
            objectives=self._spec.objectives,
            attributes=self._store.study_attributes(self._id).get("sampler", {}),
            prices=self._prices,
        )

    def _known(self) -> Collection[str]:
        """The keys of trials and of candidates."""
        return ChainMap({candidate.key: None for candidate in self.pool}, self.memory.keys)

    def _admit(self, proposal: Proposal) -> None:
        try:
            candidates = self._pricer.repeats(proposal)
        except InfeasibleError as error:
            self.refusals.refuse(error.reason)
            return
        if candidates[0].key in self._known():
            self.refusals.refuse(DUPLICATE)
        else:
            self._welcome(candidates)

    def _welcome(self, candidates: Sequence[Candidate]) -> None:
        """A new network, with all its repeats."""
        self.pool += candidates

    def _complete(self) -> None:
        """Prepare the repeats that networks lack, because the driver that began with them has gone."""
        if self._spec.repeat > 1:
            self.memory.history()
            every = (c for proposal in self.memory.replicas.lacking() for c in self._pricer.repeats(proposal))
            self.pool += (candidate for candidate in every if candidate.key not in self.memory.keys)

    def _last_resort(self, count: int) -> Sequence[Proposal] | None:
        """Points where a sampler has found no new network for long: uniform draws, in a small space of what
        is left; none while it is priced, and None if the sampler should go on."""
        if self._remaining.due(self.refusals.streak):
            if not self._remaining.advance():
                return ()
            self.memory.history()
            draws = self._draws.take(count, ahead=False)
            found = self._remaining.draw(self._spec.seed, draws, self._known())
            if not found and not self.pool:
                self.refusals.give_up(self._remaining.said)
            return found
        if abilities(self._spec.sampler).counts:
            return None
        draws = self._draws.take(count, ahead=True)
        ask = Ask(space=self._space, history=(), seed=self._spec.seed, draw=draws.start, count=len(draws))
        return self._fallback.propose(ask).items

    def _write_refusals(self, store: Store) -> None:
        if counts := self.refusals.take():
            store.count_refusals(self._id, counts)
