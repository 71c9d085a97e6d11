"""Reading what is going on now, over all studies: drivers at work, trials that run, workers lately seen."""

from dataclasses import dataclass

from sqlalchemy import select

from nas.records import TrialState
from nas.store.engine import now
from nas.store.tables import drivers, studies, trials
from nas.store.unit import Units


@dataclass(frozen=True, slots=True)
class ActiveDriver:
    """A driver that has not said that it has ended."""

    id: int
    study_id: int
    study: str
    host: str
    pid: int
    started_s: float
    lease_until_s: float
    heard_s: float
    """When it last renewed its lease."""
    live: bool
    """Whether its lease holds."""


@dataclass(frozen=True, slots=True)
class RunningTrial:
    """A trial that runs."""

    study: str
    number: int
    attempt: int
    worker: str
    epoch: int
    started_s: float | None
    driver_id: int | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A trial that a worker was last heard with."""

    number: int
    state: TrialState
    worker: str
    ended_s: float


class ActivityReads(Units):
    """The part of a `Store` that reads what is going on."""

    def active_drivers(self) -> list[ActiveDriver]:
        """Drivers of all studies that have not ended, the latest first."""
        c = drivers.c
        live = (c.lease_until_s >= now()).label("live")
        heard = (c.lease_until_s - c.lease_s).label("heard_s")
        asked = (
            select(
                c.id,
                c.study_id,
                studies.c.name.label("study"),
                c.host,
                c.pid,
                c.started_s,
                c.lease_until_s,
                heard,
                live,
            )
            .join(studies, studies.c.id == c.study_id)
            .where(c.ended_s.is_(None))
            .order_by(c.id.desc())
        )
        with self._reading() as connection:
            return [
                ActiveDriver(**{**row._mapping, "live": bool(row.live)}) for row in connection.execute(asked)
            ]

    def running_trials(self, study_id: int, study: str, limit: int) -> list[RunningTrial]:
        """Trials of a study that run, by number."""
        c = trials.c
        asked = (
            select(c.number, c.attempt, c.worker, c.epoch, c.started_s, c.driver_id)
            .where(c.study_id == study_id, c.state == TrialState.RUNNING.value)
            .order_by(c.number)
            .limit(limit)
        )
        with self._reading() as connection:
            return [RunningTrial(study, *row) for row in connection.execute(asked)]

    def sightings(self, study_id: int, limit: int) -> list[Sighting]:
        """Of the `limit` trials that changed last those that a worker has ended, the latest change first."""
        c = trials.c
        latest = (
            select(c.number, c.state, c.worker, c.ended_s)
            .where(c.study_id == study_id)
            .order_by(c.revision.desc(), c.number.desc())
            .limit(limit)
        )
        with self._reading() as connection:
            rows = connection.execute(latest).all()
        return [
            Sighting(row.number, TrialState(row.state), row.worker, row.ended_s)
            for row in rows
            if row.worker and row.ended_s is not None
        ]
