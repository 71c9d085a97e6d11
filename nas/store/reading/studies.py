"""Reading studies: one whole, the list, what a driver polls, drivers, refusals."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, case, func, select

from nas.errors import StudyNotFoundError, did_you_mean
from nas.records import Ending, StudySpec, TrialState, Wanted
from nas.store.codec import from_json
from nas.store.engine import now, place
from nas.store.rows import DriverRow, StudyRow, StudySummary
from nas.store.tables import COUNTERS, attempts, drivers, refusals, studies, trials
from nas.store.unit import Units

STARTING_S = 60.0
"""So long a study without a driver counts as one that starts: Ray takes 3 to 20 s, a cluster more."""
LEAVING_S = 1.0

_COUNTS = tuple(studies.c[name] for name in COUNTERS.values())


class StudyReads(Units):
    """The part of a `Store` that reads studies."""

    def study(self, name: str) -> StudyRow:
        """The study of that name; `StudyNotFoundError` with near matches if there is none."""
        with self._reading() as connection:
            row = connection.execute(select_study().where(studies.c.name == name)).one_or_none()
        if row is None:
            raise self._unknown(name)
        return study_row(row)

    def study_by_id(self, study_id: int) -> StudyRow:
        """The study with that id: fresh counters, budget, wish and revision."""
        return study_row(self._one(study_id, select_study()))

    def study_names(self) -> list[str]:
        """All names, the newest study first."""
        with self._reading() as connection:
            return list(connection.execute(select(studies.c.name).order_by(studies.c.id.desc())).scalars())

    def studies(self) -> list[StudySummary]:
        """All studies, the newest first, in one query."""
        with self._reading() as connection:
            return [summary(row) for row in connection.execute(summaries())]

    def revision(self, study_id: int) -> int:
        """Rises with every change of the study that its readers can see."""
        return int(self._one(study_id, select(studies.c.revision)).revision)

    def counts(self, study_id: int) -> dict[TrialState, int]:
        """State -> number of trials in it, zeros included; from counters, so at no cost."""
        return counts_of(self._one(study_id, select(*_COUNTS)))

    def study_attributes(self, study_id: int) -> dict[str, Any]:
        """The sampler's own attributes of the study."""
        attributes: dict[str, Any] = from_json(self._one(study_id, select(studies.c.attributes)).attributes)
        return attributes

    def refusals(self, study_id: int) -> dict[str, int]:
        """Reason -> number of points refused for it, the commonest first."""
        rows = select(refusals.c.reason, refusals.c.num).where(refusals.c.study_id == study_id)
        with self._reading() as connection:
            found = connection.execute(rows.order_by(refusals.c.num.desc(), refusals.c.reason))
            return {row.reason: row.num for row in found}

    def drivers(self, study_id: int) -> list[DriverRow]:
        """All drivers the study has had, the latest first."""
        rows = select(drivers, live().label("live")).where(drivers.c.study_id == study_id)
        with self._reading() as connection:
            return [_driver(row) for row in connection.execute(rows.order_by(drivers.c.id.desc()))]

    def drawn(self, study_id: int) -> tuple[int, int]:
        """How many draws became trials, and how many were refused."""
        # With a condition on the number SQLite reads the rows as they lie: four times as fast.
        accepted = select(func.count(trials.c.draw.distinct())).where(
            trials.c.study_id == study_id, trials.c.number > 0, trials.c.draw >= 0
        )
        refused = select(func.coalesce(func.sum(refusals.c.num), 0)).where(refusals.c.study_id == study_id)
        with self._reading() as connection:
            counts = [connection.execute(query).scalar_one() for query in (accepted, refused)]
        return int(counts[0]), int(counts[1])

    def busy_s(self, study_id: int, ends: Mapping[int, float]) -> float:
        """Seconds that slots spent on attempts of drivers whose end is given: `{driver_id: end_s}`."""
        mine = (attempts.c.study_id == study_id, attempts.c.driver_id.in_(ends))
        told = select(func.coalesce(func.sum(attempts.c.wall_s), 0.0)).where(*mine)
        columns = (attempts.c.driver_id, attempts.c.started_s, attempts.c.ended_s)
        untold = select(*columns).where(*mine, attempts.c.wall_s.is_(None))
        with self._reading() as connection:
            total = float(connection.execute(told).scalar_one())
            for driver_id, started_s, ended_s in connection.execute(untold):
                end_s = ends[driver_id] if ended_s is None else min(ended_s, ends[driver_id])
                total += max(0.0, end_s - started_s)
        return total

    def is_starting(self, study_id: int) -> bool:
        """Whether the study was begun or resumed a moment ago, and no driver has been there since."""
        return bool(self._one(study_id, select(_starting().label("starting"))).starting)

    def now_s(self) -> float:
        """The database's clock, for telling how long ago something was."""
        with self._reading() as connection:
            return float(connection.execute(select(now())).scalar_one())

    def _one(self, study_id: int, columns: Select[Any]) -> Row[Any]:
        with self._reading() as connection:
            row = connection.execute(columns.where(studies.c.id == study_id)).one_or_none()
        if row is None:
            raise StudyNotFoundError(f"no study with id {study_id}: list them with `nas studies`")
        return row

    def _unknown(self, name: str) -> StudyNotFoundError:
        known = self.study_names()
        hint = did_you_mean(name, known)
        listed = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
        what = (
            f"known are {listed}{hint}; see `nas studies`"
            if known
            else "it is empty; start one: nas search vgg"
        )
        return StudyNotFoundError(
            f"no study called {name!r} in the store {place(self._given)}: {what}",
            brief=f"no study called {name!r}{hint or ': choose one at /studies'}",
        )


