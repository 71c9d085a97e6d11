"""Reading why attempts ended without a result: counts and the latest, both by the index of causes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select

from nas.records import Cause, TrialState
from nas.store.tables import attempts
from nas.store.unit import Units

SHOWN = 2_000
"""Characters of a message's end that are read: the error of a traceback stands there."""


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that ended with a cause."""

    study_id: int
    number: int
    attempt: int
    message: str
    """The end of a longer one."""
    worker: str
    ended_s: float | None
    lasting: bool
    """Whether its trial failed with it, and was not tried again."""


class FailureReads(Units):
    """The part of a `Store` that reads failures."""

    def failure_counts(self, study_id: int) -> Mapping[Cause, tuple[int, int]]:
        """Cause -> how many attempts ended with it, and how many of them ended their trial."""
        lasting = func.sum(case((attempts.c.state == TrialState.FAILED.value, 1), else_=0))
        asked = (
            select(attempts.c.cause, func.count(), lasting)
            .where(attempts.c.study_id == study_id, attempts.c.cause.is_not(None))
            .group_by(attempts.c.cause)
        )
        with self._reading() as connection:
            return {Cause(row[0]): (row[1], int(row[2])) for row in connection.execute(asked)}

    def failed(self, study_id: int, cause: Cause, limit: int) -> list[Failed]:
        """The attempts that ended with a cause, the latest start first."""
        with self._reading() as connection:
            rows = connection.execute(_latest(study_id, cause).limit(limit))
            return [Failed(**row._mapping) for row in rows]


def _latest(study_id: int, cause: Cause) -> Select[tuple[object, ...]]:
    c = attempts.c
    length = func.length(c.message)
    end = case((length > SHOWN, func.substr(c.message, length - SHOWN + 1)), else_=c.message)
    asked = select(
        c.study_id,
        c.number,
        c.attempt,
        end.label("message"),
        c.worker,
        c.ended_s,
        (c.state == TrialState.FAILED.value).label("lasting"),
    )
    return asked.where(c.study_id == study_id, c.cause.is_not(None), c.cause == cause.value).order_by(
        c.started_s.desc()
    )
