"""Reading trials: one, pages, the best, what is new; all by index."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Literal

from sqlalchemy import Connection, Row, Select, exists, func, select

from nas.errors import StoreError
from nas.records import Cause, Limit, StudySpec, TrialState
from nas.store.codec import from_json, values_out, whole
from nas.store.rows import TrialRow
from nas.store.tables import metrics, studies, trials
from nas.store.unit import Units

Order = Literal["number", "value"]


class TrialReads(Units):
    """The part of a `Store` that reads trials."""

    def trial(self, study_id: int, number: int) -> TrialRow:
        """One trial. Raises `StoreError` if the study has none of that number."""
        with self._reading() as connection:
            row = connection.execute(select_trials(study_id).where(trials.c.number == number)).first()
            if row is not None:
                return trial_row(row)
            last = connection.execute(
                select(func.max(trials.c.number)).where(trials.c.study_id == study_id)
            ).scalar_one()
        raise StoreError(
            f"no trial {number} in this study: it has {f'trials 1 to {last}' if last else 'none yet'}; "
            "list them with `nas trials STUDY`"
        )

    def trials(
        self,
        study_id: int,
        *,
        states: Sequence[TrialState] | None = None,
        limit: int | None = None,
        offset: int = 0,
        order: Order = "number",
        descending: bool = False,
    ) -> list[TrialRow]:
        """A page of trials by number, or by the first objective's value (those without one come last)."""
        page = select_trials(study_id)
        if states is not None:
            page = page.where(trials.c.state.in_([state.value for state in states]))
        with self._reading() as connection:
            if order == "value":
                rows = by_value(connection, page, limit, offset, descending)
            elif states is None:
                rows = _by_number(connection, page, limit, offset, descending)
            else:
                number = trials.c.number.desc() if descending else trials.c.number
                rows = connection.execute(page.order_by(number).limit(limit).offset(offset)).all()
        return [trial_row(row) for row in rows]

    def best(self, study_id: int, k: int = 1) -> list[TrialRow]:
        """The `k` best complete trials by the first objective, of those that keep the study's limits; NaN
        never is; ties by number."""
        value = trials.c.value_0
        with self._reading() as connection:
            asked = select(studies.c.minimize, studies.c.spec).where(studies.c.id == study_id)
            study = connection.execute(asked).one_or_none()
            if study is None:
                return []
            rows = (
                select_trials(study_id)
                .where(trials.c.state == TrialState.COMPLETE.value, value.is_not(None))
                .where(*map(_keeps, StudySpec.from_json(from_json(study.spec)).limits))
                .order_by(value if study.minimize else value.desc(), trials.c.number)
                .limit(k)
            )
            return [trial_row(row) for row in connection.execute(rows)]

    def rank(self, study_id: int, trial: TrialRow) -> int | None:
        """The place of a trial among those that `best` would list, from 1; None if it would not."""
        value = trials.c.value_0
        with self._reading() as connection:
            asked = select(studies.c.minimize, studies.c.spec).where(studies.c.id == study_id)
            study = connection.execute(asked).one_or_none()
            if study is None or trial.state is not TrialState.COMPLETE:
                return None
            keeping = (
                select(trials.c.number)
                .where(trials.c.study_id == study_id, trials.c.state == TrialState.COMPLETE.value)
                .where(*map(_keeps, StudySpec.from_json(from_json(study.spec)).limits))
            )
            here = keeping.where(trials.c.number == trial.number, value.is_not(None))
            if connection.execute(here).first() is None:
                return None
            own = trial.values[0]
            count = keeping.with_only_columns(func.count())
            better = connection.execute(count.where(value < own if study.minimize else value > own))
            earlier = connection.execute(count.where(value == own, trials.c.number < trial.number))
            return int(better.scalar_one() + earlier.scalar_one()) + 1

    def history(self, study_id: int, after: int = 0, limit: int | None = None) -> list[TrialRow]:
        """Trials changed after revision `after`, in order of change; all of them for 0.

        To follow a study, keep the rows by number and ask again with the last row's `revision`. With `limit`
        a page: so many rows, and what else changed with the last of them.
        """
        changed = select_trials(study_id).order_by(trials.c.revision, trials.c.number)
        with self._reading() as connection:
            rows = connection.execute(changed.where(trials.c.revision > after).limit(limit)).all()
            if limit is not None and len(rows) == limit:
                last = rows[-1]
                same = (trials.c.revision == last.revision, trials.c.number > last.number)
                rows = [*rows, *connection.execute(changed.where(*same)).all()]
        return [trial_row(row) for row in rows]


def _keeps(limit: Limit) -> Any:
    """Whether a trial keeps a limit; one without the metric does not."""
    within = metrics.c.value <= limit.bound if limit.upper else metrics.c.value >= limit.bound
    same = (metrics.c.study_id == trials.c.study_id) & (metrics.c.number == trials.c.number)
    return exists().where(same, metrics.c.metric == limit.metric, within)


def _by_number(
    connection: Connection, page: Select[Any], limit: int | None, offset: int, descending: bool
) -> Sequence[Row[Any]]:
    """A page of all trials, however far down, in constant time: numbers have no gaps, so both its ends are
    known, and no planner can think of sorting the rest."""
    number = trials.c.number
    if not descending:
        rows = page.where(number > offset).order_by(number)
        return connection.execute(rows if limit is None else rows.where(number <= offset + limit)).all()
    last = (connection.execute(page.with_only_columns(func.max(number))).scalar_one() or 0) - offset
    rows = page.where(number <= last).order_by(number.desc())
    return connection.execute(rows if limit is None else rows.where(number > last - limit)).all()


def by_value(
    connection: Connection, page: Select[Any], limit: int | None, offset: int, descending: bool
) -> Sequence[Row[Any]]:
    """A page by value, then of those without one by number: two walks over one index, portably."""
    value, number = trials.c.value_0, trials.c.number
    valued = page.where(value.is_not(None))
    order = value.desc() if descending else value
    rows = list(connection.execute(valued.order_by(order, number).limit(limit).offset(offset)).all())
    if limit is not None and len(rows) == limit:
        return rows
    passed = offset - connection.execute(valued.with_only_columns(func.count())).scalar_one()
    rest = page.where(value.is_(None)).order_by(number).offset(max(passed, 0))
    more = connection.execute(rest.limit(None if limit is None else limit - len(rows)))
    return [*rows, *more.all()]


def select_trials(study_id: int) -> Select[Any]:
    """What `trial_row` reads, of one study."""
    return select(trials).where(trials.c.study_id == study_id)


_CONVERTED = {"state", "point", "attributes", "metrics", "values", "paths", "seed", "cause"}
_PLAIN = tuple(field.name for field in fields(TrialRow) if field.name not in _CONVERTED)


def trial_row(row: Row[Any]) -> TrialRow:
    """A row of `select_trials`."""
    columns = row._mapping
    return TrialRow(
        state=TrialState(row.state),
        point=from_json(row.point),
        attributes=from_json(row.attributes),
        metrics=from_json(row.metrics),
        values=values_out(row.num_values, (row.value_0, row.value_1, row.value_2, row.value_3)),
        paths=None if row.paths is None else whole(row.paths),
        seed=int(row.seed),
        cause=Cause(row.cause) if row.cause else None,
        **{name: columns[name] for name in _PLAIN},
    )
