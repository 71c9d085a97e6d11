"""Lists of studies and trials as somebody asks for them: `--where "macs<1e9" --sort error:desc`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nas.errors import NasError, UnknownNameError
from nas.records import TrialState
from nas.service.conditions import condition, direction, order
from nas.service.studies import stands, within_limits
from nas.service.values import bounded
from nas.store import Store
from nas.store.reading.listing import STUDY_COLUMNS
from nas.store.rows import Filter, Named, Sort, StudyRow, StudySummary, TrialRow


def list_trials(
    store: Store,
    name: str,
    *,
    state: str | None = None,
    where: Sequence[str] = (),
    sort: str | None = None,
    by_value: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[TrialRow]:
    """Trials of a study by number, sorted by `NAME` or `NAME:desc`, or best first."""
    row = store.study(name)
    _check_page(limit, offset)
    if by_value and sort is not None:
        raise NasError(f"--by-value and --sort {sort}: say one of them")
    asked = trials_asked(store, row, state=state, where=where, sort=sort)
    by = asked.sort
    if by_value:
        by = Sort(Named("trial", "value_0"), descending=not row.spec.objectives[0].minimize)
    return store.find_trials(
        row.id, states=asked.states, where=asked.where, sort=by, limit=limit, offset=offset
    )


@dataclass(frozen=True)
class TrialsAsked:
    """Which trials, and in which order, as the store takes it."""

    states: list[TrialState]
    where: list[Filter]
    sort: Sort | None


def trials_asked(
    store: Store,
    row: StudyRow,
    *,
    state: str | None,
    where: Sequence[str],
    sort: str | None,
    dashes: str = "--",
) -> TrialsAsked:
    """What `state`, conditions and an order as somebody types them mean; `dashes` stand before the names of
    options in messages. Raises `NasError` for what does not parse, or names nothing of the study."""
    return TrialsAsked(
        states=[]
        if not state
        else [trial_state(part.strip(), f"{dashes}state: ") for part in state.split(",")],
        where=[condition(store, row, text, f"{dashes}where") for text in where],
        sort=None if not sort else order(store, row, sort, f"{dashes}sort"),
    )


def list_studies(
    store: Store,
    *,
    state: str | None = None,
    sort: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[StudySummary]:
    """Studies, the newest first, or sorted; `state`: as the list shows it, or several with commas."""
    _check_page(limit, offset)
    column, descending = direction(sort or "created:desc", "--sort")
    if column not in (known := {**STUDY_COLUMNS, **BY_HAND}):
        raise UnknownNameError("column", column, known, "--sort: ")
    states = [] if state is None else [part.strip() for part in state.split(",")]
    for each in states:
        if each not in STANDINGS:
            raise UnknownNameError("state", each, STANDINGS, "--state: ")
    if not states and column not in BY_HAND:
        rows = store.find_studies(sort=column, descending=descending, limit=limit, offset=offset)
        return [within_limits(store, row) for row in rows]
    inside = "created" if column in BY_HAND else column
    rows = store.find_studies(sort=inside, descending=descending or column in BY_HAND)
    rows = [row for row in rows if not states or standing(row) in states]
    if column in BY_HAND:
        rows = _sorted([within_limits(store, row) for row in rows], BY_HAND[column], descending)
    page = rows[offset : None if limit is None else offset + limit]
    return page if column in BY_HAND else [within_limits(store, row) for row in page]


def _sorted(
    rows: Sequence[StudySummary], by: Callable[[StudySummary], Any], descending: bool
) -> list[StudySummary]:
    """Sorted by what no column of the database holds; those that lack it come last."""
    some = sorted((row for row in rows if by(row) is not None), key=by, reverse=descending)
    return [*some, *(row for row in rows if by(row) is None)]


STANDINGS = (
    "starting",
    "running",
    "stopped",
    "finished",
    "drained",
    "paused",
    "cancelled",
    "exhausted",
    "failing",
)
"""Where a study stands: driven now, or how its drivers ended; `stopped`: they never said; `starting`: it was
begun, or resumed, less than a minute ago, and its driver is not there yet."""


def standing(row: StudySummary) -> str:
    """One of `STANDINGS`."""
    return stands(bool(row.drivers), row.ending, row.starting)


BY_HAND: dict[str, Callable[[StudySummary], Any]] = {"best": lambda row: row.best, "state": standing}
"""What studies are sorted by that no column of the database holds."""


def trial_state(name: str, where: str) -> TrialState:
    """A state by its name; an error begins with `where`."""
    if name not in list(TrialState):
        raise UnknownNameError("state", name, list(TrialState), where)
    return TrialState(name)


def _check_page(limit: int | None, offset: int) -> None:
    if limit is not None:
        bounded(limit, "--limit")
    bounded(offset, "--offset", low=0)
