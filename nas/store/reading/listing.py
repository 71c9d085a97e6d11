"""Lists as people ask for them: filtered by state, value, cost, metric and parameter, sorted, page by page.

Number, state and the first objective's value stand in indexes; a metric or parameter is found by its name's
part of a key. What else is sorted or filtered by is read once, in the database.
"""

import math
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, func, not_, or_, select

from nas.records import TrialState
from nas.store.codec import to_json
from nas.store.reading.studies import summaries, summary
from nas.store.reading.trials import by_value, select_trials, trial_row
from nas.store.rows import Filter, Named, Sort, StudySummary, TrialRow
from nas.store.tables import COUNTERS, metrics, params, studies, trials
from nas.store.unit import Units

NARROW = {"metric": (metrics, metrics.c.metric), "parameter": (params, params.c.label)}
"""Kind of name -> its table and the column of names."""

PATHS = Named("trial", "paths")
"""A number too long for a column of numbers."""

OPERATORS = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__", "=": "__eq__", "!=": "__ne__"}

_ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)

STUDY_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": studies.c.name,
    "study": studies.c.name,
    "space": studies.c.space,
    "data": studies.c.data,
    "sampler": studies.c.sampler,
    "metric": studies.c.metric,
    "budget": studies.c.budget,
    "finished": reduce(add, (studies.c[COUNTERS[state]] for state in _ENDED)),
    "created": studies.c.created_s,
    "changed": studies.c.changed_s,
    **{state.value: studies.c[name] for state, name in COUNTERS.items()},
}
"""What studies are sorted by."""


class ListReads(Units):
    """The part of a `Store` that lists."""

    def find_trials(
        self,
        study_id: int,
        *,
        states: Sequence[TrialState] = (),
        where: Sequence[Filter] = (),
        sort: Sort | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[TrialRow]:
        """A page of the study's trials that meet all filters; those that lack what they are sorted by come
        last, ties by number."""
        page = select_trials(study_id)
        if states:
            page = page.where(trials.c.state.in_([state.value for state in states]))
        for each in where:
            page = page.where(_meets(each))
        with self._reading() as connection:
            if sort is not None and sort.name == Named("trial", "value_0"):
                rows = by_value(connection, page, limit, offset, sort.descending)
            else:
                rows = connection.execute(_sorted(page, sort).limit(limit).offset(offset)).all()
        return [trial_row(row) for row in rows]

    def find_studies(
        self,
        *,
        sort: str = "created",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[StudySummary]:
        """A page of the studies, sorted by one of `STUDY_COLUMNS`."""
        column = STUDY_COLUMNS[sort]
        order = (column.desc(), studies.c.id.desc()) if descending else (column, studies.c.id)
        asked = summaries().order_by(None).order_by(*order).limit(limit).offset(offset)
        with self._reading() as connection:
            return [summary(row) for row in connection.execute(asked)]

    def metric_names(self, study_id: int) -> list[str]:
        """The metrics that the study's trials have told, by a walk from name to name."""
        names: list[str] = []
        with self._reading() as connection:
            while True:
                after = metrics.c.metric > names[-1] if names else metrics.c.metric >= ""
                asked = select(metrics.c.metric).where(metrics.c.study_id == study_id, after)
                found = connection.execute(asked.order_by(metrics.c.metric).limit(1)).scalar_one_or_none()
                if found is None:
                    return names
                names.append(found)


def _meets(asked: Filter) -> ColumnElement[bool]:
    compare = OPERATORS[asked.operator]
    kind, name = asked.name.kind, asked.name.name
    if asked.name == PATHS:
        return _paths(asked.operator, asked.value)
    if kind == "trial":
        return getattr(trials.c[name], compare)(asked.value)  # type: ignore[no-any-return]
    if kind == "vector":
        return _vector(name, asked.operator, asked.value)
    table, names = NARROW[kind]
    number = isinstance(asked.value, int | float) and not isinstance(asked.value, bool)
    column, value = (table.c.value, asked.value) if number else (params.c.json, to_json(asked.value))
    return exists().where(_same(table), names == name, getattr(column, compare)(value))


def _same(table: Table) -> ColumnElement[bool]:
    """The rows of a narrow table that belong to the trial."""
    return (table.c.study_id == trials.c.study_id) & (table.c.number == trials.c.number)


def _vector(name: str, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a vector has these values and no more; trials without the vector meet neither = nor !=."""
    each = [_meets(Filter(Named("parameter", f"{name}[{i}]"), "=", value)) for i, value in enumerate(values)]
    there, more = (exists().where(_same(params), params.c.label == f"{name}[{i}]") for i in (0, len(values)))
    equal = and_(*each, not_(more))
    return equal if operator == "=" else and_(there, not_(equal))


def _paths(operator: str, number: float) -> ColumnElement[bool]:
    """A comparison with a number kept as its digits: by how many they are, then by themselves."""
    if operator in ("=", "!=") and number != math.floor(number):
        return trials.c.paths.is_not(None) if operator == "!=" else false()
    digits = str(max(0, math.ceil(number) if operator in ("<", ">=") else math.floor(number)))
    if operator in ("=", "!="):
        return getattr(trials.c.paths, OPERATORS[operator])(digits)  # type: ignore[no-any-return]
    length, compare = func.length(trials.c.paths), OPERATORS[operator]
    strict = OPERATORS[operator[0]]
    same = and_(length == len(digits), getattr(trials.c.paths, compare)(digits))
    return or_(getattr(length, strict)(len(digits)), same)


def _sorted(page: Select[Any], sort: Sort | None) -> Select[Any]:
    if sort is None:
        return page.order_by(trials.c.number)
    if sort.name == Named("trial", "number"):
        return page.order_by(trials.c.number.desc() if sort.descending else trials.c.number)
    columns: list[Any]
    if sort.name == PATHS:
        columns = [func.length(trials.c.paths), trials.c.paths]
    elif sort.name.kind == "trial":
        columns = [trials.c[sort.name.name]]
    else:
        table, names = NARROW[sort.name.kind]
        page = page.outerjoin_from(trials, table, _same(table) & (names == sort.name.name))
        columns = [table.c.value] if table is metrics else [table.c.value, params.c.json]
    ordered = [(column.desc() if sort.descending else column.asc()).nulls_last() for column in columns]
    return page.order_by(*ordered, trials.c.number)
