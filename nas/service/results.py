"""What came of a study's networks, as analyses take it: those with a finite value that meet conditions.

Networks with repeats count once, by the means of theirs, and meet conditions as the first of their trials.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nas.errors import NasError
from nas.records import Objective, TrialState
from nas.service.conditions import condition
from nas.service.pareto import nothing_yet
from nas.service.views.columns import Floats, Marks, direction
from nas.service.views.standing import contenders
from nas.store import Store
from nas.store.rows import StudyRow

INDEPENDENT = ("random", "quasirandom", "grid")
"""Samplers that do not look at results: tests and intervals take networks as drawn independently, of which
the latter two are more even."""


@dataclass(frozen=True)
class Results:
    """What came of a study's networks: an entry each of those that have a finite value, by number."""

    study: StudyRow
    aim: Objective
    numbers: list[int]
    values: Floats
    feasible: Marks
    """Which keep all limits of the study."""
    costs: Mapping[str, Floats]
    """`params`, `macs` and what else was asked for; NaN where it is not known."""

    @property
    def losses(self) -> Floats:
        """Less is better."""
        return self.values if self.aim.minimize else -self.values

    @property
    def best(self) -> float | None:
        """Of those that keep the limits."""
        found = self.values[self.feasible]
        if not len(found):
            return None
        return float(found.min() if self.aim.minimize else found.max())


def results(
    store: Store,
    row: StudyRow,
    metric: str | None = None,
    *,
    costs: Iterable[str] = (),
    where: Sequence[str] = (),
    option: str = "--where",
) -> Results:
    """What came of a study's complete networks that meet all conditions. Raises `UnknownNameError`."""
    aim = direction(row, metric)
    asked = dict.fromkeys(["params", "macs", *costs])
    rivals = contenders(store, row, [aim.metric, *asked])
    values = rivals.values[aim.metric]
    known = np.flatnonzero(np.isfinite(values))
    if where:
        known = known[meeting(store, row, (rivals.first[known] + 1).tolist(), where, option)]
    return Results(
        study=row,
        aim=aim,
        numbers=(rivals.first[known] + 1).tolist(),
        values=values[known],
        feasible=rivals.feasible[known],
        costs={name: rivals.values[name][known] for name in asked},
    )


def meeting(
    store: Store, row: StudyRow, numbers: Sequence[int], conditions: Sequence[str], option: str
) -> Marks:
    """Which of these trials meet all conditions."""
    filters = [condition(store, row, text, option) for text in conditions]
    found = store.find_numbers(row.id, states=[TrialState.COMPLETE], where=filters)
    return np.isin(np.array(numbers, dtype=np.int64), np.array(found, dtype=np.int64))


def refuse_nothing(found: Results, where: Sequence[str] = ()) -> None:
    """Refuse a study without a value to analyse, and say why there is none."""
    name, metric = found.study.name, found.aim.metric
    if len(found.values):
        return
    if not found.study.counts[TrialState.COMPLETE]:
        raise nothing_yet(name)
    only = f" that meets {' and '.join(where)}" if where else ""
    raise NasError(f"study {name!r}: no complete trial{only} has a finite {metric}: see nas trials {name}")


def refuse_unfinished(rows: Iterable[StudyRow]) -> None:
    """Refuse studies without a complete trial: there is nothing to lay beside others."""
    for row in rows:
        if not row.counts[TrialState.COMPLETE]:
            raise nothing_yet(row.name)


def caution(rows: Sequence[StudyRow]) -> str:
    """Why results are no independent draws, which tests and intervals take for granted; empty if they are."""
    said = []
    if chosen := [f"{row.name} by {drawn(row)}" for row in rows if not independent(row)]:
        said.append(
            f"networks were not drawn independently ({', '.join(chosen)}): they lie where the search looked, "
            "and p and intervals are narrower than they should be; --sampler random shows the space itself"
        )
    pruned = {row.name: n for row in rows if (n := row.counts[TrialState.PRUNED])}
    if pruned:
        counted = ", ".join(f"{n:,} of {name}" for name, n in pruned.items())
        said.append(f"pruned trials are left out ({counted}): the worse networks are missing")
    return "; ".join(said)


def independent(row: StudyRow) -> bool:
    """Whether a study's networks were drawn without regard to results."""
    return row.spec.sampler in INDEPENDENT and row.spec.screen is None


def drawn(row: StudyRow) -> str:
    """By what they were: the sampler, and the proxy that advised it."""
    return row.spec.sampler + (f" with the advice of {row.spec.screen.proxy}" if row.spec.screen else "")
