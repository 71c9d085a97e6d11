"""Writing drivers: leases by the database's clock, and what happens to the trials of one that is gone.

A driver renews its lease from a thread of its own, a few times per `lease_s`. If it does not, any other
driver's `reap` marks it lost and puts its running trials back into the queue; the attempt number then
fences off whatever it still sends.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, insert, select, update

from nas.errors import StudyNotFoundError
from nas.records import Cause, TrialState
from nas.store.codec import from_json, text_in, to_json
from nas.store.engine import now
from nas.store.tables import drivers, studies, trials
from nas.store.unit import Change, Units
from nas.store.writing.ids import fresh_id
from nas.store.writing.transitions import back_to_queue, close_attempts, transition

DUTIES = "duties"
"""The study attribute that says which driver has taken which duty."""


class DriverWrites(Units):
    """The part of a `Store` that writes drivers and takes trials away from them."""

    def start_driver(self, study_id: int, host: str, pid: int, lease_s: float = 60.0) -> int:
        """A new driver of the study with a lease of `lease_s` seconds from now; returns its id."""
        with self._changing(study_id) as change:
            new = insert(drivers).values(
                **fresh_id(change.connection, drivers),
                study_id=study_id,
                host=text_in(host),
                pid=pid,
                lease_s=lease_s,
                started_s=change.now_s,
                lease_until_s=change.now_s + lease_s,
            )
            change.changed = True
            return int(change.connection.execute(new.returning(drivers.c.id)).scalar_one())

    def renew(self, driver_id: int) -> bool:
        """Renew the lease. False: it is lost, its trials are others'; go on with a new `start_driver`."""
        again = (
            update(drivers)
            .where(drivers.c.id == driver_id, drivers.c.ended_s.is_(None))
            .values(lease_until_s=now() + drivers.c.lease_s)
        )
        with self._writing() as connection:
            return connection.execute(again).rowcount == 1

    def end_driver(self, driver_id: int) -> None:
        """The driver has stopped; trials that it still runs go back to the queue."""
        with self._reading() as connection:
            found = connection.execute(select(drivers.c.study_id).where(drivers.c.id == driver_id))
            study_id = found.scalar_one_or_none()
        if study_id is None:
            raise StudyNotFoundError(f"no driver with id {driver_id}: it starts with start_driver")
        with self._changing(study_id) as change:
            back_to_queue(
                change, trials.c.driver_id == driver_id, cause=Cause.RELEASED, message="its driver stopped"
            )
            end = update(drivers).where(drivers.c.id == driver_id, drivers.c.ended_s.is_(None))
            change.connection.execute(end.values(ended_s=change.now_s))
            change.changed = True

    def reap(self, study_id: int, but: int = 0, sure: Callable[[], bool] | None = None) -> list[int]:
        """Requeue the running trials of drivers whose lease is over; returns their numbers.

        `but`: the driver that asks. It is alive, so it renews a lease that is over instead of losing it.
        `sure`: asked once leases that are over have been read (an answer may have taken long); if it says no,
        they stay. Attempts are closed with the cause released. Cheap when there is nothing to do: it then
        writes nothing.
        """
        expired = (*_over(study_id), drivers.c.id != but)
        with self._reading() as connection:
            silent = connection.execute(select(drivers.c.id).where(*expired)).scalars().all()
        if not silent or (sure is not None and not sure()):
            return []
        with self._changing(study_id) as change:
            still = (*expired, drivers.c.id.in_(silent))
            mark = update(drivers).where(*still).values(ended_s=change.now_s, lost=True)
            lost = change.connection.execute(mark.returning(drivers.c.id)).scalars().all()
            change.changed = bool(lost)
            return back_to_queue(
                change,
                trials.c.driver_id.in_(lost),
                cause=Cause.RELEASED,
                message="its driver's lease ran out",
            )

    def take_duty(self, study_id: int, driver_id: int, duty: str) -> bool:
        """Take on what only one driver of the study may do at a time.

        False while another one that has taken it is alive: it has it until its lease ends.
        """
        with self._changing(study_id) as change:
            attributes = from_json(change.attributes)
            duties = attributes.get(DUTIES, {})
            if duties.get(duty, driver_id) != driver_id and _is_live(change, duties[duty]):
                return False
            known = to_json({**attributes, DUTIES: {**duties, duty: driver_id}})
            here = update(studies).where(studies.c.id == study_id)
            change.connection.execute(here.values(attributes=known))
            change.changed = True
            return True

    def cancel_trials(self, study_id: int, driver_id: int | None = None) -> list[int]:
        """Cancel what waits in the queue and, given a driver, what it runs; returns their numbers."""
        with self._changing(study_id) as change:
            waiting = transition(change, TrialState.QUEUED, TrialState.CANCELLED, ended_s=change.now_s)
            running = _cancel_running(change, driver_id) if driver_id is not None else []
            return sorted(number for number, _ in (*waiting, *running))


def _cancel_running(change: Change, driver_id: int) -> list[tuple[int, int]]:
    moved = transition(
        change,
        TrialState.RUNNING,
        TrialState.CANCELLED,
        trials.c.driver_id == driver_id,
        ended_s=change.now_s,
    )
    close_attempts(change, moved, [{"state": TrialState.CANCELLED.value}] * len(moved))
    return moved


def _over(study_id: int) -> tuple[ColumnElement[bool], ...]:
    """The study's drivers whose lease is over, and nobody has taken it."""
    return (
        drivers.c.study_id == study_id,
        drivers.c.ended_s.is_(None),
        drivers.c.lease_until_s < now(),
    )


def _is_live(change: Change, driver_id: int) -> bool:
    """Whether the driver's lease is neither over nor given back."""
    live = (drivers.c.id == driver_id, drivers.c.ended_s.is_(None), drivers.c.lease_until_s >= now())
    return change.connection.execute(select(drivers.c.id).where(*live)).first() is not None


def holds_lease(change: Change, driver_id: int) -> bool:
    """Whether the driver belongs to the study and nobody has taken its lease."""
    here = (
        drivers.c.id == driver_id,
        drivers.c.study_id == change.study_id,
        drivers.c.ended_s.is_(None),
    )
    return change.connection.execute(select(drivers.c.id).where(*here)).first() is not None
