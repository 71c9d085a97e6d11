"""Whether studies can be compared, and in what else they differ."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from nas.errors import NasError
from nas.records import Objective
from nas.service.specify import differing
from nas.service.views.columns import direction, metric_names
from nas.store import Store
from nas.store.rows import StudyRow

NAMED = 4
"""Metrics that an error offers."""


def refuse_incomparable(store: Store, rows: Sequence[StudyRow], metric: str | None) -> Objective:
    """What studies are compared by: a metric, by default the first objective of the first of them.

    Raises:
        NasError: they are on different data, have no objective in common and no metric was named, or what is
            better differs; the message says what does not match.
    """
    if len({row.spec.data for row in rows}) > 1:
        raise NasError(
            f"these studies have different data, so that their results cannot be compared: "
            f"{_each(rows, [row.spec.data for row in rows])}; compare studies on one data set: nas studies"
        )
    aim = direction(rows[0], metric)
    without = [row for row in rows if aim.metric not in _aims(row)]
    if metric is None and without:
        raise NasError(
            f"these studies have different metrics: {_each(rows, [', '.join(_aims(row)) for row in rows])}; "
            f"{_shared(store, rows)}"
        )
    ways = [direction(row, aim.metric).minimize for row in rows]
    if len(set(ways)) > 1:
        said = [f"{'min' if way else 'max'}imized" for way in ways]
        raise NasError(
            f"these studies do not agree on what is better: {aim.metric} is {_each(rows, said)}; "
            f"{_shared(store, rows, aim.metric)}"
        )
    return aim


def differences(a: StudyRow, b: StudyRow) -> list[str]:
    """What two studies were asked differently, besides where they search and with which seed."""
    one, other = (replace(row.spec, space={}, seed=0, objectives=()) for row in (a, b))
    said = [f"{path}: {left} in {a.name}, {right} in {b.name}" for path, left, right in differing(one, other)]
    if a.spec.objectives != b.spec.objectives:
        said.insert(0, f"objectives: {_objectives(a)} in {a.name}, {_objectives(b)} in {b.name}")
    return said


def _shared(store: Store, rows: Sequence[StudyRow], but: str = "") -> str:
    """A metric to name instead."""
    known = [metric_names(store, row) for row in rows]
    shared = [name for name in known[0] if name != but and all(name in names for names in known)]
    return f"name one that all of them know: --metric {' or '.join(shared[:NAMED])}"


def _each(rows: Sequence[StudyRow], said: Sequence[str]) -> str:
    """`error in a and b, accuracy in c`."""
    pairs = sorted(zip(said, (row.name for row in rows), strict=True), key=lambda pair: said.index(pair[0]))
    groups = itertools.groupby(pairs, key=lambda pair: pair[0])
    return ", ".join(f"{what} in {' and '.join(name for _, name in group)}" for what, group in groups)


def _aims(row: StudyRow) -> list[str]:
    return [aim.metric for aim in row.spec.objectives]


def _objectives(row: StudyRow) -> str:
    return ", ".join(f"{aim.metric} {'min' if aim.minimize else 'max'}imized" for aim in row.spec.objectives)
