"""When each worker worked on what."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from nas.errors import NasError
from nas.records import TrialState
from nas.service.values import bounded
from nas.service.views.columns import STATES, TIMES, Columns, columns
from nas.store import Store

UNKNOWN = "not told"
"""Workers are told with results: attempts that run, or were lost, are laid beside each other in rows of this
name, numbered."""
RETRIED = 5_000
"""Trials with several attempts of which those before the last are looked up."""


@dataclass(frozen=True)
class Bar:
    """An attempt at a trial; times are seconds since 1970 by the database's clock."""

    worker: str
    number: int
    attempt: int
    start_s: float
    end_s: float | None
    """None: it runs."""
    state: str
    cause: str | None


@dataclass(frozen=True)
class Timeline:
    """Attempts by worker in a window of time."""

    start_s: float
    end_s: float
    workers: list[str]
    bars: list[Bar]
    """The latest `shown` that were begun, by their beginning."""
    shown: int
    total: int
    """Attempts in the window."""


def timeline(
    store: Store, name: str, *, since_s: float | None = None, until_s: float | None = None, limit: int = 2000
) -> Timeline:
    """The attempts that ran at some time from `since_s` to `until_s`, by default from the study's beginning
    until now: of more than `limit` those that began last."""
    bounded(limit, "limit", high=20_000)
    row = store.study(name)
    low, high = since_s if since_s is not None else row.created_s, until_s or store.now_s()
    if not -math.inf < low <= high < math.inf:
        raise NasError(f"since {low:g} until {high:g}: the window ends before it begins; swap them")
    found = columns(store, row, groups=[TIMES])
    latest, since = _latest(found, low, high, limit)
    bars = [*latest, *_earlier(store, found, low, since)]
    bars = sorted((bar for bar in bars if _inside(bar, low, high)), key=_begun)[-limit:]
    bars = _placed(bars)
    workers = sorted({bar.worker for bar in bars}, key=_natural)
    if since_s is None and until_s is None:
        total = int(np.nansum(found.table["attempt"]))
    else:
        total = store.attempts_within(row.id, low, high)
    return Timeline(low, high, workers, bars, len(bars), total)


def _latest(found: Columns, low: float, high: float, limit: int) -> tuple[list[Bar], float]:
    """Of each trial its last attempt, those that began last; and since when there are all of these."""
    started, ended = found.table["started_s"], found.table["ended_s"]
    there = ~found.state_is(TrialState.QUEUED, TrialState.CANCELLED) & (started <= high)
    there &= np.isnan(ended) | (ended >= low)
    places = np.flatnonzero(there)
    places = places[np.argsort(started[places], kind="stable")][-limit:]
    since = float(started[places[0]]) if len(places) == limit else -math.inf
    return [_bar(found, place) for place in places.tolist()], since


def _bar(found: Columns, place: int) -> Bar:
    table = found.table
    end_s = float(table["ended_s"][place])
    return Bar(
        worker=_word(found, "worker", place) or "",
        number=place + 1,
        attempt=int(table["attempt"][place]),
        start_s=float(table["started_s"][place]),
        end_s=None if np.isnan(end_s) else end_s,
        state=STATES[table["state"][place]].value,
        cause=_word(found, "cause", place),
    )


def _word(found: Columns, name: str, place: int) -> str | None:
    code = found.table[name][place]
    return found.words[code] if code >= 0 else None


def _earlier(store: Store, found: Columns, low: float, since: float) -> Iterator[Bar]:
    """The attempts before the last of trials that were begun again, and the last of those that wait or were
    cancelled."""
    attempt, started = found.table["attempt"], found.table["started_s"]
    idle = found.state_is(TrialState.QUEUED, TrialState.CANCELLED)
    again = np.flatnonzero(((attempt > 1) & (started >= low) | idle & (attempt > 0)) & (started >= since))
    again = again[np.argsort(started[again], kind="stable")][:RETRIED]
    for row in store.attempts_of(found.study.id, (again + 1).tolist()):
        if row.attempt < attempt[row.number - 1] or idle[row.number - 1]:
            cause = row.cause.value if row.cause else None
            yield Bar(row.worker, row.number, row.attempt, row.started_s, row.ended_s, row.state.value, cause)


def _inside(bar: Bar, low: float, high: float) -> bool:
    return bar.start_s <= high and (bar.end_s is None or bar.end_s >= low)


def _begun(bar: Bar) -> tuple[float, int, int]:
    return bar.start_s, bar.number, bar.attempt


def _placed(bars: list[Bar]) -> list[Bar]:
    """Bars without a worker in rows where they do not overlap."""
    free: list[float] = []
    placed = []
    for bar in bars:
        if not bar.worker:
            row = next((i for i, end in enumerate(free) if end <= bar.start_s), len(free))
            free[row : row + 1] = [math.inf if bar.end_s is None else bar.end_s]
            bar = replace(bar, worker=f"{UNKNOWN} {row + 1}")
        placed.append(bar)
    return placed


def _natural(worker: str) -> list[tuple[int, int, str]]:
    """node-2 before node-10; those not told last."""
    parts = re.split(r"([0-9]+)", worker)
    pieces = ((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
    return [(int(worker.startswith(UNKNOWN)), 0, ""), *pieces]
