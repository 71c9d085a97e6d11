"""A study's trials as numpy columns, kept while the store is open and brought up to date by revision.

All charts are computed from these. A column is read when the first chart asks for it; later only the trials
come that have changed, by an index on (study, revision), however many there are. What a caller gets is a
snapshot that nothing changes, so that any number of threads may compute with it.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from nas.errors import UnknownNameError
from nas.records import Limit, Objective, TrialState
from nas.service.values import GROWS
from nas.store import Store
from nas.store.codec import whole
from nas.store.rows import COSTS, StudyRow

KEPT = 6
"""Studies of a store whose columns are kept, those asked for last: with 100,000 trials and every column some
20 MB each."""
RELOAD = 5_000
"""Where more trials than this have changed, a column of metrics is read anew."""

STATES = tuple(TrialState)
CODES = {state.value: code for code, state in enumerate(STATES)}
LARGEST = 2**1023

Array = NDArray[Any]
Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

COST, PATHS, TIMES, NETWORKS = "costs", "paths", "times", "networks"
GROUPS: Mapping[str, tuple[str, ...]] = {
    COST: ("activations", "train_bytes", "layers", "receptive_field"),
    PATHS: ("paths",),
    TIMES: ("attempt", "worker", "cause", "started_s", "ended_s"),
    NETWORKS: ("point",),
}
"""Columns that are read together, besides `ALWAYS` and the values."""
ALWAYS = ("state", "params", "macs")


@dataclass(frozen=True)
class Columns:
    """The trials of a study at one revision; entry i of every column is of trial i + 1."""

    study: StudyRow
    table: Mapping[str, Array]
    """Columns of the table of trials: NaN where there is nothing; `state`, `worker` and `cause` as codes,
    `point` as a number that is the same for equal points."""
    words: Sequence[str]
    """What the codes of `worker` and `cause` mean; -1 is none."""
    told: Mapping[str, Floats]
    """Metrics that trials ended with."""
    memo: dict[Any, Any] = field(default_factory=dict)
    """What was computed from this snapshot."""
    carried: dict[Any, Any] = field(default_factory=dict)
    """What any snapshot of the study leaves to the others, to compute less from."""

    def __len__(self) -> int:
        return len(self.table["state"])

    def values(self, metric: str) -> Floats:
        """An objective, a cost or a metric that was asked for; NaN where it is not known."""
        places = [objective.metric for objective in self.study.spec.objectives]
        if metric in places:
            return self.table[f"value_{places.index(metric)}"]
        return self.table[metric] if metric in COSTS else self.told[metric]

    def state_is(self, *states: TrialState) -> Marks:
        """Which trials are in one of these states."""
        return np.isin(self.table["state"], [CODES[state.value] for state in states])

    def state_names(self, where: Array) -> list[str]:
        """The states of some trials, by their places."""
        return [STATES[code].value for code in self.table["state"][where].tolist()]

    @property
    def feasible(self) -> Marks:
        """Complete trials that keep all limits of the study: those that can be its answer."""
        marks = self.state_is(TrialState.COMPLETE)
        for limit in self.study.spec.limits:
            marks &= keeps(limit, self.values(limit.metric))
        return marks


def keeps(limit: Limit, values: Floats) -> Marks:
    """Where values keep a limit; what is not known does not."""
    return values <= limit.bound if limit.upper else values >= limit.bound


def columns(
    store: Store, study: str | StudyRow, *, metrics: Iterable[str] = (), groups: Iterable[str] = ()
) -> Columns:
    """The columns of a study by now, those of `groups` and the costs and metrics named among them.

    Raises:
        StudyNotFoundError: no study has this name.
        UnknownNameError: no cost of that name, and no trial has told such a metric.
    """
    row = store.study(study) if isinstance(study, str) else study
    limited = [limit.metric for limit in row.spec.limits]
    needed = [name for name in (*limited, *metrics) if name not in _aims(row)]
    costs = {group for group in (COST, PATHS) if not set(needed).isdisjoint(GROUPS[group])}
    told = {name for name in needed if name not in COSTS}
    return _kept(store, row.id).at(store, row, {*groups, *costs}, told - set(limited), set(limited) & told)


def direction(row: StudyRow, metric: str | None) -> Objective:
    """A metric with the way that is better: by default the first objective."""
    if metric is None:
        return row.spec.objectives[0]
    known = {objective.metric: objective for objective in row.spec.objectives}
    return known.get(metric, Objective(metric, minimize=metric not in GROWS))


def metric_names(store: Store, row: StudyRow) -> list[str]:
    """All that a chart may show: objectives, metrics that trials have told, costs."""
    return list(dict.fromkeys([*_aims(row), *store.metric_names(row.id), *COSTS]))


def finite(values: Array) -> list[float | None]:
    """As JSON data: None for what is no finite number."""
    good = np.isfinite(values)
    if good.all():
        return values.tolist()  # type: ignore[no-any-return]
    return [value if known else None for value, known in zip(values.tolist(), good.tolist(), strict=True)]


def evenly(count: int, most: int) -> Array:
    """Up to `most` of the places 0 ... count - 1, evenly, the first and the last among them."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, max(most, 0)).round().astype(np.int64))


def _aims(row: StudyRow) -> list[str]:
    return [objective.metric for objective in row.spec.objectives]


