"""A study is deleted with all its rows; what was done with it stays in the audit."""

from sqlalchemy import delete, select

from nas.store.engine import now
from nas.store.tables import (
    attempts,
    drivers,
    epochs,
    metrics,
    notes,
    params,
    refusals,
    screened,
    studies,
    tests,
    trials,
)
from nas.store.unit import Units
from nas.store.writing.ids import remember_ids

ORDER = (tests, notes, epochs, metrics, params, attempts, trials, refusals, screened, drivers)
"""Tables with rows of studies: those that point before those that are pointed at."""


class DeletingWrites(Units):
    """The part of a `Store` that deletes."""

    def delete_study(self, study_id: int) -> list[str]:
        """Delete a study; or else the hosts of its drivers that are alive, and nothing is deleted.

        Its ids are not used again. What still writes for it finds no study, or no lease.
        """
        alive = select(drivers.c.host).where(
            drivers.c.study_id == study_id, drivers.c.ended_s.is_(None), drivers.c.lease_until_s >= now()
        )
        with self._changing(study_id) as change:
            connection = change.connection
            if hosts := list(connection.execute(alive).scalars()):
                return hosts
            for table in (studies, drivers, notes):
                remember_ids(connection, table)
            for table in ORDER:
                connection.execute(delete(table).where(table.c.study_id == study_id))
            connection.execute(delete(studies).where(studies.c.id == study_id))
            change.changed = True
            return []
