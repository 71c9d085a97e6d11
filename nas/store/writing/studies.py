"""Writing studies: create, extend, steer, attributes, refusals, draw numbers."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import CompoundSelect, func, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from nas.errors import StoreError, StudyExistsError, StudyNotFoundError
from nas.records import Ending, StudySpec, Wanted
from nas.store.codec import from_json, text_in, to_json
from nas.store.engine import now, shown
from nas.store.reading.studies import select_study, study_row
from nas.store.rows import StudyRow
from nas.store.tables import drivers, refusals, screened, studies, trials
from nas.store.unit import Change, Units
from nas.store.writing.ids import fresh_id


class StudyWrites(Units):
    """The part of a `Store` that writes studies."""

    def create_study(self, name: str, spec: StudySpec, budget: int, artifacts: str) -> StudyRow:
        """A new study. Raises `StudyExistsError` if there is one of that name."""
        if budget < 1:
            raise StoreError(f"a study's budget is {budget}: it is at least 1 trial; write --trials 24")
        if not name or text_in(name) != name:
            raise StoreError(f"a study cannot be called {name!r}: write --study NAME in printable letters")
        try:
            with self._writing() as connection:
                new = insert(studies).values(
                    **fresh_id(connection, studies),
                    name=name,
                    budget=budget,
                    artifacts=artifacts,
                    created_s=now(),
                    changed_s=now(),
                    **_columns(spec),
                )
                connection.execute(new)
                return study_row(connection.execute(select_study().where(studies.c.name == name)).one())
        except IntegrityError as error:
            raise StudyExistsError(
                f"a study called {name!r} is in the store {shown(self._url)} already: "
                f"go on with `nas resume {name}`, or write --study OTHER-NAME",
                brief=f"a study called {name!r} is there already: go on with it, or choose another name",
            ) from error

    def extend(self, study_id: int, more: int) -> int:
        """Raise the budget by `more` trials; returns the new budget."""
        if more < 0:
            raise StoreError(f"a budget cannot grow by {more}: it only grows; write --trials +24")
        with self._changing(study_id) as change:
            grow = update(studies).where(studies.c.id == study_id).values(budget=studies.c.budget + more)
            change.changed = True
            return int(change.connection.execute(grow.returning(studies.c.budget)).scalar_one())

    def set_wanted(self, study_id: int, wanted: Wanted) -> None:
        """Tell the study's drivers what to do; they poll it."""
        with self._changing(study_id) as change:
            _set(change, wanted=wanted.value)

    def set_ending(self, study_id: int, ending: Ending | None) -> None:
        """Note why driving stopped; None: it goes on."""
        with self._changing(study_id) as change:
            _set(change, ending=ending.value if ending else None)

    def set_study_attributes(self, study_id: int, attributes: Mapping[str, Any]) -> None:
        """Set some of the sampler's own attributes of the study (JSON data); other keys stay."""
        with self._changing(study_id) as change:
            _set(change, attributes=to_json({**from_json(change.attributes), **attributes}))

    def reserve_draws(self, study_id: int, count: int) -> int:
        """Take the next `count` draw numbers, never given to anyone else; returns the first (from 0)."""
        take = (
            update(studies)
            .where(studies.c.id == study_id)
            .values(next_draw=studies.c.next_draw + count)
            .returning(studies.c.next_draw)
        )
        with self._writing() as connection:
            end = connection.execute(take).scalar_one_or_none()
            if end is None:
                raise StudyNotFoundError(f"no study with id {study_id}: list them with `nas studies`")
            return int(end) - count

    def return_draws(self, study_id: int, driver_id: int) -> int:
        """Take back the last draws that came to nothing, no trial, scored candidate or refusal, if no other
        driver is alive.

        They were reserved by a driver that has gone before it could use them. Returns how many draws were
        refused since the last one that was taken; 0 where others go on drawing.
        """
        drawn = _drawn(study_id).subquery()
        settled = (
            select(func.count(drawn.c.draw.distinct())).scalar_subquery()
            + select(func.coalesce(func.sum(refusals.c.num), 0))
            .where(refusals.c.study_id == study_id)
            .scalar_subquery()
        )
        last = select(func.coalesce(func.max(drawn.c.draw), -1)).scalar_subquery()
        with self._changing(study_id) as change:
            row = change.connection.execute(
                select(studies.c.next_draw, settled.label("settled"), last.label("last")).where(
                    studies.c.id == study_id
                )
            ).one()
            if _others_live(change, driver_id):
                return 0
            used = max(int(row.settled), int(row.last) + 1)
            if used < row.next_draw:
                _set(change, next_draw=used)
            return min(used, int(row.next_draw)) - int(row.last) - 1

    def count_refusals(self, study_id: int, reasons: Mapping[str, int]) -> None:
        """Add to the number of points refused, by reason."""
        with self._changing(study_id) as change:
            for reason, num in reasons.items():
                add_refusals(change, text_in(reason), num)


def _drawn(study_id: int) -> CompoundSelect[int]:
    """The draws that were taken."""
    return union_all(
        select(trials.c.draw).where(trials.c.study_id == study_id, trials.c.draw >= 0),
        select(screened.c.draw).where(screened.c.study_id == study_id),
    )


def _others_live(change: Change, driver_id: int) -> bool:
    """Whether another driver of the study has a lease."""
    others = (drivers.c.study_id == change.study_id, drivers.c.id != driver_id, drivers.c.ended_s.is_(None))
    return change.connection.execute(select(drivers.c.id).where(*others).limit(1)).first() is not None


def _columns(spec: StudySpec) -> dict[str, Any]:
    objective = spec.objectives[0]
    return {
        "spec": to_json(spec.to_json()),
        "space": spec.space_name,
        "data": spec.data,
        "evaluator": spec.evaluator,
        "sampler": spec.sampler,
        "metric": objective.metric,
        "minimize": objective.minimize,
    }


def _set(change: Change, **columns: Any) -> None:
    change.connection.execute(update(studies).where(studies.c.id == change.study_id).values(**columns))
    change.changed = True


def add_refusals(change: Change, reason: str, num: int) -> None:
    """Add to the number of points refused for one reason."""
    row = {"study_id": change.study_id, "reason": reason}
    here = [refusals.c[name] == value for name, value in row.items()]
    if change.connection.execute(select(refusals.c.num).where(*here)).first():
        change.connection.execute(update(refusals).where(*here).values(num=refusals.c.num + num))
    else:
        change.connection.execute(insert(refusals).values(**row, num=num))
    change.changed = True
