"""What a live reader asks again and again: which studies have changed, and which epochs are new."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from nas.store.codec import float_out
from nas.store.reading.studies import live, summaries, summary
from nas.store.reading.trials import select_trials, trial_row
from nas.store.rows import StudySummary, TrialRow
from nas.store.tables import drivers, epochs, studies, trials
from nas.store.unit import Units


@dataclass(frozen=True, slots=True)
class Pulse:
    """Differs from an earlier one where a study's page shows something else."""

    id: int
    revision: int
    drivers: int
    """How many hold a live lease: one that falls silent changes no row."""


@dataclass(frozen=True, slots=True)
class NewEpoch:
    """One epoch of a trial's present attempt."""

    number: int
    attempt: int
    epoch: int
    value: float | None
    """Of the first objective."""


class PulseReads(Units):
    """The part of a `Store` that live readers poll."""

    def pulses(self) -> dict[str, Pulse]:
        """Name -> pulse of every study, in one query over two small tables."""
        alive = select(func.count()).where(drivers.c.study_id == studies.c.id, live()).correlate(studies)
        asked = select(studies.c.name, studies.c.id, studies.c.revision, alive.scalar_subquery())
        with self._reading() as connection:
            return {row[0]: Pulse(*row[1:]) for row in connection.execute(asked)}

    def summaries_of(self, ids: Sequence[int]) -> list[StudySummary]:
        """Some lines of the list of studies, the newest first."""
        with self._reading() as connection:
            return [summary(row) for row in connection.execute(summaries().where(studies.c.id.in_(ids)))]

    def latest_changes(self, study_id: int, after: int, limit: int) -> list[TrialRow]:
        """The last `limit` trials that have changed after a revision, in order of change."""
        changed = select_trials(study_id).where(trials.c.revision > after)
        last = changed.order_by(trials.c.revision.desc(), trials.c.number.desc()).limit(limit)
        with self._reading() as connection:
            return [trial_row(row) for row in connection.execute(last)][::-1]

    def new_epochs(self, study_id: int, numbers: Sequence[int], back: int) -> list[NewEpoch]:
        """The last `back` epochs of the present attempts of these trials, in order."""
        c = epochs.c
        same = (
            (trials.c.study_id == c.study_id)
            & (trials.c.number == c.number)
            & (trials.c.attempt == c.attempt)
        )
        asked = (
            select(c.number, c.attempt, c.epoch, c.value)
            .join(trials, same)
            .where(trials.c.study_id == study_id, trials.c.number.in_(numbers))
            .where(c.epoch > trials.c.epoch - back)
            .order_by(c.number, c.epoch)
        )
        with self._reading() as connection:
            return [
                NewEpoch(row[0], row[1], row[2], None if row[3] is None else float_out(row[3]))
                for row in connection.execute(asked)
            ]
