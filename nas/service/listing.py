"""Lists of studies and trials as somebody asks for them: `--where "macs<1e9" --sort error:desc`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nas.errors import NasError, UnknownNameError
from nas.records import TrialState
from nas.service.studies import within_limits
from nas.service.values import amount, bounded
from nas.space.typed import typed
from nas.store import Store
from nas.store.reading.listing import STUDY_COLUMNS
from nas.store.rows import COSTS, Filter, Named, Sort, StudyRow, StudySummary, TrialRow
from workers.spaces import space_of

COLUMNS = {
    "number": "number",
    "epoch": "epoch",
    "attempt": "attempt",
    "seconds": "wall_s",
    "created": "created_s",
    "started": "started_s",
    "ended": "ended_s",
    "state": "state",
    "cause": "cause",
    "worker": "worker",
    "arch_id": "arch_id",
    **{name: name for name in COSTS if name != "paths"},
}
"""Names of columns as people know them; `paths` is a number too long for one."""

WORDS = [Named("trial", name) for name in ("state", "cause", "worker", "arch_id")]
"""Columns that hold no numbers."""

BEYOND = 2**63
"""From here on a whole number is compared as a real one: databases have no such integers."""

CONDITION = re.compile(r"\s*([^<>=!\s]+)\s*(<=|>=|!=|==|<|>|=)\s*(.+?)\s*")


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
    order = asked.sort
    if by_value:
        order = Sort(Named("trial", "value_0"), descending=not row.spec.objectives[0].minimize)
    return store.find_trials(
        row.id, states=asked.states, where=asked.where, sort=order, limit=limit, offset=offset
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
        states=[] if not state else [trial_state(part.strip()) for part in state.split(",")],
        where=[_filter(store, row, text, f"{dashes}where") for text in where],
        sort=None if not sort else _sort(store, row, sort, f"{dashes}sort"),
    )


def list_studies(
    store: Store,
    *,
    state: str | None = None,
    sort: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[StudySummary]:
    """Studies, the newest first, or sorted; `state`: as the list shows it."""
    _check_page(limit, offset)
    column, descending = _direction(sort or "created:desc", "--sort")
    if column not in STUDY_COLUMNS:
        raise UnknownNameError("column", column, STUDY_COLUMNS, "--sort: ")
    if state is None:
        rows = store.find_studies(sort=column, descending=descending, limit=limit, offset=offset)
        return [within_limits(store, row) for row in rows]
    if state not in STANDINGS:
        raise UnknownNameError("state", state, STANDINGS, "--state: ")
    rows = [row for row in store.find_studies(sort=column, descending=descending) if standing(row) == state]
    return [within_limits(store, row) for row in rows[offset : None if limit is None else offset + limit]]


STANDINGS = (
    "running",
    "stopped",
    "finished",
    "drained",
    "paused",
    "cancelled",
    "exhausted",
    "failing",
)
"""Where a study stands: driven now, or how its drivers ended; `stopped`: they never said."""


def standing(row: StudySummary) -> str:
    """One of `STANDINGS`."""
    if row.drivers:
        return "running"
    return row.ending.value if row.ending else "stopped"


def trial_state(name: str) -> TrialState:
    """A state by its name."""
    if name not in list(TrialState):
        raise UnknownNameError("state", name, list(TrialState))
    return TrialState(name)


def _check_page(limit: int | None, offset: int) -> None:
    if limit is not None:
        bounded(limit, "--limit")
    bounded(offset, "--offset", low=0)


def _filter(store: Store, row: StudyRow, text: str, option: str) -> Filter:
    if not (match := CONDITION.fullmatch(text)):
        raise NasError(
            f'{option} {text!r} is no condition: type e.g. {option} "macs<1e9" or {option} "error<=0.1"'
        )
    name, operator, value = match.groups()
    named, sign = _named(store, row, name, option), operator.replace("==", "=")
    number = None if named in WORDS else amount(value)
    if number is not None:
        return Filter(named, sign, number if abs(number) < BEYOND else float(number))
    if named not in WORDS and named.kind != "parameter":
        raise NasError(f'{option} {text!r}: {value!r} is no number; type e.g. {option} "{name}<1e9"')
    if sign not in ("=", "!="):
        raise NasError(
            f"{option} {text!r}: {value!r} is no number, so only = and != are allowed; "
            f'type e.g. {option} "{name}={value}"'
        )
    return Filter(named, sign, value if named in WORDS else typed(value))


def _sort(store: Store, row: StudyRow, text: str, option: str) -> Sort:
    name, descending = _direction(text, option)
    return Sort(_named(store, row, name, option), descending)


def _direction(text: str, option: str) -> tuple[str, bool]:
    name, _, way = text.partition(":")
    if way not in ("", "asc", "desc"):
        raise NasError(f"{option} {text!r}: write NAME, NAME:asc or NAME:desc")
    return name, way == "desc"


def _named(store: Store, row: StudyRow, name: str, option: str) -> Named:
    """What a name means in this study: a column, an objective, a parameter, or a metric that was told."""
    if name in COLUMNS:
        return Named("trial", COLUMNS[name])
    aims = [objective.metric for objective in row.spec.objectives]
    if name in ("value", *aims):
        return Named("trial", f"value_{aims.index(name) if name in aims else 0}")
    parameters = space_of(row.spec.space).parameters
    if name.partition("[")[0] in parameters:
        return Named("parameter", name)
    told = store.metric_names(row.id)
    if name in told:
        return Named("metric", name)
    known = sorted({*COLUMNS, "value", *aims, *parameters, *told})
    raise UnknownNameError("name", name, known, f"{option}: ")