def select_study() -> Select[Any]:
    """What `study_row` reads."""
    c = studies.c
    shape = (c.id, c.name, c.spec, c.artifacts, c.budget, c.wanted, c.ending)
    return select(*shape, c.created_s, c.changed_s, c.revision, *_COUNTS)


def study_row(row: Row[Any]) -> StudyRow:
    """A row of `select_study`."""
    return StudyRow(
        id=row.id,
        name=row.name,
        spec=StudySpec.from_json(from_json(row.spec)),
        artifacts=row.artifacts,
        counts=counts_of(row),
        **_standing(row),
    )


def counts_of(row: Row[Any]) -> dict[TrialState, int]:
    """The counters of a study's row."""
    return {state: getattr(row, name) for state, name in COUNTERS.items()}


def _standing(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "budget": row.budget,
        "wanted": Wanted(row.wanted),
        "ending": Ending(row.ending) if row.ending else None,
        "created_s": row.created_s,
        "changed_s": row.changed_s,
        "revision": row.revision,
    }


def live() -> Any:
    """Whether a driver holds its lease, by the database's clock."""
    return drivers.c.ended_s.is_(None) & (drivers.c.lease_until_s >= now())


def _starting() -> Any:
    """Whether a study was begun, or changed by `nas resume`, a moment ago and waits for its first driver.

    What a driver changes it changes before its end, give or take what it does on leaving.
    """
    end = func.max(func.coalesce(drivers.c.ended_s, drivers.c.lease_until_s))
    last = select(end).where(drivers.c.study_id == studies.c.id).correlate(studies).scalar_subquery()
    idle = (studies.c.wanted == Wanted.RUN.value) & studies.c.ending.is_(None)
    since = func.coalesce(last + LEAVING_S, 0.0)
    return idle & (studies.c.changed_s > now() - STARTING_S) & (studies.c.changed_s > since)


def summaries() -> Select[Any]:
    """Studies with best value (an index look-up each, both ways) and number of live drivers."""
    finished = (trials.c.study_id == studies.c.id, trials.c.state == TrialState.COMPLETE.value)
    lowest = select(func.min(trials.c.value_0)).where(*finished).correlate(studies).scalar_subquery()
    highest = select(func.max(trials.c.value_0)).where(*finished).correlate(studies).scalar_subquery()
    alive = select(func.count()).where(drivers.c.study_id == studies.c.id, live())
    c = studies.c
    shape = (c.id, c.name, c.space, c.data, c.evaluator, c.sampler, c.metric, c.minimize, c.budget)
    return select(
        *shape,
        c.wanted,
        c.ending,
        c.created_s,
        c.changed_s,
        c.revision,
        *_COUNTS,
        case((c.minimize, lowest), else_=highest).label("best"),
        c.spec.contains('"limits":[[').label("limited"),
        alive.correlate(studies).scalar_subquery().label("live"),
        _starting().label("starting"),
    ).order_by(c.id.desc())


def summary(row: Row[Any]) -> StudySummary:
    """A row of `summaries`."""
    names = ("id", "name", "space", "data", "evaluator", "sampler", "metric", "minimize", "best")
    same = {name: getattr(row, name) for name in names}
    standing = _standing(row)
    return StudySummary(
        drivers=row.live,
        starting=bool(row.starting),
        counts=counts_of(row),
        limited=bool(row.limited),
        **same,
        **standing,
    )


def _driver(row: Row[Any]) -> DriverRow:
    names = ("id", "host", "pid", "started_s", "lease_until_s", "ended_s")
    same = {name: getattr(row, name) for name in names}
    return DriverRow(**same, lost=bool(row.lost), live=bool(row.live))
