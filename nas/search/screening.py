"""Candidates on their way through a proxy: drawn, on a slot, scored, then chosen or left for later.

Every trial is chosen from at least `pool` new candidates beyond those that earlier trials were chosen from,
and from all that were left over. Scores are written when a trial can be chosen from them, together with
the refusals on the way, so that a driver that dies in between leaves nothing half done: the next one draws
the same candidates again.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nas.records import AttemptEnd, Cause, Screen
from nas.search.samplers import Ask, Chooser, Sampler, Scored
from nas.store.rows import Candidate, Screened

DEATHS = 2
"""Workers that may die under a proxy, before its candidate counts as one that it fails on."""

LEFT = 512
"""Scored candidates that are remembered, the latest."""


@dataclass(frozen=True)
class _Judged:
    """A candidate with its score."""

    candidate: Candidate
    score: float | None

    def row(self) -> Screened:
        """As the store keeps it."""
        candidate = self.candidate
        return Screened(candidate.key, candidate.draw, candidate.arch_id, candidate.point, self.score)


class Screening:
    """What a driver's study knows of its candidates; `load` brings what others have scored."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.waiting: deque[Candidate] = deque()
        self._running: dict[int, Candidate] = {}
        self._deaths: dict[str, int] = {}
        self._fresh: list[_Judged] = []
        self._scored: list[_Judged] = []
        self._total = 0
        self._numbers = 0
        self.keys: dict[str, None] = {}
        """Those of all candidates that were ever here."""

    @property
    def busy(self) -> bool:
        """Whether candidates are under way: drawn, but not written."""
        return bool(self.waiting or self._running or self._fresh)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to choose from, now or soon."""
        return not self._scored and not self.busy

    def load(self, total: int, rows: Iterable[tuple[Candidate, float | None]]) -> None:
        """Begin with what the store has: how many were scored in all, and those that are no trials yet."""
        self._total = total
        self._scored = [_Judged(candidate, score) for candidate, score in rows]
        self.keys = dict.fromkeys(judged.candidate.key for judged in self._scored)
        self.waiting.clear()
        self._running.clear()
        self._fresh.clear()

    def add(self, candidate: Candidate) -> None:
        """A candidate to be judged."""
        self.keys[candidate.key] = None
        self.waiting.append(candidate)

    def missing(self, chosen: int, wanted: int) -> int:
        """How many candidates to draw before `wanted` more trials can be chosen; `chosen` were so far."""
        here = self._total + len(self._fresh) + len(self.waiting) + len(self._running)
        return max(0, self.screen.pool * (chosen + wanted) - here)

    def take(self, limit: int) -> list[tuple[int, Candidate]]:
        """Up to `limit` candidates for slots, each with a number that no trial has."""
        found: list[tuple[int, Candidate]] = []
        while self.waiting and len(found) < limit:
            self._numbers -= 1
            self._running[self._numbers] = self.waiting.popleft()
            found.append((self._numbers, self._running[self._numbers]))
        return found

    def hear(self, end: AttemptEnd) -> None:
        """Take the end of a request; its candidate waits again if its worker died.

        One that began under an earlier lease counts no more: its candidate is drawn again.
        """
        if (candidate := self._running.pop(end.number, None)) is None:
            return
        deaths = self._deaths.get(candidate.key, 0)
        if end.cause is Cause.PREEMPTED and deaths < DEATHS:
            self._deaths[candidate.key] = deaths + 1
            self.waiting.appendleft(candidate)
            return
        told = end.metrics.get(self.screen.proxy) if end.cause is None and not end.stopped else None
        sign = -1 if self.screen.minimize else 1
        self._fresh.append(_Judged(candidate, None if told is None else sign * told))

    def ready(self, chosen: int, hopeless: bool) -> bool:
        """Whether a trial can be chosen; `hopeless`: no more candidates are to be had."""
        enough = self._total + len(self._fresh) >= self.screen.pool * (chosen + 1)
        ended = hopeless and not self.waiting and not self._running
        return bool(self._fresh or self._scored) and (enough or ended)

    def flush(self) -> list[Screened]:
        """The rows to write before a choice, in draw order."""
        fresh = sorted(self._fresh, key=lambda judged: (judged.candidate.draw, judged.candidate.key))
        self._total += len(fresh)
        self._scored = [*self._scored, *fresh][-LEFT:]
        self._fresh = []
        return [judged.row() for judged in fresh]

    def choose(self, sampler: Sampler, ask: Ask) -> Candidate:
        """The candidate to train, by a sampler that weighs scores itself, else the best of the latest pool.

        It keeps its score as an attribute of its trial, for samplers to learn from.
        """
        pool = [Scored(j.candidate.labels, j.candidate.cost, j.score) for j in self._scored]
        place = sampler.choose(ask, pool) if isinstance(sampler, Chooser) else self._best(pool)
        chosen = self._scored.pop(place)
        attributes = {**chosen.candidate.attributes, "score": chosen.score}
        return replace(chosen.candidate, attributes=attributes)

    def _best(self, pool: Sequence[Scored]) -> int:
        scores = [float("-inf") if each.score is None else each.score for each in pool]
        return max(range(max(len(pool) - self.screen.pool, 0), len(pool)), key=scores.__getitem__)
