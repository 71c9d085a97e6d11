"""What a study tries next where a proxy advises: candidates are scored first, and chosen from."""

from collections import ChainMap
from collections.abc import Collection, Sequence
from dataclasses import replace

from nas.records import Screen
from nas.search.memory import Memory
from nas.search.proposing import TRIES, Proposer
from nas.search.samplers import Ask, Proposal
from nas.search.screening import LEFT, Screening
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import Candidate, StudyRow


class ScreenedProposer(Proposer):
    """Keeps candidates ready that a proxy has advised; `screening` says which it should judge."""

    def __init__(self, store: Store, row: StudyRow, space: Space, memory: Memory, screen: Screen) -> None:
        super().__init__(store, row, space, memory)
        self.screening = Screening(screen)
        self._taken: set[int] = set()
        """Draws of networks that were trials when this driver began, or that it has chosen since."""

    def begin(self, driver_id: int) -> None:
        """Go on where the study stands, with what has been scored and not become a trial."""
        super().begin(driver_id)
        self.memory.history()
        self._taken = self.memory.draws - {-1}
        rows = self._store.screened(self._id, limit=LEFT)
        left = [row for row in rows if row.key not in self.memory.keys]
        judged = [(self._pricer.candidate(Proposal(row.draw, row.point)), row.score) for row in left]
        self.screening.load(self._store.screened_total(self._id), judged)

    def end(self, store: Store) -> None:
        """Write refusals, unless they belong to candidates that are not scored: all those are drawn again."""
        if self.screening.busy:
            self.refusals.take()
        super().end(store)

    @property
    def exhausted(self) -> bool:
        """Whether there is nothing new to try, nothing prepared, and no candidate is left."""
        return super().exhausted and self.screening.empty

    def prepare(self, count: int) -> bool:
        """Draw what a proxy should judge next, and choose what it has judged enough for."""
        if not self.pool:
            self._complete()
        self.memory.history()
        before, screening = self.prepared, self.screening
        tries = count * screening.screen.pool + TRIES
        drawn = self._propose(lambda: screening.missing(self._chosen(), count - self.prepared), tries)
        while self.prepared < count and screening.ready(self._chosen(), self.refusals.exhausted):
            self._store.screen(self._id, screening.flush(), self.refusals.take())
            chosen = screening.choose(self.sampler, self._ask(self._chosen(), 1))
            self._taken.add(chosen.draw)
            self.pool += self._pricer.repeats(Proposal(chosen.draw, chosen.point, chosen.attributes))
        return drawn or self.prepared > before

    def claimed(self, candidate: Candidate) -> None:
        """It was accepted when it was drawn."""

    def _ask(self, draw: int, count: int) -> Ask:
        return replace(super()._ask(draw, count), screening=True)

    def _known(self) -> Collection[str]:
        pool = {candidate.key: None for candidate in self.pool}
        return ChainMap(pool, self.memory.keys, self.screening.keys)

    def _welcome(self, candidates: Sequence[Candidate]) -> None:
        self.refusals.accept(candidates[0].draw)
        self.screening.add(candidates[0])

    def _chosen(self) -> int:
        """How many networks became trials, or are about to; not those that other drivers choose meanwhile,
        since what is scored for them is not here either."""
        return len(self._taken)


def proposer_of(store: Store, row: StudyRow, space: Space, memory: Memory) -> Proposer:
    """What proposes for a study."""
    if row.spec.screen is not None:
        return ScreenedProposer(store, row, space, memory, row.spec.screen)
    return Proposer(store, row, space, memory)
