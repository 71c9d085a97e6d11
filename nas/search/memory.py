"""What a driver knows of a study's trials, read from the store as they change."""

from nas.records import TrialState
from nas.search.frontier import Told
from nas.search.history import TOLD, Past
from nas.search.outcome import excess_of
from nas.search.replicas import Replicas
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow

PAGE = 2000
"""Trials that are read at a time: a long study is never in memory twice."""


class Memory:
    """The trials of one study, all drivers' together."""

    def __init__(self, store: Store, row: StudyRow, space: Space) -> None:
        self._store, self._id, self._spec, self._space = store, row.id, row.spec, space
        self.replicas = Replicas(row.spec.repeat)
        self.keys: dict[str, None] = {}
        """Those of all trials ever made."""
        self.draws: set[int] = set()
        """Those that became trials."""
        self._past: dict[int, Past] = {}
        self._sorted, self._last = True, 0
        """Whether they stand by number, and the highest one: a long study is not sorted for every ask."""
        self._revision = 0

    def history(self) -> list[Past]:
        """Told and running trials, by number, as of now."""
        while rows := self._store.history(self._id, after=self._revision, limit=PAGE):
            self._revision = rows[-1].revision
            for row in rows:
                self._note(row)
            if len(rows) < PAGE:
                break
        if not self._sorted:
            self._past, self._sorted = dict(sorted(self._past.items())), True
        return list(self._past.values())

    def _note(self, row: TrialRow) -> None:
        self.keys[row.key] = None
        self.draws.add(row.draw)
        self.replicas.note(row)
        if row.state in TOLD or row.state is TrialState.RUNNING:
            self._sorted &= row.number > self._last or row.number in self._past
            self._last = max(self._last, row.number)
            self._past[row.number] = self._as_past(row)
        else:
            self._past.pop(row.number, None)

    def told(self) -> list[Told]:
        """The complete trials of a study with several objectives, by number; the means of repeats."""
        if len(self._spec.objectives) == 1:
            return []
        known = self.replicas.means(self.history())
        rows = (past for past in known if past.state is TrialState.COMPLETE)
        return [Told(past.number, past.values, past.feasible) for past in rows]

    def _as_past(self, row: TrialRow) -> Past:
        return Past(
            row.number,
            row.state,
            self._space.labels(row.point),
            row.values,
            max(row.epoch, 1),
            row.attributes,
            row.cost,
            row.arch_id,
            excess_of(row.metrics, self._spec.limits) if row.state in TOLD else (),
        )
