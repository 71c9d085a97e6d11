"""The page of a study's trials: sorted and filtered in the store, page by page, or all of them as CSV."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nas.records import TrialState
from nas.service.conditions import COLUMNS
from nas.service.listing import TrialsAsked, trials_asked
from nas.service.plain import plain
from nas.service.values import bounded
from nas.service.views.matching import matching
from nas.store import Store
from nas.store.rows import COSTS, StudyRow, TrialRow

MOST = 1_000
"""Trials of a page at most."""
SHOWN = 12
"""Parameters that a table has columns for; all of them can be filtered and sorted by."""
DEEP = 1_000
"""From this place on a sorted page takes as long as all that are before it."""
CHUNK = 500
"""Trials that are read at a time for CSV."""
UNITS = {"seconds": "s", "created": "time", "started": "time", "ended": "time", "train_bytes": "B"}


@dataclass(frozen=True)
class Column:
    """A column of the table; its name is what one sorts and filters by."""

    name: str
    kind: str
    """trial, objective, cost, metric or parameter."""
    unit: str
    """s, B, `time` for seconds since 1970, or empty."""


@dataclass(frozen=True)
class TrialsPage:
    """A page of trials."""

    study: str
    rows: list[TrialRow]
    cells: list[list[Any]]
    """One list a row, one value a column; None where there is none."""
    total: int
    """Trials that meet the filters, on all pages."""
    limit: int
    offset: int
    columns: list[Column]
    names: list[str]
    """All that one may sort and filter by."""
    states: dict[str, int]
    """Trials of the study in each state."""


def trials_page(
    store: Store,
    name: str,
    *,
    state: str | None = None,
    where: Sequence[str] = (),
    sort: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> TrialsPage:
    """Trials of a study: `state` one or several with commas, `where` conditions such as `macs<600M`, `sort`
    a name or `NAME:desc`. Raises `NasError` for what does not parse."""
    bounded(limit, "limit", high=MOST)
    bounded(offset, "offset", low=0)
    row = store.study(name)
    asked = trials_asked(store, row, state=state, where=where, sort=sort, dashes="")
    rows, total = _rows(store, row, asked, limit, offset)
    told, labels = store.metric_names(row.id), store.parameter_labels(row.id)
    columns = _columns(row, told, labels[:SHOWN])
    return TrialsPage(
        study=name,
        rows=rows,
        cells=[[_cell(column, trial, row) for column in columns] for trial in rows],
        total=total,
        limit=limit,
        offset=offset,
        columns=columns,
        names=sorted({*COLUMNS, *_aims(row), *told, *labels}),
        states={state.value: count for state, count in row.counts.items()},
    )


def _rows(
    store: Store, row: StudyRow, asked: TrialsAsked, limit: int, offset: int
) -> tuple[list[TrialRow], int]:
    """A page, and how many there are on all. Where the whole list is gone through, the next page has it."""
    if asked.where or (asked.sort is not None and offset >= DEEP):
        numbers = matching(store, row, asked)
        return store.pick_trials(row.id, numbers[offset : offset + limit]), len(numbers)
    found = store.find_trials(row.id, states=asked.states, sort=asked.sort, limit=limit, offset=offset)
    return found, sum(row.counts[state] for state in asked.states or TrialState)


def trials_csv(
    store: Store, name: str, *, state: str | None = None, where: Sequence[str] = (), sort: str | None = None
) -> Iterator[str]:
    """All trials that meet the filters, as lines of CSV, read bit by bit.

    What does not parse is refused at once, before the first line is asked for.
    """
    row = store.study(name)
    asked = trials_asked(store, row, state=state, where=where, sort=sort, dashes="")
    told, labels = store.metric_names(row.id), store.parameter_labels(row.id)
    columns = [*_columns(row, told, labels, whole=True), Column("message", "trial", "")]
    numbers = store.find_numbers(row.id, states=asked.states, where=asked.where, sort=asked.sort)
    return _lines(store, row, columns, numbers)


def _lines(store: Store, row: StudyRow, columns: Sequence[Column], numbers: Sequence[int]) -> Iterator[str]:
    yield _csv([[_written(column.name) for column in columns]])
    for start in range(0, len(numbers), CHUNK):
        found = store.pick_trials(row.id, numbers[start : start + CHUNK])
        yield _csv([[_written(_cell(column, trial, row)) for column in columns] for trial in found])


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _written(value: Any) -> Any:
    """Text that begins like a formula is no formula in a spreadsheet."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return json.dumps(value) if isinstance(value, list | dict | bool) else value


def _aims(row: StudyRow) -> list[str]:
    return [objective.metric for objective in row.spec.objectives]


def _columns(
    row: StudyRow, told: Sequence[str], labels: Sequence[str], *, whole: bool = False
) -> list[Column]:
    """Those of the page, or for CSV all that there are."""
    aims = _aims(row)
    costs = [name for name in COSTS if name not in aims and (whole or name in ("params", "macs"))]
    others = [name for name in told if name not in (*aims, *COSTS)] if whole else []
    ends = ["epoch", "seconds", "ended"]
    if whole:
        ends = [name for name in COLUMNS if name not in (*COSTS, "number", "trial", "state")]
    kinds = {"trial": ["number", "state"], "objective": aims, "cost": costs, "metric": others}
    found = [(name, kind) for kind, names in kinds.items() for name in names]
    found += [(label, "parameter") for label in labels] + [(name, "trial") for name in ends]
    return [Column(name, kind, UNITS.get(name, "")) for name, kind in found]


def _cell(column: Column, trial: TrialRow, row: StudyRow) -> Any:
    name = column.name
    if column.kind == "objective":
        place = _aims(row).index(name)
        return plain(trial.values[place]) if place < len(trial.values) else None
    if column.kind == "metric":
        return plain(trial.metrics.get(name))
    if column.kind == "parameter":
        return plain(_scalar(trial, name))
    return plain(getattr(trial, COLUMNS.get(name, name)))


def _scalar(trial: TrialRow, label: str) -> Any:
    """The value of `name` or `name[i]` of a point; None where it is not active."""
    name, bracket, rest = label.partition("[")
    value = trial.point.get(name)
    if not bracket:
        return value
    place = int(rest.removesuffix("]"))
    return value[place] if isinstance(value, list | tuple) and place < len(value) else None
