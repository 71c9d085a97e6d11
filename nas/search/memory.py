"""What a driver knows of a study's trials, read from the store as they change."""

from nas.records import TrialState
from nas.search.frontier import Told
from nas.search.history import TOLD, Past
from nas.search.outcome import excess_of
from nas.search.replicas import Replicas
from nas.space.space import Space
from nas.store import Store
from nas.store.rows import StudyRow, TrialRow


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
        self._revision = 0

    def history(self) -> list[Past]:
        """Told and running trials, by number, as of now."""
        for row in self._store.history(self._id, after=self._revision):
            self._revision = max(self._revision, row.revision)
            self.keys[row.key] = None
            self.draws.add(row.draw)
            self.replicas.note(row)
            if row.state in TOLD or row.state is TrialState.RUNNING:
                self._past[row.number] = self._as_past(row)
            else:
                self._past.pop(row.number, None)
        return [self._past[number] for number in sorted(self._past)]

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
