"""Lists as people ask for them: filtered by state, value, cost, metric and parameter, sorted, page by page.

First the numbers of a page are found, then its trials are read: what is sorted is small. Number, state and
the first objective's value stand in indexes; a metric or parameter is found by its name's part of a key.
"""

import math
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    case,
    except_,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

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

BEYOND = 2**63
"""From here on a whole number is compared as a real one: databases have no such integers."""

CHUNK = 500
"""Trials that one query reads."""


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
        with self._reading() as connection:
            numbers = _numbers(connection, study_id, states, where, sort, limit, offset)
            return list(_picked(connection, study_id, numbers))

    def find_numbers(
        self,
        study_id: int,
        *,
        states: Sequence[TrialState] = (),
        where: Sequence[Filter] = (),
        sort: Sort | None = None,
    ) -> list[int]:
        """The numbers of all trials that `find_trials` finds, in its order."""
        with self._reading() as connection:
            return _numbers(connection, study_id, states, where, sort, None, 0)

    def pick_trials(self, study_id: int, numbers: Sequence[int]) -> list[TrialRow]:
        """The trials of these numbers, in this order; those that are not there are left out."""
        with self._reading() as connection:
            return list(_picked(connection, study_id, numbers))

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
        with self._reading() as connection:
            return _walk(connection, study_id, metrics, metrics.c.metric)

    def parameter_labels(self, study_id: int) -> list[str]:
        """The active scalars, `name` or `name[i]`, that the study's trials have; by such a walk too."""
        with self._reading() as connection:
            return _walk(connection, study_id, params, params.c.label)


def _walk(connection: Connection, study_id: int, table: Table, name: ColumnElement[str]) -> list[str]:
    names: list[str] = []
    while True:
        after = name > names[-1] if names else name >= ""
        asked = select(name).where(table.c.study_id == study_id, after).order_by(name).limit(1)
        if (found := connection.execute(asked).scalar_one_or_none()) is None:
            return names
        names.append(found)


def _picked(connection: Connection, study_id: int, numbers: Sequence[int]) -> Iterator[TrialRow]:
    """Trials in the order of their numbers' list."""
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        found = connection.execute(select_trials(study_id).where(trials.c.number.in_(some)))
        rows = {row.number: row for row in found}
        yield from (trial_row(rows[number]) for number in some if number in rows)


def _asked(study_id: int, states: Sequence[TrialState], where: Sequence[Filter]) -> Select[Any]:
    """The numbers that meet all filters."""
    page = select(trials.c.number).where(trials.c.study_id == study_id)
    if states:
        state = by_all(trials.c.state) if where else trials.c.state
        page = page.where(state.in_([state.value for state in states]))
    for each in where:
        page = page.where(_meets(study_id, each))
    return page


def _numbers(
    connection: Connection,
    study_id: int,
    states: Sequence[TrialState],
    where: Sequence[Filter],
    sort: Sort | None,
    limit: int | None,
    offset: int,
) -> list[int]:
    """The numbers of a page, in order."""
    page = _asked(study_id, states, where)
    if sort is not None and sort.name.kind != "trial":
        if not states and not where:
            return _by_narrow(connection, study_id, sort, limit, offset)
        joined = _joined(page, study_id, sort)
        return list(connection.execute(joined.limit(limit).offset(offset)).scalars().all())
    if sort is not None and sort.name.name == "value_0" and not where:
        return [row.number for row in by_value(connection, page, limit, offset, sort.descending)]
    number = trials.c.number
    if sort is None or sort.name.name == "number":
        page = page.order_by(number.desc() if sort is not None and sort.descending else number)
    else:
        columns: list[ColumnElement[Any]] = [by_all(trials.c[sort.name.name])]
        if sort.name == PATHS:
            columns = [func.length(trials.c.paths), trials.c.paths]
        ordered = [(column.desc() if sort.descending else column.asc()).nulls_last() for column in columns]
        page = page.order_by(*ordered, number)
    return list(connection.execute(page.limit(limit).offset(offset)).scalars().all())


class by_all(FunctionElement[Any]):  # noqa: N801 (named as what it is in a statement)
    """A column, by the index that has all. SQLite would rather take the column's own, and read each trial
    whole for what else is asked: a plus sign before its name forbids it that."""

    inherit_cache = True


@compiles(by_all)
def _named(element: by_all, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(by_all, "sqlite")
def _signed(element: by_all, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def _by_narrow(
    connection: Connection, study_id: int, sort: Sort, limit: int | None, offset: int
) -> list[int]:
    """All trials by a metric or parameter, then those that lack it by number: two walks, without a look at
    every trial where a page is full."""
    table, names = NARROW[sort.name.kind]
    having = select(table.c.number).where(table.c.study_id == study_id, names == sort.name.name)
    if sort.name.kind == "metric":
        having = having.where(table.c.value.is_not(None))
    ordered = having.order_by(*_narrow_order(table, sort), table.c.number)
    found = list(connection.execute(ordered.limit(limit).offset(offset)).scalars().all())
    if limit is not None and len(found) == limit:
        return found
    passed = offset - connection.execute(having.with_only_columns(func.count())).scalar_one()
    rest = except_(_asked(study_id, (), ()), having).subquery()
    others = select(rest.c.number).order_by(rest.c.number).offset(max(passed, 0))
    more = connection.execute(others.limit(None if limit is None else limit - len(found)))
    return [*found, *more.scalars().all()]


def _joined(page: Select[Any], study_id: int, sort: Sort) -> Select[Any]:
    """Some trials by a metric or parameter: each is looked up, but what they are is found out only once."""
    table = NARROW[sort.name.kind][0].alias()
    names = table.c.metric if sort.name.kind == "metric" else table.c.label
    same = (table.c.study_id == study_id) & (table.c.number == trials.c.number)
    page = page.outerjoin_from(trials, table, same & (names == sort.name.name))
    return page.order_by(*_narrow_order(table, sort), trials.c.number)


def _narrow_order(table: FromClause, sort: Sort) -> list[ColumnElement[Any]]:
    order: list[ColumnElement[Any]] = [table.c.value]
    if sort.name.kind == "parameter":  # words come behind numbers
        order.append(case((table.c.value.is_(None), table.c.json)))
    return [(column.desc() if sort.descending else column).nulls_last() for column in order]


def _meets(study_id: int, asked: Filter) -> ColumnElement[bool]:
    compare = OPERATORS[asked.operator]
    kind, name = asked.name.kind, asked.name.name
    if asked.name == PATHS:
        return _paths(asked.operator, asked.value)
    if kind == "vector":
        return _vector(study_id, name, asked.operator, asked.value)
    number = isinstance(asked.value, int | float) and not isinstance(asked.value, bool)
    given = float(asked.value) if number and abs(asked.value) >= BEYOND else asked.value
    if kind == "trial":
        return getattr(trials.c[name], compare)(given)  # type: ignore[no-any-return]
    table, names = NARROW[kind]
    column, value = (table.c.value, given) if number else (params.c.json, to_json(asked.value))
    meeting = select(table.c.number).where(table.c.study_id == study_id, names == name)
    return trials.c.number.in_(meeting.where(getattr(column, compare)(value)))


def _vector(study_id: int, name: str, operator: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a vector has these values and no more; trials without the vector meet neither = nor !=."""
    each = [
        _meets(study_id, Filter(Named("parameter", f"{name}[{i}]"), "=", value))
        for i, value in enumerate(values)
    ]
    having = select(params.c.number).where(params.c.study_id == study_id)
    there, more = (
        trials.c.number.in_(having.where(params.c.label == f"{name}[{i}]")) for i in (0, len(values))
    )
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
