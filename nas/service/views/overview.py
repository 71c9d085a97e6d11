"""The list of studies: a line each, from counters and indexes; no line walks over a study's trials."""

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

from nas.errors import NasError, StudyNotFoundError, UnknownNameError
from nas.records import TrialState, Wanted
from nas.search.draws import SLOTS
from nas.service.listing import STANDINGS, standing
from nas.service.values import bounded
from nas.service.views.standing import contenders, ranked
from nas.service.views.usages import latest_usage
from nas.store import Store
from nas.store.reading.listing import STUDY_COLUMNS
from nas.store.rows import DriverRow, StudyRow, StudySummary
from nas.store.writing.drivers import DUTIES

MOST = 500
"""Lines in one page."""
KEPT = 1_000
"""Studies of which the best trial is kept until they change."""
CHANGING = ("budget", "wanted", "ending", "changed_s", "revision", "counts")
"""What of a study's row may change."""
ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAILED)
ANSWER = "answer"
"""The duty of `nas.service.answer`."""
COMPARING = "training the best and the baseline anew, for the comparison"
RECENT = 200
"""The latest trials that changed tell how fast a study goes."""


@dataclass(frozen=True, kw_only=True)
class StudyLine:
    """One study in a list; times are seconds since 1970 by the database's clock."""

    name: str
    space: str
    data: str
    evaluator: str
    sampler: str
    objective: str
    """The metric of the first objective."""
    minimize: bool
    objectives: int
    standing: str
    """One of `nas.service.listing.STANDINGS`."""
    wanted: str
    """What its drivers are asked for: run, pause, drain or cancel."""
    doing: str
    """What its drivers are at besides trials, in words; empty: nothing."""
    budget: int
    used: int
    """How much of the budget is taken."""
    counts: dict[str, int]
    """Trials by state."""
    best: float | None
    """Of the first objective over complete trials, or networks with repeats, that keep all limits."""
    best_trial: int | None
    failures: int
    """Trials that failed."""
    drivers: int
    """How many are alive."""
    slots: int
    """Those of the live drivers."""
    utilisation: float | None
    """The share of their time in which slots worked, while the study is driven and as far as it is known."""
    eta_s: float | None
    """Seconds until the budget is spent, at the latest trials' rate; None where nothing runs towards it."""
    created_s: float
    changed_s: float
    revision: int


@dataclass(frozen=True)
class StudiesPage:
    """A page of the list; `total` studies are asked for in all."""

    rows: list[StudyLine]
    total: int
    limit: int
    offset: int


def studies_page(
    store: Store,
    *,
    state: str | None = None,
    sort: str | None = None,
    query: str = "",
    limit: int = 50,
    offset: int = 0,
) -> StudiesPage:
    """Studies, the newest first, or sorted by `COLUMN` or `COLUMN:desc`.

    `state` is where they stand, `query` what their name, space, data set, evaluator or sampler contain.

    Raises:
        UnknownNameError: no such state or column.
        NasError: `limit` or `offset` is none.
    """
    bounded(limit, "limit", high=MOST)
    bounded(offset, "offset", low=0)
    if state and state not in STANDINGS:
        raise UnknownNameError("state", state, STANDINGS)
    column, descending = _order(sort)
    if not state and not query.strip():
        rows = store.find_studies(sort=column, descending=descending, limit=limit, offset=offset)
        return StudiesPage(lines(store, rows), len(store.study_names()), limit, offset)
    everything = store.find_studies(sort=column, descending=descending)
    rows = [row for row in everything if (not state or standing(row) == state) and _has(row, query)]
    return StudiesPage(lines(store, rows[offset : offset + limit]), len(rows), limit, offset)


def _order(sort: str | None) -> tuple[str, bool]:
    column, _, way = (sort or "created:desc").partition(":")
    if way not in ("", "asc", "desc"):
        raise NasError(f"sort {sort!r}: write COLUMN, COLUMN:asc or COLUMN:desc")
    if column not in STUDY_COLUMNS:
        raise UnknownNameError("column", column, STUDY_COLUMNS, "sort: ")
    return column, way == "desc"


def _has(row: StudySummary, query: str) -> bool:
    """Whether every word of a query is somewhere in what a study is."""
    text = " ".join((row.name, row.space, row.data, row.evaluator, row.sampler)).lower()
    return all(word in text for word in query.lower().split())