# What is kept

_lock = threading.Lock()
_stores: WeakKeyDictionary[Store, OrderedDict[int, "_Kept"]] = WeakKeyDictionary()


def _kept(store: Store, study_id: int) -> "_Kept":
    with _lock:
        studies = _stores.setdefault(store, OrderedDict())
        found = studies.setdefault(study_id, _Kept())
        studies.move_to_end(study_id)
        while len(studies) > KEPT:
            studies.popitem(last=False)
        return found


class _Kept:
    """The columns of one study; one thread at a time brings them up to date."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: Columns | None = None
        self._groups: dict[str, None] = {}
        self._codes: dict[str, int] = {}

    def at(
        self, store: Store, row: StudyRow, groups: set[str], metrics: set[str], limited: set[str]
    ) -> Columns:
        """A snapshot at the row's revision, or a later one."""
        with self._lock:
            now = self._now or self._begun(store, row)
            if row.revision > now.study.revision:
                now = self._refreshed(store, row, now)
            missing = groups - self._groups.keys()
            if missing or (metrics | limited) - now.told.keys():
                now = self._widened(store, now, missing, metrics, limited)
            self._now = now
            return now

    def _begun(self, store: Store, row: StudyRow) -> Columns:
        self._groups, self._codes = {}, {}
        names = _always(row)
        read = store.trial_columns(row.id, names)
        return Columns(row, self._filled({}, names, read, max(read[0], default=0)), (), {})

    def _refreshed(self, store: Store, row: StudyRow, now: Columns) -> Columns:
        """With the trials that have changed since."""
        names = [*_always(row), *(name for group in self._groups for name in GROUPS[group])]
        read = store.trial_columns(row.id, names, after=now.study.revision)
        length = max(len(now), max(read[0], default=0))
        table = self._filled(now.table, names, read, length)
        told = {name: _updated(store, row.id, name, old, length, read[0]) for name, old in now.told.items()}
        return Columns(row, table, tuple(self._codes), told, carried=now.carried)

    def _widened(
        self, store: Store, now: Columns, groups: set[str], metrics: set[str], limited: set[str]
    ) -> Columns:
        """With columns that nobody has asked for before."""
        row = now.study
        if unknown := metrics - now.told.keys() - set(store.metric_names(row.id)):
            raise UnknownNameError("metric", min(unknown), metric_names(store, row))
        table, told = dict(now.table), dict(now.told)
        for group in sorted(groups):
            names = GROUPS[group]
            table |= self._filled({}, names, store.trial_columns(row.id, names), len(now))
        for name in sorted((metrics | limited) - told.keys()):
            told[name] = _read(store, row.id, name, len(now))
        self._groups |= dict.fromkeys(sorted(groups))  # not before all of it was read
        return Columns(row, table, tuple(self._codes), told, carried=now.carried)

    def _filled(
        self, old: Mapping[str, Array], names: Sequence[str], read: list[list[Any]], length: int
    ) -> dict[str, Array]:
        """Columns of that length, with what was read in its places; trials beyond it are for another time."""
        if not read[0] and old:
            return dict(old)
        places = np.array(read[0], dtype=np.int64) - 1
        inside = places < length
        table = {}
        for name, column in zip(names, read[1:], strict=True):
            values = self._encoded(name, column)
            table[name] = grown(old.get(name), length, values.dtype)
            table[name][places[inside]] = values[inside]
        return table

    def _encoded(self, name: str, values: Sequence[Any]) -> Array:
        if name == "state":
            return np.fromiter(map(CODES.__getitem__, values), dtype=np.int8, count=len(values))
        if name in ("worker", "cause"):
            return np.fromiter(map(self._code, values), dtype=np.int32, count=len(values))
        if name == "point":
            return np.fromiter(map(hash, values), dtype=np.int64, count=len(values))
        if name == "paths":
            values = [None if text is None else float(min(whole(text), LARGEST)) for text in values]
        return np.array(values, dtype=np.float64)

    def _code(self, word: str | None) -> int:
        return self._codes.setdefault(word, len(self._codes)) if word else -1


def _always(row: StudyRow) -> list[str]:
    return [*ALWAYS, *(f"value_{place}" for place in range(len(row.spec.objectives)))]


def grown(old: Array | None, length: int, kind: Any) -> Array:
    """A copy of a column with that length; new places have nothing: NaN, or -1."""
    column = np.full(length, np.nan if np.issubdtype(kind, np.floating) else -1, dtype=kind)
    if old is not None:
        column[: len(old)] = old
    return column


def _read(store: Store, study_id: int, name: str, length: int) -> Floats:
    return _placed(np.full(length, np.nan), store.metric_column(study_id, name))


def _updated(
    store: Store, study_id: int, name: str, old: Floats, length: int, changed: Sequence[int]
) -> Floats:
    if not changed:
        return old
    if len(changed) > RELOAD:
        return _read(store, study_id, name, length)
    return _placed(grown(old, length, old.dtype), store.metric_column(study_id, name, changed))


def _placed(column: Floats, read: list[list[Any]]) -> Floats:
    """With numbers' values in their places."""
    places = np.array(read[0], dtype=np.int64) - 1
    inside = places < len(column)
    column[places[inside]] = np.array(read[1], dtype=np.float64)[inside]
    return column