def lines(store: Store, rows: Sequence[StudySummary]) -> list[StudyLine]:
    """The lines of these studies; of one deleted meanwhile none."""
    now_s = store.now_s() if any(row.drivers for row in rows) else 0.0
    slots = store.attributes_of([row.id for row in rows if row.drivers])
    found = []
    for row in rows:
        with suppress(StudyNotFoundError):
            found.append(_line(store, row, slots.get(row.id, {}), now_s))
    return found


def _line(store: Store, summary: StudySummary, attributes: Mapping[str, Any], now_s: float) -> StudyLine:
    known = _known(store, summary)
    row, live = known.row, [d for d in store.drivers(summary.id) if d.live] if summary.drivers else []
    busy = latest_usage(store, row, live=True) if live else None
    return StudyLine(
        name=summary.name,
        space=summary.space,
        data=summary.data,
        evaluator=summary.evaluator,
        sampler=summary.sampler,
        objective=summary.metric,
        minimize=summary.minimize,
        objectives=len(row.spec.objectives),
        standing=standing(summary),
        wanted=summary.wanted.value,
        doing=COMPARING if _compares(summary, live, attributes) else "",
        budget=summary.budget,
        used=row.used,
        counts={state.value: number for state, number in summary.counts.items()},
        best=known.best,
        best_trial=known.best_trial,
        failures=summary.counts[TrialState.FAILED],
        drivers=summary.drivers,
        slots=sum(attributes.get(f"{SLOTS}{driver.id}", {}).get("total", 0) for driver in live),
        utilisation=busy.utilisation if busy else None,
        eta_s=_eta_s(store, row, live, now_s),
        created_s=summary.created_s,
        changed_s=summary.changed_s,
        revision=summary.revision,
    )


def _compares(summary: StudySummary, live: Sequence[DriverRow], attributes: Mapping[str, Any]) -> bool:
    """Whether the driver that has the duty of the answer is at it: all trials have ended."""
    at_work = summary.counts[TrialState.RUNNING] + summary.counts[TrialState.QUEUED]
    mine = attributes.get(DUTIES, {}).get(ANSWER)
    return not at_work and any(driver.id == mine for driver in live)


def _eta_s(store: Store, row: StudyRow, live: Sequence[DriverRow], now_s: float) -> float | None:
    """What is left of the budget, at the rate of the latest trials since the drivers that live began."""
    left = row.budget - sum(row.counts[state] for state in ENDED)
    if not live or row.wanted is not Wanted.RUN or left <= 0:
        return 0.0 if live and left <= 0 else None
    began_s = min(driver.started_s for driver in live)
    ends = [end_s for end_s in store.latest_ends(row.id, RECENT) if end_s >= began_s]
    if not ends:
        return None
    since_s = began_s if len(ends) < RECENT // 2 else ends[0]
    return left * max(now_s - since_s, 0.0) / len(ends)


# What is kept


@dataclass(frozen=True)
class _Known:
    row: StudyRow
    best: float | None
    best_trial: int | None


_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[int, _Known]] = WeakKeyDictionary()


def _known(store: Store, summary: StudySummary) -> _Known:
    """A study with its best trial, looked up when it has changed."""
    with _lock:
        found = _stores.setdefault(store, OrderedDict()).get(summary.id)
    if found is None or found.row.revision != summary.revision:
        row = found.row if found else store.study_by_id(summary.id)
        row = replace(row, **{name: getattr(summary, name) for name in CHANGING})
        found = _Known(row, *_best(store, row))
    with _lock:
        studies = _stores[store]
        studies[summary.id] = found
        studies.move_to_end(summary.id)
        while len(studies) > KEPT:
            studies.popitem(last=False)
    return found


def _best(store: Store, row: StudyRow) -> tuple[float | None, int | None]:
    """The best value and its trial: by an index, or where limits or repeats decide, by columns."""
    value, number = math.nan, None
    if not row.counts[TrialState.COMPLETE]:
        return None, None
    if row.spec.limits or row.spec.repeat > 1:
        rivals = contenders(store, row)
        for entry in ranked(rivals, 1).tolist():
            if rivals.feasible[entry]:
                value = float(rivals.values[row.spec.objectives[0].metric][entry])
                number = int(rivals.first[entry]) + 1
    else:
        for trial in store.best(row.id):
            value, number = trial.values[0], trial.number
    return value if math.isfinite(value) else None, number
